// HTTP/1.1 chunked transfer coding, both ways (RFC 9112 §7.1). The decoder takes any cut, keeps nothing but a first
// line that is not complete yet, and never throws.
//
//   SIZE ──';', blank──▶ EXTENSION      DATA ──▶ AFTER_DATA ──LF──▶ SIZE
//     │ LF                  │ LF          ▲
//     └──────────┬──────────┘             │         first line is not a size ──▶ RAW  (all bytes pass as they are)
//                ├── size > 0 ────────────┘         later line is not a size ──▶ BAD
//                └── size 0 ──▶ TRAILER ──blank line──▶ END
//
// RAW is for senders that declare chunks and send none: BKG's caster takes every version 2 body for chunked whatever
// its header says, so headers of the field are not to be trusted either way.

export type ChunkedResult =
  | { state: 'more' }
  /** `rest` is what follows the coded body. */
  | { state: 'end'; rest: Buffer }
  | {
      state: 'bad';
      reason: 'bad_size' | 'size_too_large' | 'line_too_long' | 'missing_line_end' | 'trailer_too_long';
    };

type BadChunkReason = (ChunkedResult & { state: 'bad' })['reason'];

const SIZE = 0;
const EXTENSION = 1;
const DATA = 2;
const AFTER_DATA = 3;
const TRAILER = 4;
const RAW = 5;
const END = 6;
const BAD = 7;
type State =
  | typeof SIZE
  | typeof EXTENSION
  | typeof DATA
  | typeof AFTER_DATA
  | typeof TRAILER
  | typeof RAW
  | typeof END
  | typeof BAD;

const CHUNK_BYTES_MAX = 0x7fff_ffff;
const SIZE_LINE_BYTES_MAX = 256;
const TRAILER_BYTES_MAX = 4096;
const LF = 0x0a;
const CR = 0x0d;
const TAB = 0x09;
const SPACE = 0x20;
const SEMICOLON = 0x3b;
const MORE: ChunkedResult = { state: 'more' };
const NOTHING = Buffer.alloc(0);

/** What ends a chunked body. Shared: never write into it. */
export const CHUNK_END: Buffer = Buffer.from('0\r\n\r\n');

/** `bytes` as one chunk, in a buffer of its own of exactly that size. No bytes make no chunk: an empty one would end the body. */
export function encodeChunk(bytes: Buffer): Buffer {
  if (bytes.length === 0) return NOTHING;
  const size = `${bytes.length.toString(16)}\r\n`;
  const chunk = Buffer.allocUnsafeSlow(size.length + bytes.length + 2);
  chunk.write(size, 0, 'latin1');
  bytes.copy(chunk, size.length);
  chunk[chunk.length - 2] = CR;
  chunk[chunk.length - 1] = LF;
  return chunk;
}

export class ChunkedDecoder {
  #state: State = SIZE;
  #size = 0;
  #digits = 0;
  #lineBytes = 0;
  #afterCr = false;
  #anyChunk = false;
  /** Start of the first line, until it is known whether it is one. */
  #withheld = NOTHING;
  #bad: BadChunkReason = 'bad_size';

  /** The first line was no chunk size: the body is taken as it comes. */
  get isRaw(): boolean {
    return this.#state === RAW;
  }

  /** The chunk of size zero has come; many senders close without the blank line that should follow. */
  get sawLastChunk(): boolean {
    return this.#state === TRAILER || this.#state === END;
  }

  /**
   * Decodes `chunk`. `onData` is called with views of it, in order, never with nothing. After `end` and `bad` the
   * answer stays the same and no more data comes.
   */
  push(chunk: Buffer, onData: (bytes: Buffer) => void): ChunkedResult {
    let at = 0;
    while (at < chunk.length) {
      switch (this.#state) {
        case RAW:
          onData(at === 0 ? chunk : chunk.subarray(at));
          return MORE;
        case END:
          return { state: 'end', rest: at === 0 ? chunk : chunk.subarray(at) };
        case BAD:
          return { state: 'bad', reason: this.#bad };
        case DATA: {
          const end = Math.min(chunk.length, at + this.#size);
          onData(chunk.subarray(at, end));
          this.#size -= end - at;
          at = end;
          if (this.#size === 0) this.#state = AFTER_DATA;
          break;
        }
        case AFTER_DATA:
          this.#takeAfterData(chunk[at++]!);
          break;
        case TRAILER:
          this.#takeTrailer(chunk[at++]!);
          break;
        case SIZE:
        case EXTENSION:
          if (this.#takeSizeLine(chunk[at]!)) {
            at++;
          } else if (!this.#anyChunk && this.#bad !== 'size_too_large') {
            this.#state = RAW;
            if (this.#withheld.length > 0) onData(this.#withheld);
            this.#withheld = NOTHING;
            at = 0;
          } else {
            this.#state = BAD;
          }
      }
    }
    if (this.#state === BAD) return { state: 'bad', reason: this.#bad };
    if (this.#state === END) return { state: 'end', rest: NOTHING };
    if (!this.#anyChunk && (this.#state === SIZE || this.#state === EXTENSION)) {
      this.#withheld = Buffer.concat([this.#withheld, chunk]);
    }
    return MORE;
  }

  /** Returns false, with the reason in #bad, where `byte` cannot belong to a size line. */
  #takeSizeLine(byte: number): boolean {
    if (byte === LF && this.#digits > 0) {
      this.#endSizeLine();
      return true;
    }
    if (++this.#lineBytes > SIZE_LINE_BYTES_MAX) {
      this.#bad = 'line_too_long';
      return false;
    }
    this.#bad = 'bad_size';
    if (this.#afterCr) return false;
    const digit = this.#state === SIZE ? hexValue(byte) : -1;
    if (digit >= 0) {
      this.#digits++;
      this.#size = this.#size * 16 + digit;
      this.#bad = 'size_too_large';
      return this.#size <= CHUNK_BYTES_MAX;
    }
    if (this.#digits === 0) return false;
    if (byte === CR) {
      this.#afterCr = true;
      return true;
    }
    if (this.#state === SIZE) {
      this.#state = EXTENSION;
      return byte === SEMICOLON || byte === SPACE || byte === TAB;
    }
    return byte >= SPACE || byte === TAB;
  }

  #endSizeLine(): void {
    this.#state = this.#size === 0 ? TRAILER : DATA;
    this.#anyChunk = true;
    this.#withheld = NOTHING;
    this.#digits = 0;
    this.#lineBytes = 0;
    this.#afterCr = false;
  }

  #takeAfterData(byte: number): void {
    if (byte === LF) {
      this.#state = SIZE;
      this.#afterCr = false;
    } else if (byte === CR && !this.#afterCr) {
      this.#afterCr = true;
    } else {
      this.#state = BAD;
      this.#bad = 'missing_line_end';
    }
  }

  /** #size counts all trailer bytes, #lineBytes those of the current line. */
  #takeTrailer(byte: number): void {
    if (byte === LF && this.#lineBytes === 0) {
      this.#state = END;
    } else if (++this.#size > TRAILER_BYTES_MAX) {
      this.#state = BAD;
      this.#bad = 'trailer_too_long';
    } else if (byte === LF) {
      this.#lineBytes = 0;
    } else if (byte !== CR) {
      this.#lineBytes++;
    }
  }
}

function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
