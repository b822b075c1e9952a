// What a start hands to whoever asked for it (the commands `serve` and `demo`, and tests).

import type { LoadedConfig } from '../config/load.ts';
import type { Journal } from '../platform/observe/journal.ts';
import type { StartProblem } from '../platform/start-problem.ts';
import type { Caster } from './caster.ts';

/** What other programs read from the ready line. Ports that are not open are absent. */
export interface Ready {
  readonly event: 'ready';
  /** Of the process that holds the sockets. */
  readonly pid: number;
  readonly ntrip?: number;
  readonly ntrips?: number;
  readonly http?: number;
  /** For vehicles with a certificate for TLS, and for those with a token. */
  readonly mqtts?: number;
  readonly mqttsToken?: number;
  readonly version: string;
  readonly dataDir: string;
  readonly workers: number;
}

export interface Running {
  readonly ready: Ready;
  readonly caster: Caster;
  readonly journal: Journal;
  /** Set where this start has made the owner key: to be shown once. */
  readonly newOwnerKey: { readonly key: string; readonly file: string | undefined } | undefined;
  /** Takes over what of a changed configuration can be; the journal says what waits for the next start. */
  reload(next: LoadedConfig): void;
  /** Ends sessions in order and everything after them. Safe to call again. */
  stop(): Promise<void>;
}

export type Start = { ok: true; running: Running } | { ok: false; problem: StartProblem };
