// Where log lines go: standard error, by Node's own stream and on this thread. A pipe or socket whose reader is slow
// then queues lines here, bounded, and never blocks the thread; a file or terminal is written to at once, so that the
// last line before a crash is in it. A transport thread would cost memory, lose exactly those lines, and block no less.
// A reader that has gone away (EPIPE) or a full disk (ENOSPC) costs lines, which are counted, and never the process.

import { LOG_BACKLOG_BYTES_MAX } from '../../config/limits.ts';

/** The part of a writable stream that is used. */
export interface LineStream {
  readonly writableLength: number;
  write(line: string, done: (error?: Error | null) => void): unknown;
  on(event: 'error', listener: () => void): unknown;
}

export class LogDestination {
  readonly #stream: LineStream;
  #linesLost = 0;

  constructor(stream: LineStream) {
    this.#stream = stream;
    // Counted by the callback of its write; without a listener it would end the process.
    stream.on('error', () => undefined);
  }

  get linesLost(): number {
    return this.#linesLost;
  }

  /** False where the next line would be lost. */
  get hasRoom(): boolean {
    return this.#stream.writableLength < LOG_BACKLOG_BYTES_MAX;
  }

  write(line: string): void {
    if (this.hasRoom) this.#stream.write(line, this.#onWritten);
    else this.#linesLost++;
  }

  readonly #onWritten = (error?: Error | null): void => {
    if (error) this.#linesLost++;
  };
}
