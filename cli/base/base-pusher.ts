// Keeps a base's connection to its caster: connects, comes back after a drop, and takes epochs whenever the line is
// open. What never worked ends at once with the reason.

import { type Failure } from '../failure.ts';
import { type ConnectionEnd, type OpenConnection, runConnection } from '../ntrip/connection.ts';
import { type ReplyHead } from '../ntrip/reply-reader.ts';
import { RetryPace } from '../ntrip/retry-pace.ts';
import { tableFailure } from '../ntrip/refusal-advice.ts';
import { type NtripTarget } from '../ntrip/target.ts';
import { pause } from '../stop-signal.ts';

export interface PushPlan {
  readonly target: NtripTarget;
  readonly request: Buffer;
  readonly sendsChunks: boolean;
  /** Tries again even where the first attempt fails. */
  readonly keepsTrying: boolean;
  readonly onConnecting: () => void;
  readonly onAccepted: (head: ReplyHead, afterMs: number) => void;
  readonly onLost: (detail: string, failure: Failure | undefined, waitMs: number) => void;
}

type PushEnd = Exclude<ConnectionEnd, { kind: 'table' }>;

export class BasePusher {
  readonly #plan: PushPlan;
  readonly #cut = new AbortController();
  #open: OpenConnection | undefined;
  #whenOpen = Promise.withResolvers<boolean>();
  #isFinishing = false;

  constructor(plan: PushPlan) {
    this.#plan = plan;
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** Connects again and again until `finish`; resolves to why it never worked, or to undefined. */
  async run(): Promise<Failure | undefined> {
    const pace = new RetryPace();
    let hasWorked = false;
    try {
      for (;;) {
        const startMs = performance.now();
        const end = await this.#connect();
        if (end.kind === 'ended') hasWorked = true;
        if (this.#isFinishing || end.kind === 'aborted') return undefined;
        const failure = end.kind === 'failed' ? end.failure : undefined;
        if (failure !== undefined && !hasWorked && !this.#plan.keepsTrying) return failure;
        const waitMs = pace.nextWaitMs({
          lastedMs: end.kind === 'ended' ? performance.now() - startMs : 0,
          refused: end.kind === 'failed',
          retryAfterS: end.kind === 'failed' ? end.retryAfterS : undefined,
        });
        this.#plan.onLost(end.kind === 'ended' ? end.detail : '', failure, waitMs);
        await pause(waitMs, this.#cut.signal);
      }
    } finally {
      this.#whenOpen.resolve(false);
    }
  }

  /** Resolves when the caster takes a stream; to false where it never will. */
  async whenOpen(): Promise<boolean> {
    return this.#open !== undefined || (await this.#whenOpen.promise);
  }

  /** Sends and resolves when there is room for more; to false where the line is not open. */
  async push(bytes: Buffer): Promise<boolean> {
    const connection = this.#open;
    if (connection === undefined) return false;
    await connection.send(bytes);
    return true;
  }

  /** All is sent: ends the connection properly, or the attempt to make one. */
  finish(): void {
    this.#isFinishing = true;
    if (this.#open !== undefined) this.#open.finish();
    else this.#cut.abort();
  }

  async #connect(): Promise<PushEnd> {
    const { target, request, sendsChunks, onConnecting, onAccepted } = this.#plan;
    const startMs = performance.now();
    onConnecting();
    const end = await runConnection({
      target,
      role: 'base',
      request,
      sendsChunks,
      signal: this.#cut.signal,
      onAccepted: (connection, head) => {
        this.#open = connection;
        onAccepted(head, performance.now() - startMs);
        this.#whenOpen.resolve(true);
      },
      onData: () => undefined,
    });
    if (this.#open !== undefined) this.#whenOpen = Promise.withResolvers();
    this.#open = undefined;
    if (end.kind !== 'table') return end;
    return { kind: 'failed', failure: tableFailure(end.body, target), retryAfterS: undefined };
  }
}
