// One connection to a caster from start to end: connect, TLS, request, reply, and the stream in either direction. It
// resolves with how it ended and never rejects; whether to try again is the caller's business.
//
//   connecting ──▶ asking ──▶ accepted ──▶ ended
//       │            ├── a sourcetable ──▶ table
//       └────────────┴── refusal, silence ──▶ failed

import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { CHUNK_END, encodeChunk } from '../../caster/ntrip/chunked.ts';
import { decodeText } from '../../caster/ntrip/text.ts';
import { errorText, type Failure } from '../failure.ts';
import { closedWithoutReply, connectionFailure, timeoutFailure } from './connection-failure.ts';
import { refusalFailure, unknownReplyFailure } from './refusal-advice.ts';
import { type ReplyHead, ReplyReader, type RequestRole } from './reply-reader.ts';
import { type NtripTarget } from './target.ts';

export interface ConnectionPlan {
  readonly target: NtripTarget;
  readonly role: RequestRole;
  readonly request: Buffer;
  /** What is sent goes out in chunks. */
  readonly sendsChunks?: boolean;
  readonly connectTimeoutMs?: number;
  readonly replyTimeoutMs?: number;
  /** Ends the connection at once. */
  readonly signal: AbortSignal;
  /** The caster accepts; `connection` may be written to until the end. */
  readonly onAccepted: (connection: OpenConnection, head: ReplyHead) => void;
  /** Bytes of the stream: views that must not be kept beyond the call. */
  readonly onData: (bytes: Buffer) => void;
}

export type ConnectionEnd =
  /** Never accepted. `retryAfterS` is the caster's wish. */
  | { readonly kind: 'failed'; readonly failure: Failure; readonly retryAfterS: number | undefined }
  /** A sourcetable came, asked for or in place of a stream; `fault` says why it may not be whole. */
  | {
      readonly kind: 'table';
      readonly head: ReplyHead;
      readonly body: Buffer;
      readonly fault: string | undefined;
    }
  /** Was accepted and is over; `detail` says why. */
  | { readonly kind: 'ended'; readonly detail: string }
  | { readonly kind: 'aborted' };

/** A stream that was accepted. */
export interface OpenConnection {
  /** Sends and resolves when there is room for more, or when the connection is over. */
  readonly send: (bytes: Buffer) => Promise<void>;
  /** Sends what is left and ends the connection properly. */
  readonly finish: () => void;
  /** Stops or resumes taking bytes from the caster. */
  readonly setPaused: (paused: boolean) => void;
}

const CONNECT_TIMEOUT_MS = 10_000;
const REPLY_TIMEOUT_MS = 15_000;
/** A refusal's words are waited for no longer than this, and no more of them are kept. */
const REFUSAL_BODY_MS = 2000;
const REFUSAL_BODY_BYTES_MAX = 16_384;
/** A sourcetable in place of a stream: the longest that was seen has 275 kB. */
const TABLE_BYTES_MAX = 8_388_608;
const TABLE_SILENCE_MS = 10_000;
const TABLE_END = /ENDSOURCETABLE\s*$/;
const TABLE_END_CHARS = 32;
/** After a proper end the caster gets this long to take the last bytes. */
const FINISH_MS = 3000;
/** Without a word from the peer for this long, the kernel asks whether it is still there. */
const KEEP_ALIVE_MS = 15_000;

/** Runs one connection to its end. */
export async function runConnection(plan: ConnectionPlan): Promise<ConnectionEnd> {
  if (plan.signal.aborted) return { kind: 'aborted' };
  return new Promise((resolve) => new Connection(plan, resolve).open());
}

/** What has come of a reply that is no stream. */
interface Answer {
  readonly head: ReplyHead;
  readonly parts: Buffer[];
  bytes: number;
  /** Its last characters. */
  tail: string;
}

class Connection {
  readonly #plan: ConnectionPlan;
  readonly #resolve: (end: ConnectionEnd) => void;
  readonly #reader: ReplyReader;
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #accepted = false;
  #finishing = false;
  #error: unknown;
  #fault: string | undefined;
  #answer: Answer | undefined;
  #over = false;

