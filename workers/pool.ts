// The stream workers as the main thread sees them: started, connected to one another, watched, and started again when
// one ends. A worker that dies takes its own connections with it and nothing else.
//
//   start ──▶ listening ──▶ (message …) ──▶ exit ── back-off, doubled while it keeps dying ──▶ start
//                                            │
//                                            └─ draining: stays ended

import { MessageChannel, Worker } from 'node:worker_threads';
import {
  WORKER_OLD_GENERATION_MIB,
  WORKER_RESTART_BACKOFF_MAX_MS,
  WORKER_RESTART_BACKOFF_MIN_MS,
  WORKER_RESTART_BACKOFF_RESET_MS,
  WORKER_END_MS,
  WORKER_LAST_WORD_MS,
  WORKER_STUCK_MS,
  WORKER_WATCH_PERIOD_MS,
  WORKER_YOUNG_GENERATION_MIB,
} from '../config/limits.ts';
import { allocateCounters, DataPlaneCounters } from '../caster/metering/data-plane-counters.ts';
import { allocateKernelContext } from '../caster/net/batched-send.ts';
import type { SessionFacts } from '../caster/net/session-facts.ts';
import { entryUrl } from './entry-url.ts';
import type { FromWorker, ToWorker, WorkerStart } from './messages.ts';
import { SessionFactsDesk } from './session-facts-desk.ts';

interface Slot {
  readonly counters: SharedArrayBuffer;
  readonly kernelContext: SharedArrayBuffer;
  worker: Worker | undefined;
  listening: boolean;
  startedMs: number;
  backoffMs: number;
  restart: NodeJS.Timeout | undefined;
  draining: boolean;
  /** Its tick count when last looked at, and since when it has been that. */
  ticks: number;
  tickedMs: number;
}

export type WorkerSettings = Omit<WorkerStart, 'worker' | 'workerCount' | 'counters' | 'kernelContext'>;

export interface PoolEvents {
  /** What a worker has to say; `listenFailed` at the first start is told by `start`, `sessionFacts` by `sessionFacts`. */
  onMessage(worker: number, message: FromWorker): void;
  /** A worker ended that should not have; it is started again after `restartMs`. */
  onLost(worker: number, detail: string, restartMs: number): void;
  /** A worker has not turned its loop for `stuckMs` and is being ended. */
  onStuck(worker: number, stuckMs: number): void;
  /** It could not be ended: only the end of the process helps, and whatever supervises it. */
  onUnstoppable(worker: number): void;
}

export type PoolStart =
  { ok: true; nativeSend: string } | { ok: false; code: string; port: number; detail: string };

export class StreamWorkerPool {
  readonly counters: readonly DataPlaneCounters[];
  readonly #slots: readonly Slot[];
  readonly #settings: (worker: number) => WorkerSettings;
  readonly #events: PoolEvents;
  readonly #factsDesk = new SessionFactsDesk();
  #started = false;
  #watchTimer: NodeJS.Timeout | undefined;
  #restarts = 0;

