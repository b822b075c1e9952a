// A worker thread without a thread, for tests of the pool: it turns its loop on the test's clock, and dies or hangs when
// the test says so.

import { EventEmitter } from 'node:events';
import { CLOCK_IDLE_TICK_MS } from '../../../config/limits.ts';
import { DataPlaneCounters } from '../../../caster/metering/data-plane-counters.ts';
import { type FromWorker, type ToWorker, type WorkerStart } from '../../../workers/messages.ts';

/** Every one that was made, oldest first. */
export const made: FakeWorker[] = [];

/** What the pool has of a worker thread. It turns its loop until it dies or hangs. */
export class FakeWorker extends EventEmitter {
  readonly posted: ToWorker[] = [];
  readonly start: WorkerStart;
  /** Whether `terminate` helps. */
  obeys = true;
  readonly #loop: NodeJS.Timeout;

  constructor(_url: URL, { workerData }: { workerData: WorkerStart }) {
    super();
    this.start = workerData;
    const counters = new DataPlaneCounters(workerData.counters);
    this.#loop = setInterval(() => counters.set('ticks', counters.read('ticks') + 1), CLOCK_IDLE_TICK_MS);
    this.once('exit', () => this.hang());
    made.push(this);
  }

  hang(): void {
    clearInterval(this.#loop);
  }

  postMessage(message: ToWorker): void {
    this.posted.push(message);
  }

  say(message: FromWorker): void {
    this.emit('message', message);
  }

  die(error?: Error): void {
    if (error !== undefined) this.emit('error', error);
    this.emit('exit', 1);
  }

  terminate(): Promise<number> {
    if (this.obeys) this.emit('exit', 1);
    return Promise.resolve(1);
  }
}
