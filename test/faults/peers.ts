// One connection of a rover or a base, as plain bytes over a plain socket.

import { connect, type Socket } from 'node:net';

export interface PeerPlace {
  readonly port: number;
  readonly mountpoint: string;
  /** Sent as User-Agent or Source-Agent: the caster's log names the session by it. */
  readonly name: string;
  /** The connection's own end; any free port where none is given. */
  readonly from?: { readonly address: string; readonly port?: number };
}

export interface Connection {
  readonly socket: Socket;
  /** What came before the stream: the reply's head, or a whole refusal. */
  readonly reply: () => string;
  /** True once the stream has been granted, false once it is clear that it will not. */
  readonly granted: Promise<boolean>;
  /** When the socket is gone, with how. */
  readonly ended: Promise<'closed' | 'broken'>;
  /** What `onBytes` threw: the stream held what it must not. */
  readonly mistake: () => Error | undefined;
}

const GRANTED = 'ICY 200 OK\r\n\r\n';

/** A rover of NTRIP 1.0; `onBytes` gets the stream, and ends the connection by throwing. */
export function openRover(
  place: PeerPlace & { readonly credentials?: string },
  onBytes: (bytes: Buffer) => void,
): Connection {
  const { mountpoint, name, credentials } = place;
  const login = credentials === undefined ? '' : `Authorization: Basic ${btoa(credentials)}\r\n`;
  return open(place, `GET /${mountpoint} HTTP/1.0\r\nUser-Agent: NTRIP ${name}\r\n${login}\r\n`, onBytes);
}

/** A base of NTRIP 1.0; it sends by `socket.write` once it is granted. */
export function openBase(place: PeerPlace & { readonly password: string }): Connection {
  const { mountpoint, name, password } = place;
  return open(
    place,
    `SOURCE ${password} /${mountpoint}\r\nSource-Agent: NTRIP ${name}\r\n\r\n`,
    () => undefined,
  );
}

function open(place: PeerPlace, request: string, onBytes: (bytes: Buffer) => void): Connection {
  const { port, from } = place;
  const socket = connect({
    port,
    host: '127.0.0.1',
    noDelay: true,
    localAddress: from?.address,
    localPort: from?.port,
  });
  let reply = '';
  let isGranted = false;
  let mistake: Error | undefined;
  let answer: (granted: boolean) => void;
  const granted = new Promise<boolean>((resolve) => (answer = resolve));
  const ended = new Promise<'closed' | 'broken'>((resolve) => {
    let isBroken = false;
    socket.on('data', (chunk) => {
      try {
        if (isGranted) {
          onBytes(chunk);
          return;
        }
        reply += chunk.toString('latin1');
        if (!reply.startsWith(GRANTED)) return;
        isGranted = true;
        answer(true);
        const rest = chunk.subarray(chunk.length - (reply.length - GRANTED.length));
        if (rest.length > 0) onBytes(rest);
      } catch (error) {
        mistake = error as Error;
        socket.destroy();
      }
    });
    socket.on('error', () => (isBroken = true));
    socket.on('close', () => {
      answer(false);
      resolve(isBroken ? 'broken' : 'closed');
    });
  });
  socket.write(request);
  return { socket, reply: () => reply, granted, ended, mistake: () => mistake };
}

/** Sends a request and resolves with all that comes back before the connection ends, however it ends. */
export function ask(port: number, request: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' });
  let reply = '';
  socket.on('data', (chunk) => (reply += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  socket.write(request);
  return new Promise((resolve) => socket.on('close', () => resolve(reply)));
}
