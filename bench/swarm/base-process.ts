// A process that plays one base: logs in as NTRIP 1.0 and pushes a plan, epoch by epoch. Steered by messages; ends with
// the process that started it.

import { connect, type Socket } from 'node:net';
import { monotonicMs } from './monotonic.ts';
import { type BaseLogin, type FromBase, PIECE_GAP_MS, type PushOrder, type ToBase } from './peer-messages.ts';
import type { StreamPlan } from './stream-plan.ts';

let plan: StreamPlan | undefined;
let socket: Socket | undefined;

process.on('disconnect', () => process.exit());
process.on('message', (message: ToBase) => {
  switch (message.type) {
    case 'plan':
      plan = message.plan;
      return;
    case 'connect':
      return logIn(message.login);
    case 'push':
      return push(message.order);
  }
});

function say(message: FromBase): void {
  process.send!(message);
}

function logIn({ port, mountpoint, password }: BaseLogin): void {
  const made = connect({ host: '127.0.0.1', port, noDelay: true });
  let reply = '';
  const read = (bytes: Buffer): void => {
    reply += bytes.toString('latin1');
    if (!reply.includes('\n')) return;
    made.off('data', read);
    made.resume();
    say({ type: 'answered', ok: /^(ICY|HTTP\/1\.1) 200|^OK/.test(reply), reply: reply.trim() });
  };
  made.on('data', read);
  made.on('error', (error) => say({ type: 'answered', ok: false, reply: error.message }));
  made.write(`SOURCE ${password} /${mountpoint}\r\nSource-Agent: NTRIP rovercast-bench\r\nSTR: \r\n\r\n`);
  socket = made;
}

function push({ firstEpoch, epochCount, intervalMs, pieces }: PushOrder): void {
  const { bytes, epochEnds } = plan!;
  const sentMs = new Float64Array(epochCount);
  const beganMs = monotonicMs();
  let epoch = 0;
  let piece = 0;
  const next = (): void => {
    const start = epochEnds[firstEpoch + epoch - 1] ?? 0;
    const length = epochEnds[firstEpoch + epoch]! - start;
    const from = start + Math.floor((length * piece) / pieces);
    const to = start + Math.floor((length * (piece + 1)) / pieces);
    piece += 1;
    if (piece === pieces) sentMs[epoch] = monotonicMs();
    socket!.write(bytes.subarray(from, to));
    if (piece === pieces) {
      piece = 0;
      epoch += 1;
    }
    if (epoch === epochCount) {
      say({ type: 'pushed', sentMs });
      return;
    }
    const dueMs = beganMs + epoch * intervalMs + piece * PIECE_GAP_MS;
    setTimeout(next, Math.max(0, dueMs - monotonicMs()));
  };
  next();
}
