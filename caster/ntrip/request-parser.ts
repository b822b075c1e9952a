// HOT: bench/micro/ntrip.bench.ts
// Bytes of a new connection -> one request. Indifferent to where the bytes are cut, never throws, and refuses as soon
// as a refusal is certain. It must never hold more than the one line that is not complete yet, and none at all while
// requests arrive whole, as nearly all do.
//
//     first line --LF--> headers --LF LF--> done, the rest belongs to the stream
//         \                 \
//          `-- not a method, `-- control character, line or head too long, too many lines --> done, kind 'bad'
//              TLS, binary
//
// Lines end in CRLF or bare LF (millipede's own tests send the latter).

import { REQUEST_HEADERS_MAX, REQUEST_HEAD_BYTES_MAX, REQUEST_LINE_BYTES_MAX } from '../../config/limits.ts';
import { type BadReason, type NtripRequest } from './request.ts';
import { type HeadFields, badRequest, decideRequest, readHeaderLine } from './request-head.ts';
import { type RequestLine, parseRequestLine } from './request-line.ts';
import { decodeText } from './text.ts';

export interface RequestLimits {
  /** Longest line, in bytes before its LF. */
  lineBytesMax: number;
  /** Longest head, in bytes, the blank line included. */
  headBytesMax: number;
  headersMax: number;
}

const DEFAULT_LIMITS: RequestLimits = {
  lineBytesMax: REQUEST_LINE_BYTES_MAX,
  headBytesMax: REQUEST_HEAD_BYTES_MAX,
  headersMax: REQUEST_HEADERS_MAX,
};

export type ParseResult = { done: false } | { done: true; request: NtripRequest; rest: Buffer };

const NEED_MORE: ParseResult = { done: false };
const NOTHING = Buffer.alloc(0);
const METHOD_CHARS_MAX = 16;
const LF = 0x0a;
const CR = 0x0d;
const TAB = 0x09;
const SPACE = 0x20;
const DEL = 0x7f;
const TLS_HANDSHAKE_RECORD = 0x16;

export class RequestParser {
  readonly #limits: RequestLimits;
  /** The incomplete line, in the first `#heldBytes` of `#held`. */
  #held = NOTHING;
  #heldBytes = 0;
  #headBytes = 0;
  #headers = 0;
  /** Still inside the first token of the first line. */
  #inMethod = true;
  #line: RequestLine | undefined;
  readonly #fields: HeadFields = {};
  #request: NtripRequest | undefined;

  constructor(limits: RequestLimits = DEFAULT_LIMITS) {
    this.#limits = limits;
  }

  /**
   * Takes the next bytes. `rest` is the part of `chunk` after the head (a view, not a copy); empty after a refusal.
   * Once done the parser stays done and hands every further chunk back as `rest`.
   */
  push(chunk: Buffer): ParseResult {
    if (this.#request !== undefined) return { done: true, request: this.#request, rest: chunk };
    const { lineBytesMax, headBytesMax } = this.#limits;
    const headEnd = headBytesMax - this.#headBytes;
    let lineStart = 0;
    let lineEndMax = lineBytesMax - this.#heldBytes;
    let previous = this.#heldBytes > 0 ? this.#held[this.#heldBytes - 1] : LF;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (at >= headEnd)
        return this.#refuse('head_too_large', `the head is longer than ${headBytesMax} bytes`);
      if (byte === LF) {
        const request = this.#takeLine(chunk, lineStart, at);
        if (request !== undefined) return this.#finish(request, chunk.subarray(at + 1));
        this.#heldBytes = 0;
        lineStart = at + 1;
        lineEndMax = lineStart + lineBytesMax;
      } else if (at >= lineEndMax) {
        return this.#refuse(
          this.#line === undefined ? 'request_line_too_long' : 'line_too_long',
          `a line is longer than ${lineBytesMax} bytes`,
        );
      } else if (previous === CR && byte !== CR) {
        return this.#refuseByte('a carriage return inside a line');
      } else if (this.#inMethod) {
        if (byte === SPACE) this.#inMethod = false;
        else if (byte === TLS_HANDSHAKE_RECORD && previous === LF) {
          return this.#refuse('tls_handshake', 'TLS on a port that does not speak it');
        } else if (
          byte !== CR &&
          !(isMethodByte(byte) && this.#heldBytes + at - lineStart < METHOD_CHARS_MAX)
        ) {
          return this.#refuseByte('this is not a method');
        }
      } else if ((byte < SPACE && byte !== CR && byte !== TAB) || byte === DEL) {
        return this.#refuseByte('a control character inside a line');
      }
      previous = byte;
    }
    this.#headBytes += chunk.length;
    this.#hold(chunk, lineStart);
    return NEED_MORE;
  }

  /** One complete line: what was held, then `chunk[start, end)`. Returns the request when the head is complete. */
  #takeLine(chunk: Buffer, start: number, end: number): NtripRequest | undefined {
    let bytes = chunk;
    if (this.#heldBytes > 0) {
      this.#hold(chunk.subarray(0, end), start);
      bytes = this.#held;
      start = 0;
      end = this.#heldBytes;
    }
    while (end > start && bytes[end - 1] === CR) end--;
    if (this.#line === undefined) {
      // RFC 9112 §2.2: blank lines before the request line are passed over.
      return end === start ? undefined : this.#takeRequestLine(decodeText(bytes, start, end));
    }
    if (end === start) return this.#decide(this.#line);
    if (++this.#headers > this.#limits.headersMax) {
      const { method } = this.#line;
      return badRequest(
        method,
        'header_too_many',
        `more than ${this.#limits.headersMax} headers`,
        this.#fields,
      );
    }
    readHeaderLine(bytes, start, end, this.#fields);
    return undefined;
  }

  #takeRequestLine(text: string): NtripRequest | undefined {
    this.#inMethod = false;
    const line = parseRequestLine(text);
    this.#line = line;
    // The form of a GET's refusal depends on its headers; no other refusal has to wait.
    return line.ok || line.method === 'GET' ? undefined : this.#decide(line);
  }

  #decide(line: RequestLine): NtripRequest {
    return line.ok
      ? decideRequest(line, this.#fields)
      : badRequest(line.method, line.reason, line.detail, this.#fields);
  }

  /** Appends `chunk` from `start` on to the held line; its length was checked before. */
  #hold(chunk: Buffer, start: number): void {
    const bytes = chunk.length - start;
    if (bytes === 0) return;
    const needed = this.#heldBytes + bytes;
    if (needed > this.#held.length) {
      const larger = Buffer.allocUnsafeSlow(
        Math.max(needed, Math.min(2 * this.#held.length, this.#limits.lineBytesMax)),
      );
      this.#held.copy(larger, 0, 0, this.#heldBytes);
      this.#held = larger;
    }
    chunk.copy(this.#held, this.#heldBytes, start);
    this.#heldBytes = needed;
  }

  #refuseByte(detail: string): ParseResult {
    return this.#refuse(this.#line === undefined ? 'bad_request_line' : 'bad_header', detail);
  }

  #refuse(reason: BadReason, detail: string): ParseResult {
    return this.#finish(badRequest(this.#line?.method ?? '', reason, detail, this.#fields), NOTHING);
  }

  #finish(request: NtripRequest, rest: Buffer): ParseResult {
    this.#request = request;
    this.#held = NOTHING;
    this.#heldBytes = 0;
    return { done: true, request, rest: request.kind === 'bad' ? NOTHING : rest };
  }
}

function isMethodByte(byte: number): boolean {
  const lower = byte | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || byte === 0x5f || byte === 0x2d;
}
