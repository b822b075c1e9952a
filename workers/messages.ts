// The closed union of messages between the main thread, the stream workers and one another. Nothing else travels
// between threads but what is counted, which is shared memory (caster/metering: data-plane-counters.ts, ledger/).
//
//   main ──▶ worker   verdicts, directory, settings, closeSession, updateGrant, askSessionFacts, ledgerSegment, peer,
//                     drain
//   worker ──▶ main   listening, asks, withdrawn, ends, bases, positions, sessionFacts, log, drained
//   worker ◀─▶ worker want, unwant, hello, epoch (over a channel of their own)

import type { MessagePort } from 'node:worker_threads';
import type { AdmissionRequest, Verdict } from '../caster/accounts/admission.ts';
import type { GrantLimits } from '../caster/accounts/grant-limits.ts';
import type { LedgerMemory } from '../caster/metering/ledger/ledger-memory.ts';
import type { LedgerStart } from '../caster/metering/ledger/worker-ledger.ts';
import type { CloseReason } from '../caster/net/close-reason.ts';
import type { BaseReport, DataPlaneSettings } from '../caster/net/house.ts';
import type { ListenPorts, TlsMaterial } from '../caster/net/listeners.ts';
import type { SessionEnd } from '../caster/net/session-end.ts';
import type { PositionReport, SessionFacts } from '../caster/net/session-facts.ts';
import type { LiveDirectory } from '../caster/stream/live-directory.ts';
import type { RelayedEpoch, WantedStream } from '../caster/stream/stream-directory.ts';

/** What a worker is started with. */
export interface WorkerStart {
  readonly worker: number;
  readonly workerCount: number;
  readonly counters: SharedArrayBuffer;
  /** What the kernel holds for the worker with this number, see caster/net/batched-send.ts. */
  readonly kernelContext: SharedArrayBuffer;
  readonly ports: ListenPorts;
  readonly tls: TlsMaterial | undefined;
  readonly settings: DataPlaneSettings;
  readonly directory: LiveDirectory;
  /** False only for tests and for comparison: every byte then goes through Node's own writes. */
  readonly nativeSend: boolean;
  readonly ledger: LedgerStart;
}

export type ToWorker =
  /** Answers in the order in which they were made; `ask` is the number the worker gave. */
  | {
      readonly type: 'verdicts';
      readonly verdicts: readonly { readonly ask: number; readonly verdict: Verdict }[];
    }
  | { readonly type: 'directory'; readonly directory: LiveDirectory }
  | { readonly type: 'settings'; readonly settings: DataPlaneSettings; readonly tls: TlsMaterial | undefined }
  | { readonly type: 'closeSession'; readonly sessionId: string; readonly reason: CloseReason }
  /** The limits that hold from now on, all of them; for a rover. What it is already beyond ends it at once. */
  | { readonly type: 'updateGrant'; readonly sessionId: string; readonly limits: GrantLimits }
  | { readonly type: 'askSessionFacts'; readonly ask: number; readonly sessionIds: readonly string[] }
  /** The ledger has grown: sessions may be counted in there from now on. */
  | { readonly type: 'ledgerSegment'; readonly memory: LedgerMemory }
  /** A channel to another worker; the one before to the same number, if any, is dead. */
  | { readonly type: 'peer'; readonly worker: number; readonly port: MessagePort }
  /** No more connections; sessions end with `shutdown`. */
  | { readonly type: 'drain' };

export type FromWorker =
  | { readonly type: 'listening'; readonly nativeSend: string }
  | { readonly type: 'listenFailed'; readonly code: string; readonly port: number; readonly detail: string }
  | {
      readonly type: 'asks';
      readonly asks: readonly { readonly ask: number; readonly request: AdmissionRequest }[];
    }
  /** Questions whose connection is gone; each may cross its answer. */
  | { readonly type: 'withdrawn'; readonly asks: readonly number[] }
  | { readonly type: 'ends'; readonly ends: readonly SessionEnd[] }
  | { readonly type: 'bases'; readonly reports: readonly BaseReport[] }
  /** Of rovers that have said where they are; of each at most once in POSITION_REPORT_PERIOD_MS. */
  | { readonly type: 'positions'; readonly positions: readonly PositionReport[] }
  /** Of those that were asked for and still run. */
  | { readonly type: 'sessionFacts'; readonly ask: number; readonly facts: readonly SessionFacts[] }
  | {
      readonly type: 'log';
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      readonly event: string;
      readonly fields: Readonly<Record<string, string | number>>;
    }
  | { readonly type: 'drained' };

export type BetweenWorkers =
  /** Behind the first wants: from here on only what is wanted is relayed. */
  | { readonly type: 'hello' }
  /** `sentMs` is on the clock that all threads share. */
  | { readonly type: 'want'; readonly wanted: WantedStream; readonly sentMs: number }
  /** `stream` is its key (caster/stream/shaped-epoch.ts). */
  | { readonly type: 'unwant'; readonly stream: string }
  | {
      readonly type: 'epoch';
      readonly stream: string;
      /** A Buffer does not cross as one. */
      readonly epoch: Omit<RelayedEpoch, 'bytes'> & { readonly bytes: Uint8Array };
    };
