// The broker against what no client would send: whole packets with damage in them, pieces in any order, through TLS, as a
// vehicle that was let in and as one that was not. Its thread must live, and another vehicle must not notice.

import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BrokerHouse, type EnrolledVehicle, openBrokerHouse } from '../support/broker-house.ts';
import {
  ack,
  connect as connectPacket,
  packet,
  publish,
  subscribe,
  text,
  unsubscribe,
} from '../unit/licensing/broker/mqtt-bytes.ts';

const SEED = 20_261_130;
const ROUNDS = 400;
const AT_ONCE = 8;

let house: BrokerHouse;
const cars: EnrolledVehicle[] = [];
let witness: EnrolledVehicle;
beforeAll(async () => {
  house = await openBrokerHouse();
  // One for each that attacks: none is refused for connecting too often.
  for (let n = 0; n < AT_ONCE; n += 1) cars.push(await house.enrol(`LSVFUZZ000000010${n}`));
  witness = await house.enrol('LSVFUZZ0000000002');
});
afterAll(async () => await house.stop());

/** Numerical Recipes' generator: the same on every machine. */
function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

async function openAs(vehicle: EnrolledVehicle): Promise<TLSSocket> {
  const { chain: cert, privateKey: key } = vehicle;
  const socket = connect({
    host: '127.0.0.1',
    port: house.mqtts,
    ca: house.root,
    servername: 'localhost',
    cert,
    key,
  });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  return socket;
}

function packetsOf(vehicleId: string): readonly Buffer[] {
  const own = `v1/vehicles/${vehicleId}`;
  return [
    connectPacket(2, ...text(vehicleId)),
    connectPacket(0, ...text(vehicleId)),
    connectPacket(0x06, ...text(vehicleId), ...text(`${own}/up/state`), ...text('bye')),
    connectPacket(2, ...text('__proto__')),
    publish(`${own}/up/state`),
    publish(`${own}/up/state`, { first: 0x30 }),
    publish(`${own}/up/state`, { first: 0x34, id: 5 }),
    publish('$SYS/x'),
    publish('a/'.repeat(120)),
    subscribe([`${own}/down/#`, `${own}/down/+`]),
    subscribe(['#', '__proto__', 'constructor']),
    unsubscribe([`${own}/down/#`, '__proto__', 'a/'.repeat(90)]),
    ack(0x40, 9),
    ack(0x50, 5),
    ack(0x62, 5),
    ack(0x70, 5),
    packet(0xc0),
    packet(0xe0),
    packet(0xf0, 1, 2, 3),
    Buffer.from([0x32, 0xff, 0xff, 0xff, 0x7f]),
  ];
}

async function attack(car: EnrolledVehicle, round: number): Promise<void> {
  const random = randomOf(SEED + round);
  const packets = packetsOf(car.vehicleId);
  const socket = await openAs(car);
  // Most begin as they should, so that what follows is looked at.
  if (random(4) > 0) socket.write(packets[random(2)]!);
  for (let left = 1 + random(6); left > 0 && !socket.destroyed; left -= 1) {
    const bytes = Buffer.from(packets[random(packets.length)]!);
    for (let damage = random(3); damage > 0; damage -= 1) bytes[random(bytes.length)] = random(256);
    const cut = random(3) === 0 ? random(bytes.length) : bytes.length;
    socket.write(bytes.subarray(0, cut));
    if (random(2) === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  socket.resume();
  if (socket.closed) return;
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.end();
  await closed;
}

test('no bytes end the thread, nor the session of another vehicle', { timeout: 120_000 }, async () => {
  const bystander = await openAs(witness);
  bystander.write(connectPacket(2, ...text(witness.vehicleId)));
  await once(bystander, 'data');
  let next = 0;
  const attackers = cars.map(async (car) => {
    while (next < ROUNDS) await attack(car, (next += 1));
  });
  await Promise.all(attackers);
  expect([house.link.restarts, bystander.destroyed], `seed ${SEED}`).toEqual([0, false]);
  bystander.write(packet(0xc0));
  const [answer] = (await once(bystander, 'data')) as [Buffer];
  expect(answer).toEqual(packet(0xd0));
  bystander.destroy();
});
