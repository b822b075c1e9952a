// The reference for people at /reference/: a page over /openapi.json whose script comes from the package and from
// nowhere else, under a Content-Security-Policy of its own. The package is 4 MB of script as text, so that it is loaded
// when somebody asks for the page and not at every start.

import { fastify, type FastifyInstance } from 'fastify';
import { createHash } from 'node:crypto';
import { sendProblem } from './problem.ts';

const PREFIX = '/reference';

export function referencePage(app: FastifyInstance): void {
  let pages: Promise<FastifyInstance> | undefined;
  app.get(PREFIX, (_request, reply) => reply.redirect(`${PREFIX}/`, 301));
  app.get(`${PREFIX}/*`, async (request, reply) => {
    pages ??= loadPages();
    const path = request.url.split('?', 1)[0]!;
    const page = await (await pages).inject(path);
    if (page.statusCode !== 200) return sendProblem(reply, 'not_found');
    reply.type(String(page.headers['content-type']));
    if (path === `${PREFIX}/`) reply.header('content-security-policy', policyFor(page.body));
    // It changes with the package only.
    else reply.header('cache-control', 'private, max-age=86400');
    return reply.send(page.rawPayload);
  });
}

/** An app of its own, that listens nowhere. */
async function loadPages(): Promise<FastifyInstance> {
  const { default: reference } = await import('@scalar/fastify-api-reference');
  const pages = fastify();
  await pages.register(reference, {
    routePrefix: PREFIX,
    configuration: {
      url: '/openapi.json',
      pageTitle: 'Rovercast API',
      // Fonts, telemetry and helpers that would come from other hosts.
      withDefaultFonts: false,
      telemetry: false,
      hideClientButton: true,
      showDeveloperTools: 'never',
      agent: { disabled: true },
      mcp: { disabled: true },
    },
  });
  return pages;
}

/** The page's script makes styles as it runs; it may speak to this server only. */
function policyFor(page: string): string {
  const inline = [...page.matchAll(/<script type="text\/javascript">([^]*?)<\/script>/g)];
  const hashes = inline.map(
    ([, script]) => `'sha256-${createHash('sha256').update(script!).digest('base64')}'`,
  );
  return [
    "default-src 'none'",
    ["script-src 'self'", ...hashes].join(' '),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
