// Proves DESIGN §5.4: an epoch sent by send(2) on the descriptor of a Node socket reaches its rover and nobody
// else, as long as the descriptor is read in the same tick, on the owning thread, from a socket that is neither
// destroyed nor has anything queued; and that peers who vanish cost an errno, never the process.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, onTestFailed, test } from 'vitest';
import { type ChurnOptions, type ChurnReport, runChurn, type StreamResult } from './descriptor-churn.ts';
import { descriptorOf } from './descriptor.ts';
import { errno, ERRNO, MSG_DONTWAIT, MSG_NOSIGNAL, send } from './libc.ts';
import { connectPair, type SocketPair, turnUntil } from './socket-pair.ts';

const FLAGS = MSG_DONTWAIT | MSG_NOSIGNAL;
const SEED = 20_261_121;

function startChurnWorker(options: ChurnOptions): Worker {
  return new Worker(path.join(import.meta.dirname, 'descriptor-churn-worker.ts'), { workerData: options });
}

function nextReport(worker: Worker): Promise<ChurnReport> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject).on('message', (message: 'running' | ChurnReport) => {
      if (message !== 'running') resolve(message);
    });
  });
}

/** The streams that did not arrive as they should: wrong bytes, or too few with nobody vanished. */
function spoiled({ results }: ChurnReport): StreamResult[] {
  return results.filter(
    ({ isExact, vanished, received, handedOver }) =>
      !isExact || (vanished ? received > handedOver : received !== handedOver),
  );
}

function expectOwnBytes(report: ChurnReport): void {
  onTestFailed(() => {
    console.error(`seed ${report.seed}`);
  });
  expect(spoiled(report)).toEqual([]);
  expect(report.strayBytes).toBe(0);
  expect(report.oddErrors).toEqual([]);
}

/** What one send says: bytes taken, or the name of the errno. */
function trySend({ ours }: SocketPair, bytes: Buffer): number | string {
  const taken = send(descriptorOf(ours), bytes, bytes.length, FLAGS);
  if (taken >= 0) return taken;
  const reason = errno();
  return Object.keys(ERRNO).find((name) => ERRNO[name] === reason) ?? `errno ${reason}`;
}

/** Sends until the kernel refuses, and returns what it took and why it refused. */
function sendUntilRefused(pair: SocketPair, bytes: Buffer): { taken: number; refusal: string } {
  let taken = 0;
  for (let sends = 0; sends < 100_000; sends += 1) {
    const outcome = trySend(pair, bytes);
    if (typeof outcome === 'string') return { taken, refusal: outcome };
    taken += outcome;
  }
  throw new Error('the kernel took 100 000 epochs and refused none');
}

describe('send(2) on the descriptor of a Node socket', () => {
  test.each([
    { transport: 'native', rule: 'read anew for each epoch' },
    { transport: 'native-kept', rule: 'kept for as long as the socket has the same handle' },
  ] as const)(
    'gives every rover exactly its own bytes while descriptors change hands, $rule',
    async ({ transport }) => {
      const report = await runChurn({ seed: SEED, streams: 500, liveMax: 50, transport });
      expectOwnBytes(report);
      // The test is worth its name only if numbers were reused, and every branch of the rule was taken.
      expect(report.descriptorsReused).toBeGreaterThan(250);
      expect(Math.min(...Object.values(report.sends))).toBeGreaterThan(10);
    },
  );

  test('delivers what socket.write delivers', async () => {
    const options = { seed: SEED + 1, streams: 300, liveMax: 40 };
    const native = await runChurn({ ...options, transport: 'native' });
    const ordinary = await runChurn({ ...options, transport: 'socket.write' });
    const clean = ({ results }: ChurnReport) =>
      results
        .filter(({ vanished }) => !vanished)
        .map(({ key, received, isExact }) => [key, received, isExact]);
    expectOwnBytes(ordinary);
    expect(clean(native)).toEqual(clean(ordinary));
    expect(clean(native).length).toBeGreaterThan(150);
  });

  test('reaches a stranger when the descriptor is kept past the end of its socket', async () => {
    const first = await connectPair();
    const kept = descriptorOf(first.ours);
    first.close();
    await turnUntil('the first socket closes', () => first.ours.closed && first.theirs.closed);
    // The kernel gives out the lowest free number, so before long a newcomer has the one that was kept.
    const strangers: SocketPair[] = [];
    let robbed: SocketPair | undefined;
    while (robbed === undefined && strangers.length < 50) {
      strangers.push(await connectPair());
      robbed = strangers.find(({ ours }) => descriptorOf(ours) === kept);
    }
    let heard = '';
    robbed?.theirs.on('data', (bytes) => (heard += bytes.toString())).resume();
    send(kept, Buffer.from('not yours'), 9, FLAGS);
    await turnUntil('the stranger hears it', () => heard.length > 0);
    strangers.forEach(({ close }) => {
      close();
    });
    expect(heard).toBe('not yours');
  });

  test('keeps to its own sockets in three worker threads at once', async () => {
    const workers = [1, 2, 3].map((thread) =>
      startChurnWorker({ seed: SEED + 10 * thread, streams: 200, liveMax: 40, transport: 'native' }),
    );
    const reports = await Promise.all(workers.map(nextReport));
    reports.forEach(expectOwnBytes);
    expect(reports.map(({ results }) => results.length)).toEqual([200, 200, 200]);
  });

  test('goes on unharmed while other threads are ended in the middle of theirs', async () => {
    const untouched = runChurn({ seed: SEED + 2, streams: 600, liveMax: 20, transport: 'native' });
    for (let ending = 0; ending < 8; ending += 1) {
      const worker = startChurnWorker({
        seed: SEED + ending,
        streams: 1e9,
        liveMax: 40,
        transport: 'native',
      });
      await once(worker, 'message');
      await worker.terminate();
    }
    expectOwnBytes(await untouched);
  });
});

