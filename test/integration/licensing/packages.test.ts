// Packages and releases through the API, on both databases: made, given their content, released, paused, aborted.

import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, test, type TestContext, vi } from 'vitest';
import { type ApiAnswer, type ApiUnderTest, good, openApi } from '../../support/api-app.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';
import { newPackageOf, putContent } from './packages-under-test.ts';

const stores = useStores();
let api: ApiUnderTest | undefined;
afterEach(async () => {
  await api?.close();
  api = undefined;
});

const CONTENT = randomBytes(300_000);
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');

describe.each(DIALECTS)('on %s', (dialect) => {
  async function open(context: TestContext, packageBytesMax = 1_000_000): Promise<ApiUnderTest> {
    api = await openApi(await stores.open(dialect, context), { packageBytesMax });
    return api;
  }

  test('the content that is sent is what is kept, with its length and SHA-256', async (context) => {
    const under = await open(context);
    const { id } = await newPackageOf(under.owner);
    const made = await good(putContent(under, id, CONTENT));
    expect(made).toMatchObject({ state: 'ready', length: CONTENT.length, sha256: SHA256 });
    expect(readFileSync(path.join(under.packagesFolder, SHA256)).equals(CONTENT)).toBe(true);
    expect(readdirSync(under.packagesFolder)).toEqual([SHA256]);
  });

  test('content in pieces, each at the place where the one before ended, is the same content', async (context) => {
    const under = await open(context);
    const { id } = await newPackageOf(under.owner);
    const first = await good(putContent(under, id, CONTENT.subarray(0, 100_000), '?more=true'));
    expect(first).toMatchObject({ state: 'awaiting_content', receivedBytes: 100_000 });
    const wrong = await putContent(under, id, CONTENT.subarray(90_000), '?offset=90000');
    expect(wrong.body).toMatchObject({
      code: 'package_offset_wrong',
      detail: '100000 bytes have come so far',
    });
    const made = await good(putContent(under, id, CONTENT.subarray(100_000), '?offset=100000'));
    expect(made).toMatchObject({ state: 'ready', sha256: SHA256 });
  });

  test('content whose sender broke off goes on where it ended', async (context) => {
    const under = await open(context);
    const { id } = await newPackageOf(under.owner);
    await breakOff(under, id, CONTENT.subarray(0, 65_536));
    const rest = () => good(putContent(under, id, CONTENT.subarray(65_536), '?offset=65536'));
    // The server may not have heard yet that the connection is gone.
    const made = await vi.waitFor(rest);
    expect(made).toMatchObject({ state: 'ready', sha256: SHA256 });
    expect(under.memory.lines().filter(({ event }) => event === 'http_failed')).toEqual([]);
  });

  test('the same content again changes nothing, and other content is refused', async (context) => {
    const under = await open(context);
    const { id } = await newPackageOf(under.owner);
    const first = await good(putContent(under, id, CONTENT));
    expect(await good(putContent(under, id, CONTENT))).toEqual(first);
    const other = await putContent(under, id, Buffer.from('other'));
    expect(other.body).toMatchObject({ code: 'package_content_final' });
    expect(readdirSync(under.packagesFolder)).toEqual([SHA256]);
  });

  test('the same content again takes the place of a file that is lost or damaged', async (context) => {
    const under = await open(context);
    const { id } = await newPackageOf(under.owner);
    await good(putContent(under, id, CONTENT));
    const file = path.join(under.packagesFolder, SHA256);
    for (const spoil of [() => rmSync(file), () => writeFileSync(file, 'damaged')]) {
      spoil();
      expect(await good(putContent(under, id, CONTENT))).toMatchObject({ state: 'ready', sha256: SHA256 });
      expect(readFileSync(file).equals(CONTENT)).toBe(true);
    }
  });

  test('content that is not what its sender says, that is empty or too large leaves nothing', async (context) => {
    const under = await open(context, 200_000);
    const { id } = await newPackageOf(under.owner);
    const code = async (asked: Promise<ApiAnswer>) => ((await asked).body as { code: string }).code;
    const zeros = '0'.repeat(64);
    expect(await code(putContent(under, id, Buffer.from('x'), `?sha256=${zeros}`))).toBe(
      'package_digest_wrong',
    );
    expect(await code(putContent(under, id, Buffer.alloc(0)))).toBe('package_content_empty');
    expect(await code(putContent(under, id, CONTENT))).toBe('package_too_large');
    expect(await good(under.owner('GET', `/v1/packages/${id}`))).toMatchObject({ receivedBytes: 0 });
  });

  test('a file is taken by the operation that takes one only, and that takes nothing else', async (context) => {
    const under = await open(context);
    const { id } = await newPackageOf(under.owner);
    const file = { 'content-type': 'application/octet-stream' };
    expect((await under.owner('POST', '/v1/packages', 'x', file)).status).toBe(415);
    expect((await under.owner('PUT', `/v1/packages/${id}/content`, {})).status).toBe(415);
  });

  test('a version that is there is refused, however it is written', async (context) => {
    const under = await open(context);
    await newPackageOf(under.owner, { version: '1.4' });
    const again = await under.owner('POST', '/v1/packages', { partNumber: 'adas.lane', version: '1.4.0' });
    expect(again.body).toMatchObject({ code: 'package_exists' });
  });

  test('what is another customer’s is not there', async (context) => {
    const under = await open(context);
    const [mine, other] = [await under.customer(), await under.customer()];
    const { id } = await newPackageOf(mine.ask);
    await good(putContent(under, id, CONTENT));
    const release = await good<{ id: string }>(mine.ask('POST', '/v1/releases', { packageId: id }));
    expect((await other.ask('GET', `/v1/packages/${id}`)).status).toBe(404);
    expect((await other.ask('POST', '/v1/releases', { packageId: id })).status).toBe(404);
    expect((await other.ask('POST', `/v1/releases/${release.id}/resume`)).status).toBe(404);
    expect((await good<{ data: unknown[] }>(other.ask('GET', '/v1/releases'))).data).toEqual([]);
    const foreign = { partNumber: 'x', version: '1', customerId: other.id };
    expect((await mine.ask('POST', '/v1/packages', foreign)).status).toBe(404);
  });

  test('a release goes from draft to active to paused and back, and stays aborted', async (context) => {
    const under = await open(context);
    const { id } = await newPackageOf(under.owner);
    const early = await under.owner('POST', '/v1/releases', { packageId: id });
    expect(early.body).toMatchObject({ code: 'package_not_ready' });
    await good(putContent(under, id, CONTENT));
    const made = await good<{ id: string }>(
      under.owner('POST', '/v1/releases', { packageId: id, sharePercent: 10 }),
    );
    const step = async (name: string) =>
      (await under.owner('POST', `/v1/releases/${made.id}/${name}`)).body as object;
    expect(await step('pause')).toMatchObject({ code: 'release_state_wrong', detail: 'it is draft' });
    expect(await step('resume')).toMatchObject({ state: 'active', sharePercent: 10 });
    expect(await step('pause')).toMatchObject({ state: 'paused' });
    const wider = await good(under.owner('PATCH', `/v1/releases/${made.id}`, { sharePercent: 50 }));
    expect(wider).toMatchObject({ sharePercent: 50 });
    const twice = await under.owner('POST', '/v1/releases', { packageId: id });
    expect(twice.body).toMatchObject({ code: 'release_exists' });
    expect(await step('abort')).toMatchObject({ state: 'aborted' });
    expect(await step('resume')).toMatchObject({ code: 'release_state_wrong' });
    expect((await under.owner('POST', '/v1/releases', { packageId: id })).status).toBe(201);
  });
});

/** Sends so many bytes of a longer content over a connection that then breaks. */
async function breakOff(under: ApiUnderTest, id: string, bytes: Buffer): Promise<void> {
  if (!under.app.server.listening) await under.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = under.app.server.address() as AddressInfo;
  const sending = request({
    ...{ port, host: '127.0.0.1', method: 'PUT', path: `/v1/packages/${id}/content` },
    headers: {
      authorization: `Bearer ${under.ownerKey}`,
      'content-type': 'application/octet-stream',
      'content-length': bytes.length + 1,
    },
  });
  sending.on('error', () => undefined).write(bytes);
  const received = async () =>
    (await good<{ receivedBytes: number }>(under.owner('GET', `/v1/packages/${id}`))).receivedBytes;
  await vi.waitFor(async () => expect(await received()).toBe(bytes.length));
  sending.destroy();
}
