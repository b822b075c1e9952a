// The caster's side of the engine's process: starts it, asks it, starts it again when it has died. What it was asked
// then fails as `away`; nothing else of its end is felt.
//
//   starting ──ready──▶ up ──exit, or a request beyond its time (killed)──▶ resting ──back-off──▶ starting
//      └──missing──▶ missing, for good                    any ──close──▶ closed

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  CHDB_END_MS_MAX,
  CHDB_RESTART_MS_MAX,
  CHDB_RESTART_MS_MIN,
  CHDB_START_MS_MAX,
} from '../../../config/limits.ts';
import type { Journal } from '../../../platform/observe/journal.ts';
import type { ChdbMessage, ChdbRequest, ChdbWork } from './chdb-messages.ts';
import type { ClickHouseProblem } from './clickhouse.ts';
import { problem, problemOfText } from './engine-error.ts';

export interface ChdbOptions {
  readonly folder: string;
  /** Of workers/chdb-process. */
  readonly program: URL;
  readonly journal: Journal;
}

export type ChdbAnswer = { readonly ok: true; readonly bytes: Uint8Array } | ClickHouseProblem;

const WORDS_KEPT = 2000;

export class ChdbChild {
  readonly #options: ChdbOptions;
  #state: 'starting' | 'up' | 'resting' | 'missing' | 'closed' = 'resting';
  #child: ChildProcess | undefined;
  #restartMs = CHDB_RESTART_MS_MIN;
  #restart: NodeJS.Timeout | undefined;
  #detail = 'the embedded engine has not started';
  /** What the process wrote, its end alone. */
  #words = '';
  #lastId = 0;
  readonly #asked = new Map<number, (answer: ChdbAnswer) => void>();
  /** Not starting any more. */
  #settled = Promise.withResolvers<true>();

  constructor(options: ChdbOptions) {
    this.#options = options;
    this.#start();
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Waits for an engine that is starting, not for one that has just died. */
  async ask(work: ChdbWork, msMax: number): Promise<ChdbAnswer> {
    if (this.#state === 'starting') await this.#settled.promise;
    const child = this.#child;
    if (this.#state === 'missing') return problem('missing', this.#detail);
    if (this.#state !== 'up' || child === undefined) return problem('away', this.#detail);
    const id = ++this.#lastId;
    const { promise, resolve } = Promise.withResolvers<ChdbAnswer>();
    this.#asked.set(id, resolve);
    const deadline = setTimeout(() => {
      this.#asked.delete(id);
      resolve(problem('too_slow', `no answer within ${msMax} ms`));
      // It bounds the time of a question itself: an engine that does not, hangs.
      this.#end(child, `no answer within ${msMax} ms`);
    }, msMax);
    // An error means that the process has ended, which is told by its exit.
    child.send({ id, work } satisfies ChdbRequest, () => undefined);
    const answer = await promise;
    clearTimeout(deadline);
    return answer;
  }

  async close(): Promise<void> {
    const child = this.#child;
    this.#state = 'closed';
    this.#detail = 'the embedded engine is closed';
    clearTimeout(this.#restart);
    this.#settled.resolve(true);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.stdin?.end();
    const kill = setTimeout(() => child.kill('SIGKILL'), CHDB_END_MS_MAX);
    await exited;
    clearTimeout(kill);
  }

  #start(): void {
    this.#state = 'starting';
    this.#settled = Promise.withResolvers();
    this.#words = '';
    mkdirSync(this.#options.folder, { recursive: true, mode: 0o700 });
    const child = spawn(process.execPath, [fileURLToPath(this.#options.program), this.#options.folder], {
      stdio: ['pipe', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
      env: ownEnvironment(),
    });
    this.#child = child;
    const slow = setTimeout(() => this.#end(child, 'it did not start'), CHDB_START_MS_MAX);
    child.stdin?.on('error', () => undefined);
    child.stderr?.setEncoding('utf8').on('data', (words: string) => {
      this.#words = (this.#words + words).slice(-WORDS_KEPT);
    });
    child.on('message', (message: ChdbMessage) => {
      if (message.type === 'ready' || message.type === 'missing') clearTimeout(slow);
      this.#take(message);
    });
    // Where it could not be started there is no exit.
    child.once('error', ({ message }) => this.#lose(child, message, slow));
    child.once('exit', (code, signal) => this.#lose(child, `it ended with ${signal ?? code}`, slow));
  }

  #take(message: ChdbMessage): void {
    if (this.#state === 'closed') return;
    switch (message.type) {
      case 'ready':
        this.#state = 'up';
        return this.#settled.resolve(true);
      case 'missing':
        this.#state = 'missing';
        this.#detail = message.detail;
        this.#settled.resolve(true);
        return void this.#child?.stdin?.end();
      case 'answer':
        this.#restartMs = CHDB_RESTART_MS_MIN;
        return this.#settle(message.id, { ok: true, bytes: message.bytes });
      case 'problem':
        return this.#settle(message.id, problemOfText(message.text, 'refused'));
    }
  }

  #settle(id: number, answer: ChdbAnswer): void {
    this.#asked.get(id)?.(answer);
    this.#asked.delete(id);
  }

  #end(child: ChildProcess, why: string): void {
    if (child !== this.#child) return;
    this.#detail = why;
    child.kill('SIGKILL');
  }

  #lose(child: ChildProcess, why: string, slow: NodeJS.Timeout): void {
    clearTimeout(slow);
    if (child !== this.#child) return;
    this.#child = undefined;
    if (this.#state === 'starting' || this.#state === 'up') {
      this.#detail = [why, this.#words.trim()].filter((part) => part !== '').join(': ');
      const { detail } = problem('away', this.#detail);
      this.#options.journal.record('error', 'clickhouse_ended', { detail, restartMs: this.#restartMs });
      this.#state = 'resting';
      this.#restart = setTimeout(() => this.#start(), this.#restartMs);
      this.#restartMs = Math.min(2 * this.#restartMs, CHDB_RESTART_MS_MAX);
    }
    for (const id of [...this.#asked.keys()]) this.#settle(id, problem('away', this.#detail));
    this.#settled.resolve(true);
  }
}

/** Without what is ours: keys and passwords are none of its business. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ROVERCAST_')));
}
