// How the client gets bytes: no redirects, no more than may come, and not for ever: neither where nothing moves, nor where
// a little moves now and then.

import { OTA_BYTES_PER_SECOND_MIN, OTA_SILENT_MS_MAX } from '../../../config/limits.ts';
import { OtaRefused } from './refusal.ts';

/** How long it waits for a byte, and for so many of them. */
export interface Patience {
  readonly silentMs: number;
  readonly wholeMs: (bytes: number) => number;
}

export const PATIENCE: Patience = {
  silentMs: OTA_SILENT_MS_MAX,
  wholeMs: (bytes) => 2 * OTA_SILENT_MS_MAX + (1000 * bytes) / OTA_BYTES_PER_SECOND_MIN,
};

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly chunks: AsyncIterable<Uint8Array>;
}

export interface Bounds {
  readonly signal: AbortSignal;
  /** What may come at most: how long it may take follows from it. */
  readonly bytesMax: number;
  readonly patience?: Patience | undefined;
}

/** Rejects with OtaRefused where the server cannot be reached or falls silent; `signal` ends it at once. */
export async function get(
  fetch: Fetch,
  url: string,
  headers: Readonly<Record<string, string>>,
  { signal, bytesMax, patience = PATIENCE }: Bounds,
): Promise<Got> {
  const ending = new AbortController();
  const stop = (): void => ending.abort();
  signal.addEventListener('abort', stop, { once: true });
  const timer = setTimeout(stop, patience.silentMs).unref();
  const whole = setTimeout(stop, patience.wholeMs(bytesMax)).unref();
  const init: RequestInit = { headers, redirect: 'error', signal: ending.signal };
  let response: Response;
  try {
    signal.throwIfAborted();
    response = await fetch(url, init);
  } catch (error) {
    done();
    throw failure(error, signal);
  }
  function done(): void {
    clearTimeout(timer);
    clearTimeout(whole);
    signal.removeEventListener('abort', stop);
  }
  async function* chunks(): AsyncGenerator<Uint8Array> {
    const reader = response.body?.getReader();
    const ended = new Promise<never>((_resolve, reject) => {
      ending.signal.addEventListener('abort', () => reject(new Error('nothing came any more')), {
        once: true,
      });
    });
    ended.catch(() => undefined);
    try {
      for (;;) {
        const read = await Promise.race([reader?.read(), ended]);
        if (read?.value === undefined) return;
        timer.refresh();
        yield read.value;
      }
    } catch (error) {
      throw error instanceof OtaRefused ? error : failure(error, signal);
    } finally {
      done();
      // What was not read must not go on coming.
      reader?.cancel().catch(() => undefined);
      stop();
    }
  }
  return { status: response.status, headers: response.headers, chunks: chunks() };
}

/** The whole of a small answer. */
export async function bytesOf({ chunks }: Got, bytesMax: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new OtaRefused('metadata_too_long', `more than ${bytesMax} bytes came`);
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}

/** What the server says of why it does not give it: the code of its problem, where it has one. */
export async function codeOf(got: Got): Promise<string> {
  const text = (await bytesOf(got, 16_384)).toString();
  const code = /"code":"([a-z_]{1,60})"/.exec(text)?.[1];
  return code ?? `status ${got.status}`;
}

function failure(error: unknown, signal: AbortSignal): OtaRefused {
  if (signal.aborted) return new OtaRefused('stopped', 'it was told to stop');
  return new OtaRefused('download_failed', String(error instanceof Error ? (error.cause ?? error) : error));
}
