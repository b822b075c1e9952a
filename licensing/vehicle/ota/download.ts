// Brings a file whose length and hash are known, and goes on where it ended before: after a broken connection, and after
// the vehicle lost power. What does not have the hash is thrown away.

import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { systemErrorCode } from '../../../platform/start-problem.ts';
import { codeOf, type Fetch, get, type Got, type Patience } from './fetch-file.ts';
import { OtaRefused } from './refusal.ts';

export interface Wanted {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly length: number;
  /** Hex. */
  readonly sha256: string;
  readonly patience?: Patience | undefined;
}

/** As long as each brings more. Who got nothing asks for a new offer later: at once again would only be a burden. */
const TRIES = 5;

/** `file` is whole, checked and synced when it resolves. Rejects with OtaRefused; what came so far stays. */
export async function download(
  fetch: Fetch,
  wanted: Wanted,
  file: string,
  signal: AbortSignal,
): Promise<void> {
  let failed: OtaRefused | undefined;
  for (let tries = 0; tries < TRIES; tries++) {
    if (sizeOf(file) > wanted.length) await rm(file, { force: true });
    const from = sizeOf(file);
    if (from === wanted.length) break;
    try {
      await fetchRest(fetch, wanted, file, from, signal);
      failed = undefined;
      break;
    } catch (error) {
      if (!(error instanceof OtaRefused) || error.reason !== 'download_failed') throw error;
      failed = error;
      if (sizeOf(file) <= from) break;
    }
  }
  if (failed !== undefined) throw failed;
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  if (hash.digest('hex') === wanted.sha256) return;
  await rm(file, { force: true });
  throw new OtaRefused('content_wrong', 'its hash is not that of the signed metadata');
}

async function fetchRest(
  fetch: Fetch,
  { url, headers, length, sha256, patience }: Wanted,
  file: string,
  from: number,
  signal: AbortSignal,
): Promise<void> {
  const range = from === 0 ? {} : { range: `bytes=${from}-`, 'if-range': `"${sha256}"` };
  const got = await get(fetch, url, { ...headers, ...range }, { signal, bytesMax: length, patience });
  if (got.status !== 200 && got.status !== 206) throw await refusalOf(got);
  // The server may send all of it although a part was asked for.
  const isRest =
    got.status === 206 && got.headers.get('content-range')?.startsWith(`bytes ${from}-`) === true;
  const handle = await open(file, isRest ? 'a' : 'w', 0o600);
  let bytes = isRest ? from : 0;
  try {
    for await (const chunk of got.chunks) {
      bytes += chunk.length;
      if (bytes > length) {
        await rm(file, { force: true });
        throw new OtaRefused('content_too_long', `more than the ${length} bytes of the signed metadata came`);
      }
      await handle.writeFile(chunk);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  if (bytes < length) throw new OtaRefused('download_failed', `it ended after ${bytes} of ${length} bytes`);
}

async function refusalOf(got: Got): Promise<OtaRefused> {
  const code = await codeOf(got);
  if (got.status < 500 && got.status !== 429) return new OtaRefused('download_refused', code);
  const waitS = Number(got.headers.get('retry-after') ?? 'none');
  return new OtaRefused('download_failed', code, waitS > 0 ? 1000 * waitS : undefined);
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return 0;
    throw error;
  }
}