  constructor(plan: ConnectionPlan, resolve: (end: ConnectionEnd) => void) {
    this.#plan = plan;
    this.#resolve = resolve;
    this.#reader = new ReplyReader(plan.role, {
      onHead: (head) => this.#onHead(head),
      onBody: (bytes) => this.#onBody(bytes),
      onEnd: (fault) => this.#onBodyEnd(fault),
    });
  }

  open(): void {
    const { target, signal, connectTimeoutMs = CONNECT_TIMEOUT_MS } = this.#plan;
    const { host, port, insecure } = target;
    const address = { host, port, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS, noDelay: true };
    const serverName = isIP(host) === 0 ? { servername: host } : {};
    const socket = target.tls
      ? connectTls({ ...address, ...serverName, rejectUnauthorized: !insecure })
      : connectPlain(address);
    this.#socket = socket;
    this.#wait(connectTimeoutMs, () => this.#fail(timeoutFailure('connect', target, connectTimeoutMs)));
    signal.addEventListener('abort', this.#onAbort);
    socket.once(target.tls ? 'secureConnect' : 'connect', () => this.#ask(socket));
    socket.on('data', (bytes: Buffer) => this.#reader.push(bytes));
    socket.on('error', (error) => {
      this.#error = error;
    });
    socket.on('close', () => this.#onClose());
  }

  readonly #onAbort = (): void => {
    if (this.#finishing) return;
    this.#end({ kind: 'aborted' });
  };

  #ask(socket: Socket): void {
    const { target, request, replyTimeoutMs = REPLY_TIMEOUT_MS } = this.#plan;
    this.#wait(replyTimeoutMs, () => {
      this.#reader.end();
      if (!this.#reader.answered) this.#fail(timeoutFailure('reply', target, replyTimeoutMs));
    });
    socket.write(request);
  }

  #onHead(head: ReplyHead): void {
    if (head.kind === 'stream') {
      clearTimeout(this.#timer);
      this.#accepted = true;
      this.#plan.onAccepted(this.#openConnection(), head);
      return;
    }
    this.#answer = { head, parts: [], bytes: 0, tail: '' };
    if (head.kind === 'unknown') this.#endByAnswer();
    else this.#awaitRest(head);
  }

  #awaitRest(head: ReplyHead): void {
    const ms = head.kind === 'table' ? TABLE_SILENCE_MS : REFUSAL_BODY_MS;
    this.#wait(ms, () => this.#endByAnswer(`nothing more came for ${ms / 1000} s`));
  }

  #onBody(bytes: Buffer): void {
    if (this.#over) return;
    const answer = this.#answer;
    if (answer === undefined) {
      this.#plan.onData(bytes);
      return;
    }
    const isTable = answer.head.kind === 'table';
    answer.parts.push(Buffer.from(bytes));
    answer.bytes += bytes.length;
    answer.tail = (answer.tail + bytes.toString('latin1')).slice(-TABLE_END_CHARS);
    if (isTable && TABLE_END.test(answer.tail)) this.#endByAnswer();
    else if (answer.bytes > (isTable ? TABLE_BYTES_MAX : REFUSAL_BODY_BYTES_MAX))
      this.#endByAnswer('it is too long');
    else if (isTable) this.#awaitRest(answer.head);
  }

  #onBodyEnd(fault: string | undefined): void {
    this.#fault = fault;
    if (this.#answer !== undefined) this.#endByAnswer(fault);
    else if (!this.#finishing) this.#end({ kind: 'ended', detail: fault ?? 'the caster ended the stream' });
  }

  /** The socket is gone: by the peer, by an error, or because we are done with it. */
  #onClose(): void {
    this.#reader.end();
    if (this.#over) return;
    const { target } = this.#plan;
    if (this.#accepted) {
      const detail =
        this.#error === undefined
          ? 'the caster closed the connection'
          : `the connection broke: ${errorText(this.#error)}`;
      this.#end({ kind: 'ended', detail: this.#finishing ? 'all was sent' : (this.#fault ?? detail) });
    } else if (this.#answer !== undefined) this.#endByAnswer('the connection was closed');
    else if (this.#error !== undefined) this.#fail(connectionFailure(this.#error, target));
    else this.#fail(closedWithoutReply(target));
  }

  /** `fault` is why the body may lack something. */
  #endByAnswer(fault?: string): void {
    const { target, role } = this.#plan;
    const { head, parts } = this.#answer!;
    const body = Buffer.concat(parts);
    if (head.kind === 'table') this.#end({ kind: 'table', head, body, fault });
    else if (head.kind === 'unknown') this.#fail(unknownReplyFailure(head, target));
    else {
      const retryAfterS = Number(head.headers.get('retry-after') ?? NaN);
      this.#fail(
        refusalFailure(head, decodeText(body), target, role),
        Number.isFinite(retryAfterS) ? retryAfterS : undefined,
      );
    }
  }

  #fail(failure: Failure, retryAfterS?: number): void {
    this.#end({ kind: 'failed', failure, retryAfterS });
  }

  #end(end: ConnectionEnd): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#plan.signal.removeEventListener('abort', this.#onAbort);
    this.#socket?.destroy();
    this.#resolve(end);
  }

  #wait(ms: number, onTimeout: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(onTimeout, ms);
  }

  #openConnection(): OpenConnection {
    const socket = this.#socket!;
    const sendsChunks = this.#plan.sendsChunks ?? false;
    return {
      send: async (bytes) => {
        if (this.#over || socket.destroyed) return;
        if (socket.write(sendsChunks ? encodeChunk(bytes) : bytes)) return;
        await new Promise<void>((resolve) => {
          const go = (): void => {
            socket.off('drain', go);
            socket.off('close', go);
            resolve();
          };
          socket.on('drain', go);
          socket.on('close', go);
        });
      },
      finish: () => {
        if (this.#over || this.#finishing) return;
        this.#finishing = true;
        socket.end(sendsChunks ? CHUNK_END : Buffer.alloc(0));
        this.#wait(FINISH_MS, () => socket.destroy());
      },
      setPaused: (paused) => {
        if (paused) socket.pause();
        else socket.resume();
      },
    };
  }
}
