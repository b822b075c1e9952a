// The web console at /console/: its built bundle (console/dist), under a strict Content-Security-Policy of its own. Files
// have a hash in their name and never change; the page that names them is never kept. Every address below /console/ that
// is no file is that page: which screen it means is decided in the browser.

import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { systemErrorCode } from '../start-problem.ts';
import { sendProblem } from './problem.ts';

const PREFIX = '/console/';
const ASSETS = 'assets/';
/** Found from here in a checkout and in the compiled package alike. */
const BUNDLE = path.resolve(import.meta.dirname, '../../console/dist');
/** What the build wrote where each response has a number of its own (console/vite.config.ts). */
const NONCE_MARK = 'CONSOLE_CSP_NONCE';

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
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

/** `folder` is where the bundle is; it may be built anew while the server runs. */
export function consolePages(app: FastifyInstance, folder = BUNDLE): void {
  app.get('/', (_request, reply) => reply.redirect(PREFIX, 302));
  app.get('/console', (_request, reply) => reply.redirect(PREFIX, 301));
  app.get(`${PREFIX}*`, async (request, reply) => {
    const asked = request.url.split('?', 1)[0]!.slice(PREFIX.length);
    if (asked.startsWith(ASSETS)) {
      return await sendFile(request, reply, path.join(folder, ASSETS), asked.slice(ASSETS.length));
    }
    const page = await readIfThere(path.join(folder, 'index.html'));
    return page === undefined ? sendProblem(reply, 'console_not_built') : sendPage(reply, page.toString());
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

function sendPage(reply: FastifyReply, page: string): FastifyReply {
  const nonce = randomBytes(16).toString('base64');
  return reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', policyWith(nonce))
    .header('cross-origin-opener-policy', 'same-origin')
    .send(page.replaceAll(NONCE_MARK, nonce));
}

/** Scripts come from here and from nowhere else, none of them inline; the component kit makes a style as it starts. */
function policyWith(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

async function sendFile(
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
      .type(TYPES[path.extname(name)] ?? 'application/octet-stream')
      .header('cache-control', 'public, max-age=31536000, immutable')
      .header('vary', 'accept-encoding')
      .send(bytes);
  }
  return sendProblem(reply, 'not_found');
}
