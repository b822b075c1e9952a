// Reads what a caster answers, in every form that casters of the field were seen to use, cut at any byte. Pure: bytes
// in, one head and the body out. It must never hand a byte of the reply to the stream, nor keep one of the stream.
//
//   STATUS ── HTTP/1.x, SOURCETABLE ──▶ HEADERS ──blank line──▶ BODY (chunks taken off)
//     │  ▲                                 │ 100 Continue
//     │  └─────────────────────────────────┘ (the end of the connection counts as a blank line)
//     ├── ICY 200 OK, OK ──▶ LEAD_IN ──▶ BODY
//     ├── ERROR - words ───▶ BODY
//     └── no line of text ─▶ BODY, kind 'unknown'
//
// LEAD_IN is for `ICY 200 OK`: some casters send nothing behind its line end, some a blank line, some headers and a
// blank line (millipede). The stream is accepted at once; the first bytes are held only while they may still be one of
// those.

import { ChunkedDecoder } from '../../caster/ntrip/chunked.ts';
import { decodeText } from '../../caster/ntrip/text.ts';

/** What was asked for: to receive, to send, or the sourcetable. */
export type RequestRole = 'rover' | 'base' | 'table';

export interface ReplyHead {
  /** `stream`: accepted. `table`: a sourcetable follows. `refusal`: no. `unknown`: nothing that a caster would say. */
  readonly kind: 'stream' | 'table' | 'refusal' | 'unknown';
  readonly protocol: 'ICY' | 'HTTP' | 'SOURCETABLE' | 'SOURCE' | 'none';
  /** HTTP status, 200 for the words that mean it; 0 where the reply has none. */
  readonly status: number;
  /** First line of the reply; for an unknown one its beginning. */
  readonly statusLine: string;
  /** Names in lower case; the first of a name. */
  readonly headers: ReadonlyMap<string, string>;
}

export interface ReplyHandlers {
  /** Once, before any body. */
  readonly onHead: (head: ReplyHead) => void;
  /** What follows the head, transfer coding taken off; views that must not be kept beyond the call. */
  readonly onBody: (bytes: Buffer) => void;
  /** Once: the body is over by its own account. `fault` says what broke it, undefined where nothing did. */
  readonly onEnd: (fault: string | undefined) => void;
}

type State = 'status' | 'headers' | 'leadIn' | 'body' | 'ended';

const LINE_BYTES_MAX = 4096;
const HEAD_BYTES_MAX = 16_384;
const UNKNOWN_CHARS_SHOWN = 80;
const LF = 0x0a;

export class ReplyReader {
  readonly #role: RequestRole;
  readonly #handlers: ReplyHandlers;
  #state: State = 'status';
  #held: Buffer = Buffer.alloc(0);
  #statusLine = '';
  #headers = new Map<string, string>();
  #headBytes = 0;
  #chunks: ChunkedDecoder | undefined;
  #bodyLeft = Infinity;

  /** A base is accepted by any 200, a rover only by one that can be a stream. */
  constructor(role: RequestRole, handlers: ReplyHandlers) {
    this.#role = role;
    this.#handlers = handlers;
  }

  /** Whether the caster has answered as far as it must to be understood. */
  get answered(): boolean {
    return this.#state !== 'status' && this.#state !== 'headers';
  }

