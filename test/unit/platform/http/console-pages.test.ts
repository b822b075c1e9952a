// Tests how the console's bundle is served: its policy, what may be kept, what is compressed, and that nothing beside
// the bundle can be had.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fastify, type FastifyInstance } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { consolePages } from '../../../../platform/http/console-pages.ts';
import { ask } from '../../../support/wire-peer.ts';
import { appUnderTest } from './app-under-test.ts';

/** An app that serves nothing but a small bundle. */
function served(): FastifyInstance {
  const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(path.join(folder, 'assets'));
  writeFileSync(path.join(folder, 'made-from'), 'a hash');
  writeFileSync(path.join(folder, 'index.html'), '<meta nonce="CONSOLE_CSP_NONCE">');
  writeFileSync(path.join(folder, 'assets', 'main-1.js'), 'plain');
  writeFileSync(path.join(folder, 'assets', 'main-1.js.br'), 'as br');
  writeFileSync(path.join(folder, 'assets', 'main-1.js.gz'), 'as gzip');
  const app = fastify();
  consolePages(app, folder);
  onTestFinished(() => app.close());
  return app;
}

test.each(['/console/', '/console/connections', '/console/index.html'])(
  '%s is the page, with a policy that lets in no foreign and no inline script',
  async (url) => {
    const answer = await served().inject(url);
    const policy = String(answer.headers['content-security-policy']);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self' 'nonce-");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
  },
);

test('each page has a nonce of its own, which its policy names', async () => {
  const app = served();
  const pages = await Promise.all([app.inject('/console/'), app.inject('/console/')]);
  const nonces = pages.map(({ body }) => /nonce="([^"]+)"/.exec(body)![1]!);
  expect(nonces[0]).not.toBe(nonces[1]);
  expect(
    pages.map(({ headers }, index) =>
      String(headers['content-security-policy']).includes(`'nonce-${nonces[index]}'`),
    ),
  ).toEqual([true, true]);
});

test.each([
  ['br, gzip', 'br', 'as br'],
  ['gzip, deflate', 'gzip', 'as gzip'],
  ['', undefined, 'plain'],
])('a file goes to who takes "%s" as %s, to be kept for good', async (accepted, encoding, body) => {
  const headers = { 'accept-encoding': accepted };
  const answer = await served().inject({ url: '/console/assets/main-1.js', headers });
  expect([answer.body, answer.headers['content-encoding']]).toEqual([body, encoding]);
  expect(answer.headers).toMatchObject({
    'cache-control': 'public, max-age=31536000, immutable',
    'content-type': 'text/javascript; charset=utf-8',
    vary: 'accept-encoding',
  });
});

/** Asks with the address as it stands: inject() and fetch() would straighten it out first. */
async function answerTo(address: string): Promise<string> {
  const app = served();
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const request = `GET ${address} HTTP/1.1\r\nHost: caster.test\r\nConnection: close\r\n\r\n`;
  return (await ask(port, request)).toString();
}

test.each(['main-2.js', '../made-from', '..%2Fmade-from', '%2e%2e/made-from', '', 'a'.repeat(300)])(
  'there is no file assets/%s',
  async (name) => {
    expect(await answerTo(`/console/assets/${name}`)).toMatch(/^HTTP\/1\.1 404 /);
  },
);

test('the address of the server leads to the console', async () => {
  const { app } = await appUnderTest();
  const answer = await app.inject('/');
  expect([answer.statusCode, answer.headers.location]).toEqual([302, '/console/']);
});

test('without a bundle the console says that it has to be built', async () => {
  const app = fastify();
  onTestFinished(() => app.close());
  consolePages(app, path.join(tmpdir(), 'rovercast-no-such-folder'));
  const answer = await app.inject('/console/');
  expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([503, 'console_not_built']);
});
