// A socket and the one peer object behind it. The four listeners are plain functions shared by all sockets, so that
// a connection costs no closures, and a peer may hand its socket on to the next (handshake -> rover or base).

import type { Socket } from 'node:net';

/** What a connection does with what happens on its socket. All calls come on the thread that owns it. */
export interface Peer {
  onData(chunk: Buffer): void;
  /** The other side will send no more (FIN). */
  onEnd(): void;
  /** The socket is about to close its descriptor, whoever wanted it: the last moment to ask the kernel about it. */
  onDestroying(): void;
  /** The socket is gone; called exactly once, the last call of all. */
  onClosed(broken: boolean): void;
  /** Timeouts, seen from the coarse clock about once a second. */
  onSweep(nowMs: number): void;
  /** The caster is stopping: finish what is begun and hang up. */
  drain(): void;
}

export interface PeerSocket extends Socket {
  peer: Peer;
  /** This socket's place in the ConnectionTable. */
  peerIndex: number;
  /** Set by the error event, which always comes before close; or by a send that was told of the error instead. */
  peerBroken: boolean;
  /** TLS sockets must never be written to below their record layer. */
  encrypted?: boolean;
}

/** Node's handle behind a socket; `fd` is -1 once it is closed. Not part of Node's typed API. */
interface Handle {
  readonly fd: number;
  /** Bytes written to the socket that the kernel has not taken. */
  readonly writeQueueSize: number;
}

interface HandleOwner {
  readonly _handle: Handle | null;
}

/**
 * The descriptor of a live socket, or -1. It may be kept until `Peer.onDestroying` and no longer: `destroy()` closes
 * it in that very tick, and the next connection may get the same number.
 */
export function descriptorOf(socket: Socket): number {
  return (socket as unknown as HandleOwner)._handle?.fd ?? -1;
}

/** Bytes in the socket's own queue, in front of the kernel; 0 where there is no socket any more. */
export function queuedBytesOf(socket: Socket): number {
  return (socket as unknown as HandleOwner)._handle?.writeQueueSize ?? 0;
}

/** Ends a connection at once and frees what the kernel still holds for it; TLS sockets know no reset. */
export function resetSocket(socket: PeerSocket): void {
  if (socket.encrypted === true) socket.destroy();
  else socket.resetAndDestroy();
}

/** Makes `socket` report to the peer that `make` gives. Called once per socket; later peers only take `peer` over. */
export function attachPeer(socket: Socket, make: (peerSocket: PeerSocket) => Peer): PeerSocket {
  const peerSocket = socket as PeerSocket;
  peerSocket.peerIndex = -1;
  peerSocket.peerBroken = false;
  peerSocket.peer = make(peerSocket);
  peerSocket.on('data', passData);
  peerSocket.on('end', passEnd);
  peerSocket.on('error', noteError);
  peerSocket.on('close', passClose);
  peerSocket._destroy = passDestroy;
  return peerSocket;
}

type DestroyDone = (error?: Error | null) => void;

/** Node closes the descriptor before `error` and `close` are told, so this stands in front of the closing itself. */
function passDestroy(this: PeerSocket, error: Error | null, done: DestroyDone): void {
  this.peer.onDestroying();
  const inherited = Object.getPrototypeOf(this) as Socket;
  inherited._destroy.call(this, error, done);
}

function passData(this: PeerSocket, chunk: Buffer): void {
  this.peer.onData(chunk);
}

/** What comes behind an error that a send has been told of is no end by the peer. */
function passEnd(this: PeerSocket): void {
  if (this.peerBroken) this.destroy();
  else this.peer.onEnd();
}

function noteError(this: PeerSocket): void {
  this.peerBroken = true;
}

function passClose(this: PeerSocket): void {
  this.peer.onClosed(this.peerBroken);
}

/** For sockets that no peer has yet: the close event follows and says all there is to say. */
export function ignoreError(): void {
  return;
}
