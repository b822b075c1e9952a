// The closed union of messages between a bench and the processes that play its bases and rovers. Times are milliseconds
// of CLOCK_MONOTONIC, which all processes of a machine share.

import type { StreamPlan } from './stream-plan.ts';

/** How a rover asks for its stream. */
export type RoverDialect = 'v1' | 'v2';

export interface RoverGroup {
  readonly port: number;
  readonly tls: boolean;
  readonly mountpoint: string;
  readonly count: number;
  readonly dialect: RoverDialect;
  /** `%d` becomes the number of the rover; undefined where the mountpoint is open. */
  readonly username: string | undefined;
  readonly password: string;
  /** Each rover signs anew with this secret of its app; the user name is then app key and device. */
  readonly signingSecret?: string;
  /** Of each rover its own login, in place of user name and password. */
  readonly logins?: readonly { readonly username: string; readonly password: string }[];
  /** Number of the first one. */
  readonly firstNumber: number;
  /** Logins begun in a second; Infinity is all at once. */
  readonly loginsPerS: number;
  /** The base has pushed before: cached frames come first. */
  readonly joinsLate: boolean;
  /** The first so many never read once they are let in. */
  readonly deafCount: number;
  /** Each rover has an address of its own, 127.1.x.y, so that the caster's log can be matched to it. */
  readonly ownAddresses: boolean;
}

export type ToRovers =
  | { readonly type: 'plan'; readonly plan: StreamPlan }
  /** One group at a time; answered by `answered` when each rover has its reply. */
  | { readonly type: 'connect'; readonly group: RoverGroup }
  /** Answered by `complete` when every rover that reads has all of the plan; at once where that is so. */
  | { readonly type: 'awaitComplete' }
  /** Answered by `received`. `sentMs` has, for each epoch, when its last piece was written. */
  | { readonly type: 'tell'; readonly sentMs: Float64Array }
  /** Hangs up all; answered by `gone`. */
  | { readonly type: 'hangUp' };

export type FromRovers =
  | { readonly type: 'answered'; readonly logins: Logins }
  | { readonly type: 'complete' }
  | { readonly type: 'received'; readonly reception: Reception }
  | { readonly type: 'gone' };

export interface Logins {
  readonly up: number;
  readonly refused: number;
  /** No connection, or one that ended before a reply. */
  readonly failed: number;
  /** First line of the first refusal. */
  readonly firstRefusal: string;
  /** What became of the first one that failed. */
  readonly firstFailure: string;
  readonly beganMs: number;
  readonly lastAnsweredMs: number;
}

export interface Reception {
  readonly complete: number;
  readonly corrupt: number;
  /** Let in, and gone before they were told to. */
  readonly dropped: number;
  /** By rover, in milliseconds since it began to connect; NaN where it never came. */
  readonly replyAfterMs: Float64Array;
  readonly firstBytesAfterMs: Float64Array;
  /** When the last rover had its first corrections. */
  readonly lastStreamingMs: number;
  /** From the write of the base to the last byte of an epoch: one per rover and epoch, in no order. */
  readonly latencyMs: Float32Array;
  /** Median of each rover's latencies. */
  readonly roverLatencyMs: Float32Array;
}

export interface BaseLogin {
  readonly port: number;
  readonly mountpoint: string;
  readonly password: string;
}

export interface PushOrder {
  readonly firstEpoch: number;
  readonly epochCount: number;
  readonly intervalMs: number;
  /** Pieces of each epoch, `pieceGapMs` apart, as receivers dribble them. */
  readonly pieces: number;
}

export type ToBase =
  | { readonly type: 'plan'; readonly plan: StreamPlan }
  | { readonly type: 'connect'; readonly login: BaseLogin }
  | { readonly type: 'push'; readonly order: PushOrder };

export type FromBase =
  | { readonly type: 'answered'; readonly ok: boolean; readonly reply: string }
  /** One time for each epoch of the order, of its last piece. */
  | { readonly type: 'pushed'; readonly sentMs: Float64Array };

/** Milliseconds between the pieces of an epoch. */
export const PIECE_GAP_MS = 5;
