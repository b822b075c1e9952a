// The far end of a connection to a caster, as a test holds it: every byte that came, in order, to be taken piece by
// piece. Waiting is for bytes or for the end, never for time; what does not come fails with what came instead.

import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

const PATIENCE_MS = 15_000;
const SHOWN_BYTES = 400;

export interface PeerOptions {
  /** Own address: any of 127.0.0.0/8. */
  readonly from?: string;
  readonly host?: string;
  /** Speaks TLS; the caster's certificate must be signed by `ca`. */
  readonly tls?: ConnectionOptions;
  /** Bytes in front of everything else, TLS included: what a proxy says. */
  readonly preface?: Buffer | string;
}

const open = new Set<WirePeer>();

/** The connections that are open now. */
export function openPeers(): ReadonlySet<WirePeer> {
  return new Set(open);
}

export class WirePeer {
  readonly socket: Socket;
  /** Resolves when the connection is gone, however it went. */
  readonly closed: Promise<void>;
  /** The caster has sent FIN. */
  ended = false;
  #pieces: Buffer[] = [];
  #bytes = 0;
  #error: Error | undefined;
  #look: (() => void) | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    open.add(this);
    socket.setNoDelay(true);
    socket.on('data', (piece: Buffer) => {
      this.#pieces.push(piece);
      this.#bytes += piece.length;
      this.#look?.();
    });
    socket.on('end', () => {
      this.ended = true;
      this.#look?.();
    });
    socket.on('error', (error) => (this.#error = error));
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        open.delete(this);
        this.ended = true;
        this.#look?.();
        resolve();
      });
    });
  }

  /** Bytes that came and were not taken yet. */
  get waiting(): Buffer {
    if (this.#pieces.length > 1) this.#pieces = [Buffer.concat(this.#pieces)];
    return this.#pieces[0] ?? Buffer.alloc(0);
  }

  get waitingBytes(): number {
    return this.#bytes;
  }

  /** Undefined while the connection has not failed. */
  get error(): Error | undefined {
    return this.#error;
  }

  send(bytes: Buffer | string): void {
    this.socket.write(bytes);
  }

  /**
   * Sends in pieces of `sizeOf()` bytes, a turn of the event loop apart, and waits where the caster takes no more. What
   * is left when the caster hangs up is not sent.
   */
  async sendInPieces(bytes: Buffer, sizeOf: () => number): Promise<void> {
    for (let at = 0; at < bytes.length && this.socket.writable;) {
      const size = sizeOf();
      const goesOn = this.socket.write(bytes.subarray(at, at + size));
      at += size;
      if (goesOn) await new Promise((resolve) => setImmediate(resolve));
      else await Promise.race([once(this.socket, 'drain'), this.closed]);
    }
  }

  /** Takes exactly `count` bytes. */
  async read(count: number): Promise<Buffer> {
    await this.#until(`${count} bytes`, () => this.#bytes >= count);
    return this.#take(count);
  }

  /** Takes everything up to and with the first empty line. */
  async readHead(): Promise<string> {
    await this.#until('a head', () => this.waiting.includes('\r\n\r\n'));
    return this.#take(this.waiting.indexOf('\r\n\r\n') + 4).toString('latin1');
  }

  /** Takes everything that comes until the caster ends the connection. */
  async readToEnd(): Promise<Buffer> {
    await this.#until('the end', () => this.ended);
    return this.#take(this.#bytes);
  }

  /** Half-closes: no more will be sent. */
  finish(): void {
    this.socket.end();
  }

  hangUp(): void {
    this.socket.destroy();
  }

  /** RST instead of FIN. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  #take(count: number): Buffer {
    const all = this.waiting;
    this.#pieces = count < all.length ? [all.subarray(count)] : [];
    this.#bytes -= count;
    return all.subarray(0, count);
  }

  async #until(what: string, holds: () => boolean): Promise<void> {
    if (holds()) return;
    await new Promise<void>((resolve, reject) => {
      const settle = (error?: Error): void => {
        clearTimeout(deadline);
        this.#look = undefined;
        if (error === undefined) resolve();
        else reject(error);
      };
      const fail = (why: string): void =>
        settle(new Error(`${why} instead of ${what}; ${this.#bytes} bytes wait: ${this.#shown()}`));
      const deadline = setTimeout(() => fail(`${PATIENCE_MS} ms passed`), PATIENCE_MS);
      this.#look = () => {
        if (holds()) settle();
        else if (this.ended) fail(this.#error === undefined ? 'the connection ended' : this.#error.message);
      };
    });
  }

  #shown(): string {
    return JSON.stringify(this.waiting.toString('latin1', 0, SHOWN_BYTES));
  }
}

/** Connects to a port of this machine. */
export async function connectPeer(port: number, options: PeerOptions = {}): Promise<WirePeer> {
  const host = options.host ?? '127.0.0.1';
  const from = options.from === undefined ? {} : { localAddress: options.from };
  const plain = connectTcp({ host, port, ...from });
  await connected(plain, 'connect');
  if (options.preface !== undefined) plain.write(options.preface);
  if (options.tls === undefined) return new WirePeer(plain);
  const secure = connectTls({ socket: plain, servername: 'localhost', ...options.tls });
  await connected(secure, 'secureConnect');
  return new WirePeer(secure);
}

function connected(socket: Socket, event: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once(event, () => {
      socket.off('error', reject);
      resolve();
    });
  });
}

/** Sends one request and takes the whole reply, up to the end of the connection. */
export async function ask(
  port: number,
  request: Buffer | string,
  options: PeerOptions = {},
): Promise<Buffer> {
  const peer = await connectPeer(port, options);
  peer.send(request);
  return await peer.readToEnd();
}
