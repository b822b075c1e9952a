// What a mountpoint needs to know of whoever receives it, and what it offers those who can be sent to directly.

import type { Epoch } from './epoch.ts';

/** What `resume` is told where the epoch was not even tried: the kernel still held something for this rover. */
export const SEND_NOT_TRIED = -3;

/** The calls of a native socket that the fan-out makes itself (caster/net/native-socket.ts). */
export interface DirectSocket {
  /**
   * Sends the bytes to the first `count` descriptors. `taken` gets for each the bytes taken (>= 1), or a negative number
   * that `Subscriber.resume` understands.
   */
  readonly sendEach: (descriptors: Int32Array, count: number, bytes: Buffer, taken: Int32Array) => void;
  /** Bytes the kernel holds that the peer has not acknowledged; negative where it does not tell. */
  readonly unacknowledgedBytes: (descriptor: number) => number;
}

/**
 * Lanes of one mountpoint: while a subscriber has one open, epochs go straight to its descriptor and it is not called.
 * What went that way is counted once for all, in totals that only grow: what one of them had is the difference between
 * the totals when its lane closes and when it was opened.
 */
export interface Lanes {
  /** Totals of all epochs since the mountpoint began; an epoch is in them before it goes out. */
  readonly epochs: number;
  readonly bytes: number;
  readonly frames: number;
  /** Seconds in which an epoch came, the last of them, and whether the last epoch was the first one in it. */
  readonly activeSeconds: number;
  readonly lastSecond: number;
  readonly beganSecond: boolean;
  /** Where the totals stand in the ledger (caster/metering/ledger/lane-slots.ts). */
  readonly slot: number;
  /** Rounds in which the kernels of all open lanes are asked; what held anything loses its lane in the round. */
  readonly roundsBegun: number;
  readonly roundsDone: number;
  /** When the last round that is done was. */
  readonly askedMs: number;
  open(subscriberIndex: number, descriptor: number, chunked: boolean): void;
  close(subscriberIndex: number): void;
}

export interface Subscriber {
  /** Its place in the mountpoint's dense list; -1 while it is in none. Written by the list alone. */
  subscriberIndex: number;
  /** It is in the list from here on and may open its lane. Not called where there are none. */
  joined(lanes: Lanes): void;
  /** It is about to leave the list; its lane must be closed when this returns. */
  leaving(): void;
  /** Must not change the list of subscribers before it returns. */
  deliver(epoch: Epoch): void;
  /** Its lane took the epoch, which is in the totals, only in part or not at all. It must close the lane. */
  resume(epoch: Epoch, taken: number): void;
}
