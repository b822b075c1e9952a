// A file, or standard output, that a stream is written to without ever growing the memory: it says when it is full.

import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { type Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { type Failure, fileFailure } from './failure.ts';

export class ByteFile {
  readonly #path: string;
  readonly #stream: Writable;
  #error: unknown;
  #onFull: (isFull: boolean) => void = () => undefined;

  private constructor(path: string, stream: Writable) {
    this.#path = path;
    this.#stream = stream;
    stream.on('error', (error) => {
      this.#error ??= error;
    });
    stream.on('drain', () => this.#onFull(false));
  }

  /** Opens `path` anew; `-` is standard output. */
  static async open(path: string): Promise<{ ok: true; file: ByteFile } | { ok: false; failure: Failure }> {
    if (path === '-') return { ok: true, file: new ByteFile('standard output', process.stdout) };
    try {
      const handle = await open(path, 'w');
      return { ok: true, file: new ByteFile(path, createWriteStream('', { fd: handle })) };
    } catch (error) {
      return { ok: false, failure: fileFailure(path, error, true) };
    }
  }

  /** Whether a write has failed, as on a full disk. */
  get failed(): boolean {
    return this.#error !== undefined;
  }

  /** Told when there is no room for more for now, and when there is again. */
  whenFull(onFull: (isFull: boolean) => void): void {
    this.#onFull = onFull;
  }

  /** Takes a copy of `bytes`. */
  write(bytes: Buffer): void {
    if (!this.failed && !this.#stream.write(Buffer.from(bytes))) this.#onFull(true);
  }

  /** Resolves when there is room for more. */
  async room(): Promise<void> {
    if (this.failed || !this.#stream.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        for (const event of ['drain', 'error', 'close']) this.#stream.off(event, go);
        resolve();
      };
      for (const event of ['drain', 'error', 'close']) this.#stream.on(event, go);
    });
  }

  /** Writes to the end; resolves to what went wrong. */
  async close(): Promise<Failure | undefined> {
    if (this.#stream !== process.stdout && !this.failed) {
      this.#stream.end();
      await finished(this.#stream).catch(() => undefined);
    }
    return this.failed ? fileFailure(this.#path, this.#error, true) : undefined;
  }
}
