// The console at /console/ and the shop at /shop/: each a built bundle, under a strict Content-Security-Policy of its own.
// Files of assets/ have a hash in their name and never change; the page that names them is never kept. Every address below
// the prefix that is no file is that page: what it means is decided in the browser.

import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { systemErrorCode } from '../start-problem.ts';
import type { ErrorCode } from './error-codes.ts';
import { sendProblem } from './problem.ts';

export interface Bundle {
  /** `/console` is served below `/console/`. */
  readonly at: `/${string}`;
  /** Where the build put it; it may be built anew while the server runs. */
  readonly folder: string;
  /** What is answered while it is not there. */
  readonly missing: ErrorCode;
  /** A file beside the page by its name, and the policy that it is served under where it runs. */
  readonly rootFiles: Readonly<Record<string, string | null>>;
  /** What its page may do besides what every page may. */
  readonly policy: readonly string[];
}

/** Found from here in a checkout and in the compiled package alike. */
const ROOT = path.resolve(import.meta.dirname, '../..');

export const CONSOLE: Bundle = {
  at: '/console',
  folder: path.join(ROOT, 'console/dist'),
  missing: 'console_not_built',
  rootFiles: {},
  policy: [],
};

/** It can be installed on a phone, and its worker keeps the page for when there is no connection. */
export const SHOP: Bundle = {
  at: '/shop',
  folder: path.join(ROOT, 'shop/dist'),
  missing: 'shop_not_built',
  rootFiles: {
    'service-worker.js': "default-src 'none'; connect-src 'self'",
    'manifest.webmanifest': null,
    'icon-180.png': null,
    'icon-192.png': null,
    'icon-512.png': null,
    'icon-maskable-512.png': null,
  },
  policy: ["manifest-src 'self'", "worker-src 'self'"],
};

const ASSETS = 'assets/';
/** What the build wrote where each response has a number of its own (console/build-options.ts). */
const NONCE_MARK = 'PAGE_CSP_NONCE';

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.woff2': 'font/woff2',
};

/** What browsers take, the smallest first, and the ending that the build gave it. */
const ENCODINGS = [
  { coding: 'br', ending: '.br' },
  { coding: 'gzip', ending: '.gz' },
  { coding: undefined, ending: '' },
] as const;

/** Of a file within assets/: no way out of it, and no longer than file systems take (255 bytes) with an ending more. */
const FILE_NAME = /^[\w-][\w.-]{0,199}$/;

export function bundlePages(app: FastifyInstance, bundle: Bundle): void {
  const { at, folder, missing, rootFiles, policy } = bundle;
  const prefix = `${at}/`;
  app.get(at, (_request, reply) => reply.redirect(prefix, 301));
  app.get(`${prefix}*`, async (request, reply) => {
    const asked = request.url.split('?', 1)[0]!.slice(prefix.length);
    if (asked.startsWith(ASSETS)) {
      return await sendAsset(request, reply, path.join(folder, ASSETS), asked.slice(ASSETS.length));
    }
    if (Object.hasOwn(rootFiles, asked)) return await sendRootFile(reply, bundle, asked);
    const page = await readIfThere(path.join(folder, 'index.html'));
    return page === undefined ? sendProblem(reply, missing) : sendPage(reply, page.toString(), policy);
  });
}

async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function sendPage(reply: FastifyReply, page: string, policy: Bundle['policy']): FastifyReply {
  const nonce = randomBytes(16).toString('base64');
  return reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', policyWith(nonce, policy))
    .header('cross-origin-opener-policy', 'same-origin')
    .send(page.replaceAll(NONCE_MARK, nonce));
}

/** Scripts come from here and from nowhere else, none of them inline; the component kit makes a style as it starts. */
function policyWith(nonce: string, more: Bundle['policy']): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    ...more,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Its name stays when its content changes: it is asked for anew each time. */
async function sendRootFile(reply: FastifyReply, { folder, rootFiles }: Bundle, name: string) {
  const bytes = await readIfThere(path.join(folder, name));
  if (bytes === undefined) return sendProblem(reply, 'not_found');
  const policy = rootFiles[name] ?? null;
  if (policy !== null) reply.header('content-security-policy', policy);
  return reply.type(typeOf(name)).send(bytes);
}

async function sendAsset(
  request: FastifyRequest,
  reply: FastifyReply,
  folder: string,
  name: string,
): Promise<FastifyReply> {
  if (!FILE_NAME.test(name)) return sendProblem(reply, 'not_found');
  const taken = (request.headers['accept-encoding']?.toString() ?? '').split(/\s*,\s*/);
  for (const { coding, ending } of ENCODINGS) {
    if (coding !== undefined && !taken.includes(coding)) continue;
    const bytes = await readIfThere(path.join(folder, `${name}${ending}`));
    if (bytes === undefined) continue;
    if (coding !== undefined) reply.header('content-encoding', coding);
    return reply
      .type(typeOf(name))
      .header('cache-control', 'public, max-age=31536000, immutable')
      .header('vary', 'accept-encoding')
      .send(bytes);
  }
  return sendProblem(reply, 'not_found');
}

function typeOf(name: string): string {
  return TYPES[path.extname(name)] ?? 'application/octet-stream';
}