describe('send(2) to a peer that', () => {
  const epoch = Buffer.alloc(2000, 0xd3);

  test('reset the connection says ECONNRESET once and EPIPE from then on', async () => {
    const pair = await connectPair();
    pair.theirs.resetAndDestroy();
    expect([trySend(pair, epoch), trySend(pair, epoch), trySend(pair, epoch)]).toEqual([
      'ECONNRESET',
      'EPIPE',
      'EPIPE',
    ]);
    pair.close();
  });

  test('closed its end is taken once and says EPIPE from then on', async () => {
    const pair = await connectPair();
    pair.theirs.destroy();
    expect([trySend(pair, epoch), trySend(pair, epoch)]).toEqual([epoch.length, 'EPIPE']);
    pair.close();
  });

  test('never reads says EAGAIN, and what was taken arrives in full once it reads', async () => {
    const pair = await connectPair();
    const { taken, refusal } = sendUntilRefused(pair, epoch);
    let received = 0;
    pair.theirs.on('data', (bytes) => (received += bytes.length)).resume();
    await turnUntil('everything taken arrives', () => received >= taken);
    expect({ refusal, received }).toEqual({ refusal: 'EAGAIN', received: taken });
    pair.close();
  });

  test('we hang up on in the same tick still gets every byte that was taken', async () => {
    const pair = await connectPair();
    const { taken } = sendUntilRefused(pair, epoch);
    pair.ours.destroy();
    let received = 0;
    pair.theirs.on('data', (bytes) => (received += bytes.length)).resume();
    await turnUntil('the rover sees the end', () => pair.theirs.closed);
    expect(received).toBe(taken);
  });

  test('vanishes is reported by the ordinary socket when the refused rest is handed to it', async () => {
    const pair = await connectPair();
    const endings: unknown[] = [];
    pair.ours.on('error', (error: NodeJS.ErrnoException) => endings.push(error.code));
    pair.ours.on('close', () => endings.push('close'));
    pair.theirs.resetAndDestroy();
    expect(trySend(pair, epoch)).toBe('ECONNRESET');
    pair.ours.write(epoch);
    await turnUntil('the socket closes', () => endings.includes('close'));
    expect(endings).toEqual(['EPIPE', 'close']);
  });

  test('is gone raises no SIGPIPE, even where Node would not ignore it', () => {
    const script = path.join(import.meta.dirname, 'broken-pipe.ts');
    const run = (flags: number) => spawnSync(process.execPath, [script, String(flags)], { encoding: 'utf8' });
    const guarded = run(FLAGS);
    expect({ status: guarded.status, errnos: guarded.stdout.trim() }).toEqual({
      status: 0,
      errnos: JSON.stringify([ERRNO.ECONNRESET, ERRNO.EPIPE, ERRNO.EPIPE]),
    });
    // The same without MSG_NOSIGNAL dies, so the line above says something.
    expect(run(MSG_DONTWAIT).signal).toBe('SIGPIPE');
  });
});
