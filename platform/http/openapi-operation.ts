// What an operation's spec says, in the form that the documenting plug-in reads. Errors and examples are put in
// afterwards (openapi-details.ts), as the plug-in knows schemas only.

import { type FastifySchema } from 'fastify';
import { z } from 'zod';
import { takesIdempotencyKey } from './common-codes.ts';
import { type AnyRouteSpec, type Access } from './route-spec.ts';

const idempotencyHeader = z.strictObject({
  'idempotency-key': z
    .string()
    .min(1)
    .max(255)
    .optional()
    .meta({ description: 'Repeated with the same key within 24 hours, the request does its work once' }),
});

export function schemaOf(spec: AnyRouteSpec): FastifySchema {
  const { operationId, summary, tag, params, query, body } = spec;
  const given = Object.entries({ description: spec.description, params, querystring: query, body });
  return {
    operationId,
    tags: [tag],
    summary,
    ...Object.fromEntries(given.filter(([, value]) => value !== undefined)),
    ...(takesIdempotencyKey(spec) ? { headers: idempotencyHeader } : {}),
    ...(spec.csv === undefined ? {} : { consumes: ['application/json', 'text/csv'] }),
    ...(spec.upload === undefined ? {} : uploaded(spec.upload)),
    security: securityOf(spec.scope),
    response: responsesOf(spec),
    'x-scope': spec.scope,
    ...(spec.operatorsOnly === true ? { 'x-operators-only': true } : {}),
  } as FastifySchema;
}

function uploaded({ contentType, description }: NonNullable<AnyRouteSpec['upload']>) {
  return { consumes: [contentType], body: z.string().meta({ format: 'binary', description }) };
}

function securityOf(scope: Access): Record<string, string[]>[] {
  if (scope === 'public') return [];
  return scope === 'app' ? [{ RC1: [] }] : [{ Bearer: [] }];
}

function responsesOf({ response, file }: AnyRouteSpec): Record<string, unknown> {
  const all = Object.entries(response).map(([status, schema]) => [
    status,
    { description: Number(status) < 400 ? 'Done' : 'Not now', content: { 'application/json': { schema } } },
  ]);
  if (file === undefined) return Object.fromEntries(all) as Record<string, unknown>;
  const [type] = file.contentType.split(';');
  return Object.fromEntries([
    ['200', { description: file.description, content: { [type!]: { schema: z.string() } } }],
    ...all,
  ]) as Record<string, unknown>;
}
