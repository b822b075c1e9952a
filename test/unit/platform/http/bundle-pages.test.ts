// Tests how the bundles of console and shop are served: their policies, what may be kept, what is compressed, and that
// nothing beside the bundle can be had.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fastify, type FastifyInstance } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { type Bundle, bundlePages, CONSOLE, SHOP } from '../../../../platform/http/bundle-pages.ts';
import { ask } from '../../../support/wire-peer.ts';
import { appUnderTest } from './app-under-test.ts';

/** An app that serves nothing but a small bundle, in place of the built one. */
function served(bundle: Bundle = CONSOLE): FastifyInstance {
  const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(path.join(folder, 'assets'));
  writeFileSync(path.join(folder, 'made-from'), 'a hash');
  writeFileSync(path.join(folder, 'index.html'), '<meta nonce="PAGE_CSP_NONCE">');
  writeFileSync(path.join(folder, 'service-worker.js'), 'the worker');
  writeFileSync(path.join(folder, 'manifest.webmanifest'), '{}');
  writeFileSync(path.join(folder, 'assets', 'main-1.js'), 'plain');
  writeFileSync(path.join(folder, 'assets', 'main-1.js.br'), 'as br');
  writeFileSync(path.join(folder, 'assets', 'main-1.js.gz'), 'as gzip');
  const app = fastify();
  bundlePages(app, { ...bundle, folder });
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

test.each([
  ['/shop/service-worker.js', 'text/javascript; charset=utf-8', "default-src 'none'; connect-src 'self'"],
  ['/shop/manifest.webmanifest', 'application/manifest+json; charset=utf-8', undefined],
])('%s of the shop is asked for anew each time', async (url, type, policy) => {
  const answer = await served(SHOP).inject(url);
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toBe(type);
  expect(answer.headers['content-security-policy']).toBe(policy);
  expect(answer.headers['cache-control']).toBeUndefined();
});

test.each(['/console/service-worker.js', '/console/made-from', '/shop/made-from'])(
  '%s is no file that is handed out, but the page',
  async (url) => {
    const answer = await served(url.startsWith('/shop') ? SHOP : CONSOLE).inject(url);
    expect(answer.body).toMatch(/^<meta nonce="/);
  },
);

test('the page of the shop may have a manifest and a worker of its own origin, that of the console neither', async () => {
  const policies = await Promise.all(
    [SHOP, CONSOLE].map(async (bundle) => (await served(bundle).inject(`${bundle.at}/`)).headers),
  );
  const [shop, console] = policies.map((headers) => String(headers['content-security-policy']));
  expect(shop).toContain("manifest-src 'self'; worker-src 'self'");
  expect(shop).not.toMatch(/unsafe|\*|https?:/);
  expect(console).not.toMatch(/manifest-src|worker-src/);
});

test.each([
  [CONSOLE, 'console_not_built'],
  [SHOP, 'shop_not_built'],
])('without a bundle it is said that it has to be built', async (bundle, code) => {
  const app = fastify();
  onTestFinished(() => app.close());
  bundlePages(app, { ...bundle, folder: path.join(tmpdir(), 'rovercast-no-such-folder') });
  const answer = await app.inject(`${bundle.at}/`);
  expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([503, code]);
});
