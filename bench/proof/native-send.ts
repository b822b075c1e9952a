// What one epoch to one rover costs the sender by koffi and send(2), by socket.write, and by fs.writeSync, and what
// the parts of the first cost. Figures: DECISIONS.md. Run: node bench/proof/native-send.ts [bytes of an epoch] [rovers]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import koffi from 'koffi';
import { descriptorOf } from '../../test/proof/descriptor.ts';
import { errno, MSG_DONTWAIT, MSG_NOSIGNAL, send, sendAddress } from '../../test/proof/libc.ts';
import { callNs, median, printRow } from './measure.ts';

const SENDS_A_ROUND = 8_000;
const ROUNDS = 41;
const FLAGS = MSG_DONTWAIT | MSG_NOSIGNAL;

const epochBytes = Number(process.argv[2] ?? 700);
const roverCount = Number(process.argv[3] ?? 4000);
const sink = fork(path.join(import.meta.dirname, 'sink.ts'));
// The sink's one message is its port.
const [port] = (await once(sink, 'message')) as [number];
const rovers: Socket[] = [];
for (let i = 0; i < roverCount; i += 1) {
  const rover = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(rover, 'connect');
  rovers.push(rover);
}

const epoch = Buffer.alloc(epochBytes, 0xd3);
const address = koffi.address(epoch);
let short = 0;

const doors: Record<string, (rover: Socket) => void> = {
  'send(2), a Buffer': (rover) => {
    if (rover.writableLength > 0) short += 1;
    else if (send(descriptorOf(rover), epoch, epoch.length, FLAGS) !== epoch.length) short += 1;
  },
  'send(2), its address as a number': (rover) => {
    if (rover.writableLength > 0) short += 1;
    else if (sendAddress(descriptorOf(rover), Number(address), epoch.length, FLAGS) !== epoch.length)
      short += 1;
  },
  'fs.writeSync': (rover) => {
    if (writeSync(descriptorOf(rover), epoch) !== epoch.length) short += 1;
  },
  'socket.write': (rover) => {
    rover.write(epoch);
  },
};

async function playRound(door: (rover: Socket) => void): Promise<{ userUs: number; systemUs: number }> {
  const before = process.cpuUsage();
  for (let sends = 0; sends < SENDS_A_ROUND; sends += roverCount) {
    for (const rover of rovers) door(rover);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { user, system } = process.cpuUsage(before);
  return { userUs: user / SENDS_A_ROUND, systemUs: system / SENDS_A_ROUND };
}

const rounds = new Map(
  Object.keys(doors).map((name) => [name, [] as { userUs: number; systemUs: number }[]]),
);
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, door] of Object.entries(doors)) {
    const figures = await playRound(door);
    // The first rounds are the compiler's.
    if (round > 4) rounds.get(name)!.push(figures);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
console.log(
  `an epoch of ${epochBytes} bytes to ${roverCount} rovers, CPU of the sender per send, median of ${ROUNDS}`,
);
for (const [name, figures] of rounds) {
  printRow(name, {
    'us user': median(figures.map(({ userUs }) => userUs)),
    'us system': median(figures.map(({ systemUs }) => systemUs)),
    'us both': median(figures.map(({ userUs, systemUs }) => userUs + systemUs)),
  });
}
console.log(`sends that were short: ${short}`);

console.log('\nparts of a native send, with a descriptor the kernel refuses at once');
const rover = rovers[0]!;
const megabyte = Buffer.alloc(1 << 20);
const parts: Record<string, () => unknown> = {
  'send, Buffer': () => send(-1, epoch, epoch.length, FLAGS),
  'send, Buffer of 1 MB (no copy)': () => send(-1, megabyte, megabyte.length, FLAGS),
  'send, address as BigInt': () => sendAddress(-1, address, epoch.length, FLAGS),
  'send, address as number': () => sendAddress(-1, Number(address), epoch.length, FLAGS),
  'koffi.address of a Buffer': () => koffi.address(epoch),
  errno: () => errno(),
  '_handle.fd and destroyed': () => descriptorOf(rover),
  writableLength: () => rover.writableLength,
};
for (const [name, part] of Object.entries(parts)) printRow(name, { ns: callNs(part) });

for (const socket of rovers) socket.destroy();
sink.disconnect();
