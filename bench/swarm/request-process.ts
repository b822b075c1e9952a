// A process that asks one question over and over, each time on a new connection, a few at a time: for requests that are
// answered and closed. Steered by messages; ends with the process that started it.

import { connect } from 'node:net';
import { monotonicMs } from './monotonic.ts';

export interface RequestOrder {
  readonly port: number;
  /** The whole request. */
  readonly text: string;
  /** Connections at a time. */
  readonly concurrency: number;
  readonly durationMs: number;
}

export interface RequestTally {
  readonly answered: number;
  readonly failed: number;
  /** First lines of replies, with how often each came. */
  readonly replies: ReadonlyMap<string, number>;
  readonly bytes: number;
  readonly durationMs: number;
  /** From connect to the end of the reply. */
  readonly latencyMs: Float64Array;
}

export type ToRequests = { readonly type: 'ask'; readonly order: RequestOrder };
export type FromRequests = { readonly type: 'asked'; readonly tally: RequestTally };

const shared = Buffer.allocUnsafeSlow(256 * 1024);

process.on('disconnect', () => process.exit());
process.on('message', ({ order }: ToRequests) => askAll(order));

function askAll({ port, text, concurrency, durationMs }: RequestOrder): void {
  const replies = new Map<string, number>();
  const latencies: number[] = [];
  const beganMs = monotonicMs();
  let failed = 0;
  let bytes = 0;
  let open = concurrency;
  const askOne = (): void => {
    const askedMs = monotonicMs();
    let firstLine = '';
    const onread = {
      buffer: shared,
      callback: (length: number): boolean => {
        bytes += length;
        if (firstLine === '') firstLine = shared.toString('latin1', 0, Math.max(0, shared.indexOf('\r\n')));
        return true;
      },
    };
    const socket = connect({ host: '127.0.0.1', port, noDelay: true, onread });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      const nowMs = monotonicMs();
      if (firstLine === '') failed += 1;
      else {
        replies.set(firstLine, (replies.get(firstLine) ?? 0) + 1);
        latencies.push(nowMs - askedMs);
      }
      if (nowMs - beganMs < durationMs) return askOne();
      open -= 1;
      if (open > 0) return;
      const latencyMs = Float64Array.from(latencies);
      const took = { durationMs: nowMs - beganMs, latencyMs, bytes };
      const message: FromRequests = {
        type: 'asked',
        tally: { answered: latencies.length, failed, replies, ...took },
      };
      process.send!(message);
    });
    socket.write(text);
  };
  for (let count = 0; count < concurrency; count++) askOne();
}