  /** `settings` is asked at every start of a worker, so that a restarted one begins with what is in force. */
  constructor(count: number, settings: (worker: number) => WorkerSettings, events: PoolEvents) {
    this.#settings = settings;
    this.#events = events;
    this.#slots = Array.from({ length: count }, () => ({
      counters: allocateCounters(),
      kernelContext: allocateKernelContext(),
      worker: undefined,
      listening: false,
      startedMs: 0,
      backoffMs: WORKER_RESTART_BACKOFF_MIN_MS,
      restart: undefined,
      draining: false,
      ticks: 0,
      tickedMs: 0,
    }));
    this.counters = this.#slots.map((slot) => new DataPlaneCounters(slot.counters));
  }

  get size(): number {
    return this.#slots.length;
  }

  get running(): number {
    return this.#slots.filter((slot) => slot.listening).length;
  }

  /** Workers that have not ended; after `drain`, those that cannot be. */
  get alive(): number {
    return this.#slots.filter((slot) => slot.worker !== undefined).length;
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** Resolves when every worker listens, or with why the first one that does not cannot. */
  async start(): Promise<PoolStart> {
    const starts = await Promise.all(this.#slots.map((_slot, worker) => this.#launch(worker)));
    const failed = starts.find((start) => !start.ok);
    if (failed !== undefined) await this.#terminate();
    else this.#watch();
    return failed ?? starts[0]!;
  }

  post(worker: number, message: ToWorker): void {
    this.#slots[worker]?.worker?.postMessage(message);
  }

  broadcast(message: ToWorker): void {
    for (const slot of this.#slots) slot.worker?.postMessage(message);
  }

  /** What has gone to and come from these sessions of a worker so far; those that it does not have are left out. */
  async sessionFacts(worker: number, sessionIds: readonly string[]): Promise<readonly SessionFacts[]> {
    if (sessionIds.length === 0 || this.#slots[worker]?.worker === undefined) return [];
    return await this.#factsDesk.ask(sessionIds, (message) => this.post(worker, message));
  }

  /** Tells every worker to finish; resolves when all have ended, or soon after `withinMs`. */
  async drain(withinMs: number): Promise<void> {
    const ended = this.#slots.map((slot) => {
      slot.draining = true;
      clearTimeout(slot.restart);
      const { worker } = slot;
      if (worker === undefined) return Promise.resolve();
      return new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    });
    this.broadcast({ type: 'drain' });
    clearInterval(this.#watchTimer);
    const hurry = setTimeout(() => void this.#terminate(), withinMs + WORKER_LAST_WORD_MS);
    // `terminate` does not end a worker that hangs in machine code; the caller ends the process anyway.
    let giveUp: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>(
      (resolve) => (giveUp = setTimeout(resolve, withinMs + WORKER_LAST_WORD_MS + WORKER_END_MS)),
    );
    await Promise.race([Promise.all(ended), deadline]);
    clearTimeout(hurry);
    clearTimeout(giveUp);
  }

  /** From here on workers that end are started again, and those that hang are ended. */
  #watch(): void {
    this.#started = true;
    for (const [index, slot] of this.#slots.entries()) {
      if (slot.worker === undefined) this.#restartLater(index, 'it ended while others were still starting');
    }
    let lookedMs = performance.now();
    this.#watchTimer = setInterval(() => {
      const nowMs = performance.now();
      // Where this thread, too, did not run (a suspended machine), nothing can be said of the others.
      const slept = nowMs - lookedMs > 2 * WORKER_WATCH_PERIOD_MS;
      lookedMs = nowMs;
      for (const [index, slot] of this.#slots.entries()) this.#look(index, slot, nowMs, slept);
    }, WORKER_WATCH_PERIOD_MS);
  }

  #look(index: number, slot: Slot, nowMs: number, slept: boolean): void {
    const ticks = this.counters[index]!.read('ticks');
    if (slept || slot.worker === undefined || ticks !== slot.ticks) {
      slot.ticks = ticks;
      slot.tickedMs = nowMs;
    } else if (nowMs - slot.tickedMs >= WORKER_STUCK_MS) {
      this.#events.onStuck(index, Math.round(nowMs - slot.tickedMs));
      slot.tickedMs = nowMs;
      const stuck = slot.worker;
      void stuck.terminate();
      setTimeout(() => {
        if (slot.worker === stuck) this.#events.onUnstoppable(index);
      }, WORKER_END_MS).unref();
    }
  }

  /** Ends one worker at once, as a fault would; for tests of what happens then. */
  async endWorker(worker: number): Promise<void> {
    await this.#slots[worker]?.worker?.terminate();
  }

  async #terminate(): Promise<void> {
    await Promise.all(this.#slots.map(async ({ worker }) => await worker?.terminate()));
  }

  #launch(index: number): Promise<PoolStart> {
    const slot = this.#slots[index]!;
    const start: WorkerStart = {
      ...this.#settings(index),
      worker: index,
      workerCount: this.#slots.length,
      counters: slot.counters,
      kernelContext: slot.kernelContext,
    };
    const worker = new Worker(entryUrl('stream-worker'), {
      workerData: start,
      name: `stream-${index}`,
      resourceLimits: {
        maxYoungGenerationSizeMb: WORKER_YOUNG_GENERATION_MIB,
        maxOldGenerationSizeMb: WORKER_OLD_GENERATION_MIB,
      },
    });
    slot.worker = worker;
    slot.listening = false;
    this.#connect(index);
    slot.startedMs = performance.now();
    let failure = '';
    worker.on(
      'error',
      (error) => (failure = error instanceof Error ? (error.stack ?? error.message) : String(error)),
    );
    return new Promise((resolve) => {
      worker.on('message', (message: FromWorker) => {
        if (message.type === 'listening') {
          slot.listening = true;
          this.#events.onMessage(index, message);
          resolve({ ok: true, nativeSend: message.nativeSend });
        } else if (message.type === 'listenFailed') {
          failure = message.detail;
          resolve({ ok: false, code: message.code, port: message.port, detail: message.detail });
          void worker.terminate();
        } else if (message.type === 'sessionFacts') {
          this.#factsDesk.take(message);
        } else {
          this.#events.onMessage(index, message);
        }
      });
      worker.on('exit', (code) => {
        resolve({
          ok: false,
          code: 'worker_ended',
          port: 0,
          detail: failure === '' ? `exit code ${code}` : failure,
        });
        this.#restartLater(index, failure === '' ? `exit code ${code}` : failure);
      });
    });
  }

  /** A channel between this worker and every other that there is, made before it listens: no epoch may find it missing. */
  #connect(index: number): void {
    for (const [other, slot] of this.#slots.entries()) {
      if (other === index || slot.worker === undefined) continue;
      const { port1, port2 } = new MessageChannel();
      this.#slots[index]!.worker?.postMessage({ type: 'peer', worker: other, port: port1 }, [port1]);
      slot.worker.postMessage({ type: 'peer', worker: index, port: port2 }, [port2]);
    }
  }

  #restartLater(index: number, detail: string): void {
    const slot = this.#slots[index]!;
    slot.worker = undefined;
    slot.listening = false;
    this.counters[index]!.clearGauges();
    if (slot.draining || !this.#started) return;
    const longLived = performance.now() - slot.startedMs >= WORKER_RESTART_BACKOFF_RESET_MS;
    const restartMs = longLived ? WORKER_RESTART_BACKOFF_MIN_MS : slot.backoffMs;
    slot.backoffMs = Math.min(restartMs * 2, WORKER_RESTART_BACKOFF_MAX_MS);
    this.#restarts += 1;
    this.#events.onLost(index, detail, restartMs);
    slot.restart = setTimeout(() => void this.#launch(index), restartMs);
  }
}
