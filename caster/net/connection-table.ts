// Connections of one worker, dense, with a sweep that looks at as many of them as the time since the last sweep is
// worth, so that every one has its timeouts checked once in a period and no sweep is long.

import type { PeerSocket } from './peer-socket.ts';

export class ConnectionTable {
  /** Milliseconds in which every connection is looked at once. */
  periodMs: number;
  readonly #sockets: PeerSocket[] = [];
  #cursor = 0;
  /** How many there were at most since the cursor began its round: those that end on the way do not slow it down. */
  #roundSize = 0;
  #sweptMs: number | undefined;

  constructor(periodMs: number) {
    this.periodMs = periodMs;
  }

  get size(): number {
    return this.#sockets.length;
  }

  add(socket: PeerSocket): void {
    socket.peerIndex = this.#sockets.length;
    this.#sockets.push(socket);
  }

  remove(socket: PeerSocket): void {
    const index = socket.peerIndex;
    if (index < 0) return;
    const last = this.#sockets.pop()!;
    if (last !== socket) {
      this.#sockets[index] = last;
      last.peerIndex = index;
    }
    socket.peerIndex = -1;
  }

  /** Looks at the next of them. A peer that goes away meanwhile may make another be looked at a little earlier or later. */
  sweep(nowMs: number): void {
    const sockets = this.#sockets;
    const elapsedMs = Math.min(nowMs - (this.#sweptMs ?? nowMs), this.periodMs);
    this.#sweptMs = nowMs;
    this.#roundSize = Math.max(this.#roundSize, sockets.length);
    const due = Math.ceil((this.#roundSize * elapsedMs) / this.periodMs);
    for (let n = 0; n < due && sockets.length > 0; n++) {
      if (this.#cursor >= sockets.length) {
        this.#cursor = 0;
        this.#roundSize = sockets.length;
      }
      const socket = sockets[this.#cursor]!;
      socket.peer.onSweep(nowMs);
      // Where it went away, the last one has taken its place and is looked at next.
      if (sockets[this.#cursor] === socket) this.#cursor += 1;
    }
  }

  /** A copy, safe to walk while connections end. */
  all(): PeerSocket[] {
    return this.#sockets.slice();
  }
}
