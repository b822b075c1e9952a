// The descriptor under a Node socket. Never kept: it is read in the tick in which it is used, because after
// the socket's end the kernel gives the same number to a stranger.
import { type Socket } from 'node:net';

/** The socket's descriptor, or -1 where there is none (destroyed, or not a TCP socket). */
export function descriptorOf(socket: Socket): number {
  // Node has no public name for it; `_handle` is what its own cluster and http modules use.
  const { _handle: handle } = socket as Socket & { _handle?: { fd?: number } | null };
  return socket.destroyed ? -1 : (handle?.fd ?? -1);
}

/** As above, while `destroy()` is running: the socket calls itself destroyed, its descriptor is still open. */
export function descriptorDuringDestroy(socket: Socket): number {
  const { _handle: handle } = socket as Socket & { _handle?: { fd?: number } | null };
  return handle?.fd ?? -1;
}
