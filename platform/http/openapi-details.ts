// Puts into a generated OpenAPI document what the generator knows nothing of: the errors of each operation by code, the
// examples, the headers of every answer; and takes out components that nothing refers to.

import { createHash } from 'node:crypto';
import { type Catalog } from './catalog.ts';
import { commonCodes } from './common-codes.ts';
import { type ErrorRow } from './error-codes.ts';
import { problemBody, problemOf } from './problem.ts';
import { type AnyRouteSpec } from './route-spec.ts';

interface Media {
  schema?: unknown;
  example?: unknown;
  examples?: Record<string, { $ref: string }>;
}

interface Response {
  description: string;
  headers?: Record<string, unknown>;
  content?: Record<string, Media>;
}

interface Operation {
  operationId?: string;
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, Response | { readonly $ref: string }>;
}

/** The parts of the document that are looked at. */
export interface OpenApiDocument {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: {
    schemas: Record<string, unknown>;
    examples?: Record<string, { summary: string; value: unknown }>;
    headers?: Record<string, unknown>;
    responses?: Record<string, Response>;
  };
}

const EXAMPLE_REQUEST_ID = 'req_5y2m7c4kq3w6xh7a';

const HEADERS = {
  'x-request-id': {
    description: 'The id of the request: the one it came with, or one made here; the log has it too',
    schema: { type: 'string' },
  },
  'retry-after': { description: 'Seconds after which it is worth trying again', schema: { type: 'integer' } },
  'ratelimit-limit': { description: 'Requests allowed within a minute', schema: { type: 'integer' } },
  'ratelimit-remaining': { description: 'Requests left in this minute', schema: { type: 'integer' } },
  'ratelimit-reset': { description: 'Seconds until the next minute begins', schema: { type: 'integer' } },
};

function headersOf(status: string): Record<string, { $ref: string }> {
  const names = Object.keys(HEADERS).filter(
    (name) => name === 'x-request-id' || status === '429' || (name === 'retry-after' && status === '503'),
  );
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

export function addDetails(
  document: OpenApiDocument,
  specs: readonly AnyRouteSpec[],
  catalog: Catalog,
): void {
  const byId = new Map(specs.map((spec) => [spec.operationId, spec]));
  for (const operation of Object.values(document.paths).flatMap((path) => Object.values(path))) {
    const spec = byId.get(operation.operationId ?? '');
    if (spec === undefined) continue;
    addExamples(operation, spec);
    addCsv(operation, spec);
    for (const [status, response] of Object.entries(operation.responses)) {
      if (!('$ref' in response)) response.headers = headersOf(status);
    }
    addProblems(document, operation, spec, catalog);
  }
  document.components.headers = HEADERS;
  prune(document);
}

function addExamples(operation: Operation, { examples }: AnyRouteSpec): void {
  const body = operation.requestBody?.content['application/json'];
  if (body !== undefined && examples?.body !== undefined) body.example = examples.body;
  for (const [status, example] of Object.entries(examples?.response ?? {})) {
    const media = contentOf(operation.responses[status])?.['application/json'];
    if (media !== undefined) media.example = example;
  }
}

function contentOf(response: Operation['responses'][string] | undefined): Response['content'] {
  return response === undefined || '$ref' in response ? undefined : response.content;
}

/** The plug-in gives every kind of body the same schema. */
function addCsv({ requestBody }: Operation, { csv }: AnyRouteSpec): void {
  if (csv !== undefined && requestBody !== undefined) {
    requestBody.content['text/csv'] = { schema: { type: 'string' } };
  }
}

/** All codes of one status are one response, with an example of each; operations with the same ones share it. */
function addProblems(
  { components }: OpenApiDocument,
  { responses }: Operation,
  spec: AnyRouteSpec,
  catalog: Catalog,
): void {
  components.examples ??= {};
  components.responses ??= {};
  const codes = new Set<string>([...spec.errors, ...commonCodes(spec)]);
  const statuses = Map.groupBy(codes, (code) => rowOf(catalog, code).status);
  for (const [status, ofStatus] of statuses) {
    const examples = Object.fromEntries(
      ofStatus.map((code) => [code, { $ref: `#/components/examples/${code}` }]),
    );
    const problem = { schema: { $ref: '#/components/schemas/Problem' }, examples };
    const response: Response = {
      description: ofStatus.map((code) => `- \`${code}\`: ${rowOf(catalog, code).title}`).join('\n'),
      headers: headersOf(String(status)),
      content: { ...contentOf(responses[status]), 'application/problem+json': problem },
    };
    if (responses[status] === undefined) {
      const name = nameOf(status, ofStatus);
      components.responses[name] = response;
      responses[status] = { $ref: `#/components/responses/${name}` };
    } else {
      responses[status] = response;
    }
    for (const code of ofStatus) {
      const row = { code, ...rowOf(catalog, code) };
      components.examples[code] = {
        summary: row.title,
        value: problemBody(problemOf(row), EXAMPLE_REQUEST_ID),
      };
    }
  }
}

/** The same for the same codes, whatever else is in the document. */
function nameOf(status: number, codes: readonly string[]): string {
  const [first] = codes;
  if (codes.length === 1) return first!;
  return `${status}-${createHash('sha256').update(codes.join()).digest('hex').slice(0, 8)}`;
}

function rowOf(catalog: Catalog, code: string): ErrorRow {
  const row = catalog.get(code);
  // route() has looked already.
  if (row === undefined) throw new Error(`no catalog has the code ${code}`);
  return row;
}

const COMPONENT = '#/components/schemas/';

function prune(document: OpenApiDocument): void {
  const { schemas } = document.components;
  const used = new Set<string>();
  const follow = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, part] of Object.entries(value)) {
      if (name !== '$ref' || typeof part !== 'string' || !part.startsWith(COMPONENT)) follow(part);
      else if (!used.has(part)) {
        used.add(part);
        follow(schemas[part.slice(COMPONENT.length)]);
      }
    }
  };
  follow([document.paths, document.components.responses]);
  document.components.schemas = Object.fromEntries(
    Object.entries(schemas)
      .filter(([name]) => used.has(`${COMPONENT}${name}`))
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}
