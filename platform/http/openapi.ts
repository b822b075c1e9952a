// The OpenAPI 3.1 document of every operation that `route` adds, made from the very schemas that validate, at
// /openapi.json. It is also kept as docs/openapi.json; a test compares the two.

import swagger from '@fastify/swagger';
import { type FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { addDetails, type OpenApiDocument } from './openapi-details.ts';
// Registers the schemas Problem and Fault, which no operation names itself.
import './problem-schema.ts';

const TAGS = {
  time: 'The clock of the server',
  customers: 'Tenants: who owns apps, keys and what they buy',
  'api-keys': 'Who may ask this interface what',
  audit: 'Who changed what',
  settings: 'How the server is set up',
  events: 'What happens, as it happens',
  health: 'Whether the process lives, is ready, and its metrics',
} as const;

const DESCRIPTION = `Interface of a Rovercast server. Programs compare the \`code\` of a problem; sentences may change.
Lists come in pages: give \`nextCursor\` back as \`cursor\`. Times are RFC 3339 in UTC. Fields that an operation does not
know are refused by name.`;

/** Before the first route. `tags` are those of further routes, with their sentences. */
export function documentRoutes(app: FastifyInstance, tags: Readonly<Record<string, string>> = {}): void {
  app.register(swagger, {
    hideUntagged: true,
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Rovercast', version: 'v1', description: DESCRIPTION },
      // Wherever this document was taken from.
      servers: [{ url: '/', description: 'This server' }],
      tags: Object.entries({ ...TAGS, ...tags }).map(([name, description]) => ({ name, description })),
      components: {
        securitySchemes: {
          Bearer: {
            type: 'http',
            scheme: 'bearer',
            description:
              'The owner key, or an API key: csk_live_<id>_<secret>. Each operation names its scope as x-scope.',
          },
          RC1: {
            type: 'apiKey',
            in: 'header',
            name: 'Authorization',
            description:
              'Signature by an app’s secret: RC1-HMAC-SHA256 app=<app key>,ts=<s>,nonce=<nonce>,device=<id or empty>,sig=<signature>',
          },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: (given) => {
      const document = jsonSchemaTransformObject(given);
      // The plug-in's own type is of every version of OpenAPI at once.
      addDetails(document as unknown as OpenApiDocument, app.api.operations, app.api.catalog);
      return document;
    },
  });
  let text: string | undefined;
  app.get('/openapi.json', { schema: { hide: true } }, (_request, reply) => {
    text ??= JSON.stringify(app.swagger());
    return reply.type('application/json; charset=utf-8').send(text);
  });
}

/** The document as text, as docs/openapi.json has it. */
export async function openApiText(app: FastifyInstance): Promise<string> {
  await app.ready();
  return `${JSON.stringify(app.swagger(), null, 2)}\n`;
}
