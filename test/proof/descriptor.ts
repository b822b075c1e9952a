// The descriptor under a Node socket. Never used for longer than its handle is the socket's, because after the
// socket's end the kernel gives the same number to a stranger.
import { type Socket } from 'node:net';

/** Node's handle of a socket; the socket lets go of it in the same tick in which it closes the descriptor. */
export interface Handle {
  readonly fd: number;
}

/** The socket's handle, or null once it is destroyed; still there while `_destroy` has not run. */
export function handleOf(socket: Socket): Handle | null {
  // Node has no public name for it; `_handle` is what its own cluster and http modules use.
  return (socket as Socket & { _handle?: Handle | null })._handle ?? null;
}

/** The socket's descriptor, or -1 where there is none. For this tick only. */
export function descriptorOf(socket: Socket): number {
  return handleOf(socket)?.fd ?? -1;
}
