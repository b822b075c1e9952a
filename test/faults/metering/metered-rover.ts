// A rover that counts for itself what it gets, written without anything of the caster's, and lives as it is told to.

import { connect, type Socket } from 'node:net';
import { descriptorOf } from '../../../caster/net/peer-socket.ts';
import { unreadBytes } from '../../proof/libc.ts';

/** How a rover spends its life, and by whom it ends. */
export type Life =
  /** Hangs up in order: half closes, and reads until the caster has closed too. */
  | 'leaves'
  /** Breaks the connection off, whatever is still under way. */
  | 'breaks'
  /** Is there until the caster stops. */
  | 'stays'
  /** Reads now and then, so that epochs are dropped for it; then it hangs up in order. */
  | 'slow'
  /** Never reads. */
  | 'stalls'
  /** Wrong password. */
  | 'refused'
  /** A second login of its account takes its place; that one then stays. */
  | 'replaced';

const ACCEPT = 'ICY 200 OK\r\n\r\n';

export class MeteredRover {
  readonly account: string;
  readonly life: Life;
  readonly socket: Socket;
  /** Stream payload: what came behind the reply. */
  bytes = 0;
  /** What had come when it broke off, and nobody will read. */
  unreadBytes = 0;
  readonly accepted: Promise<boolean>;
  /** When the caster closed in order, on the monotonic clock. */
  endedMs: number | undefined;
  readonly closed: Promise<void>;
  #head = '';
  #isAccepted: boolean | undefined;

  constructor(port: number, mountpoint: string, account: string, life: Life, given = passwordOf(account)) {
    this.account = account;
    this.life = life;
    const password = life === 'refused' ? 'not-that-one' : given;
    const authorization = Buffer.from(`${account}:${password}`).toString('base64');
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.accepted = promise;
    this.socket.write(
      `GET /${mountpoint} HTTP/1.0\r\nUser-Agent: NTRIP test/1\r\nAuthorization: Basic ${authorization}\r\n\r\n`,
    );
    this.socket.on('data', (piece: Buffer) => {
      if (this.#isAccepted !== undefined) {
        this.bytes += piece.length;
        return;
      }
      this.#head += piece.toString('latin1');
      if (this.#head.length < ACCEPT.length) return;
      this.#isAccepted = this.#head.startsWith(ACCEPT);
      if (this.#isAccepted) this.bytes = this.#head.length - ACCEPT.length;
      if (life === 'stalls') this.socket.pause();
      resolve(this.#isAccepted);
    });
    this.socket.on('end', () => {
      this.endedMs = performance.now();
      this.socket.end();
    });
    this.socket.on('error', () => resolve(false));
    this.closed = new Promise((done) =>
      this.socket.on('close', () => {
        resolve(false);
        done();
      }),
    );
  }

  /** What it was answered, where that was no stream. */
  get reply(): string {
    return this.#head;
  }

  /** Says that it has had enough; what is under way still comes. */
  leave(): void {
    this.socket.end();
  }

  break(): void {
    this.unreadBytes = unreadBytes(descriptorOf(this.socket));
    this.socket.resetAndDestroy();
  }
}

export function passwordOf(account: string): string {
  return `right-for-${account}`;
}
