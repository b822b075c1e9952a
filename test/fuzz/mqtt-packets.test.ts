// Damaged packets straight into the broker of vehicles, many more than fit through TLS: nothing is thrown, no session is
// left behind, and a vehicle that does as it should is served among them. A longer run: MQTT_FUZZ_SECONDS, MQTT_FUZZ_SEED.

import { duplexPair, type Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import path from 'node:path';
import { expect, test } from 'vitest';
import { BrokerStore, type KeptUp } from '../../licensing/broker/broker-store.ts';
import { VehicleBroker } from '../../licensing/broker/vehicle-broker.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { connect, publish, text } from '../unit/licensing/broker/mqtt-bytes.ts';
import { fuzzedSession } from './mqtt-packets.ts';

const SEED = Number(process.env.MQTT_FUZZ_SEED ?? 20_261_130);
const SECONDS = Number(process.env.MQTT_FUZZ_SECONDS ?? 3);
const ATTACKERS = 16;
/** As many as come again so late that none is refused for connecting too often; two sessions in a row are of one. */
const VEHICLES = 5000;
/** Of the event loop, for an answer. */
const TURNS = 30;
/** Some of its messages are worked on at a time; those that fuzz are of the same kinds. */
const KINDS = ['state', 'uses', 'ota', 'claim', 'receipt'] as const;
const WITNESS = 'LSVFUZZ0000WITNESS';

const folder = useTempFolder();

async function openBroker() {
  const store = new BrokerStore(path.join(folder, 'broker.db'));
  const seen = { refused: 0, connected: 0, disconnected: 0, witnessed: 0 };
  let taking = Promise.resolve();
  const broker: VehicleBroker = await VehicleBroker.open(store, {
    admit: () =>
      Promise.resolve({
        ok: true,
        certificateId: 'cert_1',
        endsAtMs: Infinity,
        endsBy: 'certificate_expired',
      }),
    connected: () => void (seen.connected += 1),
    disconnected: () => void (seen.disconnected += 1),
    refused: () => void (seen.refused += 1),
    uplinks: (ups: readonly KeptUp[]) => {
      seen.witnessed += ups.filter(({ vehicleId }) => vehicleId === WITNESS).length;
      taking = taking.then(async () => {
        await turn();
        await broker.upsTaken(ups.map(({ id }) => id));
      });
    },
  });
  broker.handles(KINDS);
  const answered = new WeakSet<Duplex>();
  const open = (vehicleId: string): Duplex => {
    const [client, server] = duplexPair();
    client.on('error', () => undefined);
    client.on('data', () => answered.add(client));
    server.on('close', () => client.destroy());
    client.on('close', () => server.destroy());
    const peer = { way: 'certificate', address: '192.0.2.1', vehicleId, serial: '01' } as const;
    broker.take(server as unknown as TLSSocket, peer);
    return client;
  };
  /** Resolves when nothing is being taken, which writes into the store. */
  const allTaken = async (): Promise<void> => {
    let last: Promise<void>;
    do await (last = taking);
    while (last !== taking);
  };
  return { store, broker, seen, answered, open, allTaken };
}

test(
  'no packet throws, and none costs another vehicle its session',
  { timeout: (SECONDS + 60) * 1000 },
  async () => {
    const { store, broker, seen, answered, open, allTaken } = await openBroker();
    const witness = open(WITNESS);
    witness.write(connect(2, ...text(WITNESS)));
    let [packets, sessions, sent] = [0, 0, 0];
    const endMs = performance.now() + SECONDS * 1000;
    const attack = async (): Promise<void> => {
      while (performance.now() < endMs) {
        sessions += 1;
        const vehicleId = `LSVFUZZ${10_000_000 + (Math.floor(sessions / 2) % VEHICLES)}`;
        const session = fuzzedSession(SEED, sessions, vehicleId);
        packets += session.packets;
        const client = open(vehicleId);
        if (session.hello !== undefined) {
          client.write(session.hello);
          for (let left = TURNS; left > 0 && !answered.has(client); left -= 1) await turn();
        }
        for (const piece of session.pieces) {
          client.write(piece);
          if (piece.length < 20) await turn();
        }
        if (!session.breaksOff) for (let left = TURNS; left > 0 && !client.destroyed; left -= 1) await turn();
        if (sessions % 50 === 0) {
          witness.write(publish(`v1/vehicles/${WITNESS}/up/state`, { id: 1 + (sent % 60_000) }));
          sent += 1;
          await broker.push(vehicleId, 'ota', Buffer.from('{}'));
        }
        client.destroy();
        await turn();
      }
    };
    await Promise.all(Array.from({ length: ATTACKERS }, attack));
    while (seen.witnessed < sent && !witness.destroyed) await turn();
    const mib = Math.round(process.memoryUsage().rss / 2 ** 20);
    const { refused, connected } = seen;
    console.log(
      `seed ${SEED}: ${packets} packets in ${sessions} sessions, ${refused} refused, ${connected} let in, ${mib} MiB`,
    );
    expect([witness.destroyed, seen.witnessed, broker.connected], `seed ${SEED}`).toEqual([false, sent, 1]);
    await broker.close();
    expect(seen.disconnected).toBe(seen.connected);
    await allTaken();
    store.close();
  },
);
