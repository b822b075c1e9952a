// What the caster's own part of a fan-out costs, without sockets and kernel: `MountpointStream.publish` to many outboxes
// whose native send takes everything at once. `node bench/micro/outbox.bench.ts`, a few seconds. It also counts what a
// rover-epoch leaves on the heap, and ends with an error where that is not next to nothing.

import type { Socket } from 'node:net';
import { PerformanceObserver } from 'node:perf_hooks';
import { Bench } from 'tinybench';
import { allocateCounters, DataPlaneCounters } from '../../caster/metering/data-plane-counters.ts';
import { RECORD_CELLS } from '../../caster/metering/ledger/layout.ts';
import { sendOneByOne } from '../../caster/net/batched-send.ts';
import { type NativeSocket, SEND_BLOCKED } from '../../caster/net/native-socket.ts';
import { Outbox, type OutboxHouse } from '../../caster/net/outbox.ts';
import type { PeerSocket } from '../../caster/net/peer-socket.ts';
import { Epoch } from '../../caster/stream/epoch.ts';
import { DirectSending } from '../../caster/stream/fan-out.ts';
import { MountpointStream } from '../../caster/stream/mountpoint-stream.ts';
import { looseLedger } from '../../test/support/loose-ledger.ts';
import { planStream } from '../swarm/stream-plan.ts';

const ROVERS = 5000;
const EPOCHS = 20;
const ALLOCATION_ROUNDS = 60;
/** Less than the smallest object: what remains is that of the epoch itself, shared by all. */
const HEAP_BYTES_PER_ROVER_EPOCH_MAX = 1;

const plan = planStream(EPOCHS);
const epochs = plan.epochEnds.map((end, index) => {
  const bytes = Buffer.from(plan.bytes.subarray(plan.epochEnds[index - 1] ?? 0, end));
  return new Epoch(bytes, 8, index * 1000);
});

let blocking = false;
const send: NativeSocket['send'] = (_descriptor, _bytes, length) => (blocking ? SEND_BLOCKED : length);
const native: NativeSocket = {
  send,
  sendEach: sendOneByOne(send),
  unacknowledgedBytes: () => 0,
  boundUnsentBytes: () => true,
};

/** In one piece, as in a segment of the ledger. */
const cells = new Float64Array(ROVERS * RECORD_CELLS);
const records = { cells, words: new Int32Array(cells.buffer) };

function house(): OutboxHouse {
  return {
    native,
    counters: new DataPlaneCounters(allocateCounters()),
    blocked: new Set(),
    hurry: () => undefined,
  };
}

/** As much of a socket as an outbox looks at. */
function standIn(): PeerSocket {
  const socket = { _handle: { fd: 7 }, destroyed: false, writableLength: 0, write: () => true };
  return socket as unknown as Socket as PeerSocket;
}

function streamOf(chunked: boolean, lanes = true, shared = house()): MountpointStream {
  const stream = new MountpointStream(
    'BENCH',
    lanes ? new DirectSending(native, shared.counters, looseLedger().lanes) : undefined,
  );
  for (let rover = 0; rover < ROVERS; rover++) {
    const record = { ...records, first: rover * RECORD_CELLS };
    stream.subscribe(new Outbox(standIn(), shared, chunked, record));
  }
  return stream;
}

let at = 0;
const nextEpoch = (): Epoch => epochs[at++ % EPOCHS]!;

const plain = streamOf(false);
const chunked = streamOf(true);
const called = streamOf(false, false);
const stalled = streamOf(false);

/** Bytes that a rover-epoch leaves on the heap, while no garbage is collected; NaN where some was. */
async function measureHeapGrowth(): Promise<number> {
  let collections = 0;
  const observer = new PerformanceObserver((list) => (collections += list.getEntries().length));
  observer.observe({ entryTypes: ['gc'] });
  const before = process.memoryUsage().heapUsed;
  for (let round = 0; round < ALLOCATION_ROUNDS; round++) plain.publish(nextEpoch());
  const after = process.memoryUsage().heapUsed;
  await new Promise((resolve) => setImmediate(resolve));
  observer.disconnect();
  return collections > 0 ? NaN : (after - before) / (ALLOCATION_ROUNDS * ROVERS);
}

const bench = new Bench({ time: 400, warmupTime: 150, throws: true });
bench
  .add('all taken at once', () => plain.publish(nextEpoch()))
  .add('all taken at once, chunked', () => chunked.publish(nextEpoch()))
  .add('all taken at once, each outbox called', () => called.publish(nextEpoch()))
  .add('every kernel refuses: newest waits', () => {
    blocking = true;
    stalled.publish(nextEpoch());
    blocking = false;
  });
await bench.run();
console.table(
  bench.tasks.map(({ name, result }) => ({
    case: name,
    'ns per rover-epoch':
      'latency' in result ? Number(((result.latency.p50 * 1e6) / ROVERS).toFixed(1)) : NaN,
  })),
);

let growth = NaN;
for (let attempt = 0; attempt < 5 && Number.isNaN(growth); attempt++) growth = await measureHeapGrowth();
console.log(`heap growth: ${growth.toFixed(3)} B per rover-epoch`);
if (!(growth <= HEAP_BYTES_PER_ROVER_EPOCH_MAX)) {
  console.log(
    `that is more than ${HEAP_BYTES_PER_ROVER_EPOCH_MAX}: something is allocated for every rover and epoch`,
  );
  process.exitCode = 1;
}