  push(chunk: Buffer): void {
    let bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = Buffer.alloc(0);
    while (bytes.length > 0) {
      if (this.#state === 'body') {
        this.#takeBody(bytes);
        return;
      }
      if (this.#state === 'ended') return;
      const rest = this.#state === 'leadIn' ? this.#takeLeadIn(bytes) : this.#takeLine(bytes);
      if (rest === undefined) {
        this.#held = Buffer.from(bytes);
        return;
      }
      bytes = rest;
    }
  }

  /** Nothing more comes: what has come is the reply, even where its line end or blank line is missing (RTKLIB). */
  end(): void {
    if (this.#state === 'status' && this.#held.length > 0) this.push(Buffer.from('\n'));
    if (this.#state === 'headers') this.#endHeaders();
  }

  /** Returns what follows the next line of the head, undefined where it is not complete. */
  #takeLine(bytes: Buffer): Buffer | undefined {
    const end = bytes.indexOf(LF);
    const looked = bytes.subarray(0, end < 0 ? bytes.length : end);
    if (!isText(looked)) {
      if (this.#state === 'status') return this.#giveUp(bytes);
      // A caster that forgot the blank line: the stream has begun.
      this.#endHeaders();
      return bytes;
    }
    if (end < 0) return bytes.length > LINE_BYTES_MAX ? this.#giveUp(bytes) : undefined;
    const line = decodeText(looked).replace(/\r$/, '');
    const rest = bytes.subarray(end + 1);
    this.#headBytes += end + 1;
    if (this.#headBytes > HEAD_BYTES_MAX) return this.#giveUp(bytes);
    if (this.#state === 'status') return this.#takeStatus(line, bytes, rest);
    if (line === '') this.#endHeaders();
    else this.#takeHeader(line);
    return rest;
  }

  #takeStatus(line: string, bytes: Buffer, rest: Buffer): Buffer {
    // A blank line in front of a reply is left over from the one before (RFC 9112 §2.2).
    if (line === '') return rest;
    this.#statusLine = line;
    if (/^ICY 200\b/i.test(line) || /^OK\s*$/.test(line)) {
      this.#announce('stream', line.startsWith('OK') ? 'SOURCE' : 'ICY', 200, 'leadIn');
    } else if (/^ERROR\b/i.test(line) || /^ICY \d/i.test(line)) {
      this.#announce('refusal', 'SOURCE', Number(/^ICY (\d{3})/i.exec(line)?.[1] ?? 0), 'body');
    } else if (/^(?:HTTP\/1\.\d|SOURCETABLE) \d{3}\b/i.test(line)) {
      this.#state = 'headers';
    } else {
      return this.#giveUp(bytes);
    }
    return rest;
  }

  #takeHeader(line: string): void {
    const colon = line.indexOf(':');
    if (colon < 1) return;
    const name = line.slice(0, colon).trim().toLowerCase();
    if (!this.#headers.has(name)) this.#headers.set(name, line.slice(colon + 1).trim());
  }

  #endHeaders(): void {
    const [, word = '', digits = '0'] = /^(\S+) (\d{3})/.exec(this.#statusLine) ?? [];
    const status = Number(digits);
    if (status === 100) {
      this.#state = 'status';
      this.#headers = new Map();
      return;
    }
    const protocol = /^SOURCETABLE$/i.test(word) ? 'SOURCETABLE' : 'HTTP';
    const length = Number(this.#headers.get('content-length') ?? NaN);
    if (/\bchunked\b/i.test(this.#headers.get('transfer-encoding') ?? ''))
      this.#chunks = new ChunkedDecoder();
    const kind = this.#kindOf(protocol, status);
    // A stream has no end: the length some casters give it is that of nothing.
    if (kind !== 'stream' && Number.isInteger(length)) this.#bodyLeft = length;
    this.#announce(kind, protocol, status, 'body');
    if (this.#bodyLeft === 0) this.#end();
  }

  #kindOf(protocol: 'SOURCETABLE' | 'HTTP', status: number): ReplyHead['kind'] {
    if (status !== 200) return 'refusal';
    if (protocol === 'SOURCETABLE') return 'table';
    if (this.#role === 'base') return 'stream';
    const type = this.#headers.get('content-type') ?? '';
    if (this.#role === 'table' && !/^text\/html\b/i.test(type)) return 'table';
    if (/^gnss\/sourcetable\b|^text\/plain\b/i.test(type)) return 'table';
    return /^text\/|^application\/json\b/i.test(type) ? 'unknown' : 'stream';
  }

  /** Takes off the blank line, or headers and blank line, that may follow `ICY 200 OK`. */
  #takeLeadIn(bytes: Buffer): Buffer | undefined {
    const end = bytes.indexOf(LF);
    const line = bytes.toString('latin1', 0, end < 0 ? bytes.length : end);
    if (end < 0 && bytes.length <= LINE_BYTES_MAX && mayBecomeHeadLine(line)) return undefined;
    if (end >= 0 && /^\r?$/.test(line)) {
      this.#state = 'body';
      return bytes.subarray(end + 1);
    }
    if (end >= 0 && HEADER_LINE.test(line)) return bytes.subarray(end + 1);
    this.#state = 'body';
    return bytes;
  }

  #takeBody(bytes: Buffer): void {
    if (this.#chunks === undefined) {
      this.#handOn(bytes);
      return;
    }
    const result = this.#chunks.push(bytes, (data) => this.#handOn(data));
    if (result.state === 'bad') this.#end(`its chunks cannot be read (${result.reason})`);
    else if (result.state === 'end') this.#end();
  }

  #handOn(bytes: Buffer): void {
    const taken = bytes.length > this.#bodyLeft ? bytes.subarray(0, this.#bodyLeft) : bytes;
    this.#bodyLeft -= taken.length;
    if (taken.length > 0) this.#handlers.onBody(taken);
    if (this.#bodyLeft === 0) this.#end();
  }

  #end(fault?: string): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#handlers.onEnd(fault);
  }

  /** What has come is no reply; it is handed on as a body, for whoever can tell what it is. */
  #giveUp(bytes: Buffer): Buffer {
    if (this.#statusLine === '') {
      const start = decodeText(bytes.subarray(0, UNKNOWN_CHARS_SHOWN));
      this.#statusLine = start.replace(/[^\x20-\x7e]+/g, ' ').trim();
    }
    this.#announce('unknown', 'none', 0, 'body');
    return bytes;
  }

  #announce(kind: ReplyHead['kind'], protocol: ReplyHead['protocol'], status: number, next: State): void {
    this.#state = next;
    const { onHead } = this.#handlers;
    onHead({ kind, protocol, status, statusLine: this.#statusLine, headers: this.#headers });
  }
}

const HEADER_LINE = /^[A-Za-z][A-Za-z0-9-]*:[\x20-\x7e\t\x80-\xff]*\r?$/;

/** Whether more bytes could make a blank line or a header line of this one. */
function mayBecomeHeadLine(line: string): boolean {
  return line === '\r' || /^[A-Za-z][A-Za-z0-9-]*(?::[\x20-\x7e\t\x80-\xff]*\r?)?$/.test(line);
}

/** Text as far as it goes: no control characters but tab and the CR at its end. */
function isText(line: Buffer): boolean {
  return (
    line.every(
      (byte, index) => byte >= 0x20 || byte === 0x09 || (byte === 0x0d && index === line.length - 1),
    ) && line[0] !== 0xd3
  );
}
