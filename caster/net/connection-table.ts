// Connections of one worker, dense, with a sweep that looks at a slice of them on each tick of the coarse clock, so
// that every one has its timeouts checked once in the period and no tick is long.

import { CLOCK_TICK_MS } from '../../config/limits.ts';
import type { PeerSocket } from './peer-socket.ts';

export class ConnectionTable {
  readonly #sockets: PeerSocket[] = [];
  readonly #periodMs: number;
  #cursor = 0;

  constructor(periodMs: number) {
    this.#periodMs = periodMs;
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

  /** Looks at the next slice. A peer that goes away meanwhile may make another be looked at a tick earlier or later. */
  sweep(nowMs: number): void {
    const sockets = this.#sockets;
    const slice = Math.ceil((sockets.length * CLOCK_TICK_MS) / this.#periodMs);
    for (let n = 0; n < slice && sockets.length > 0; n++) {
      if (this.#cursor >= sockets.length) this.#cursor = 0;
      sockets[this.#cursor++]!.peer.onSweep(nowMs);
    }
  }

  /** A copy, safe to walk while connections end. */
  all(): PeerSocket[] {
    return this.#sockets.slice();
  }
}
