// Tests whether the console's types of the API are those of docs/openapi.json, and whether they would say what it says.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { apiTypes } from '../../../scripts/api-types.mjs';

const root = path.resolve(import.meta.dirname, '../../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

test('console/api/api-types.ts is what the document of the API makes of it', () => {
  const made = apiTypes(JSON.parse(read('docs/openapi.json')));
  expect(read('console/api/api-types.ts') === made, 'run: node scripts/api-types.mjs').toBe(true);
});

test('an operation takes what its document names, and answers what it answers when it succeeds', () => {
  const integer = { type: 'integer' };
  const document = {
    components: { schemas: { Thing: { type: 'object', properties: { id: integer }, required: ['id'] } } },
    paths: {
      '/v1/things/{id}': {
        patch: {
          parameters: [
            { in: 'path', name: 'id', required: true, schema: { type: 'string' } },
            { in: 'query', name: 'dry-run', schema: { type: 'boolean' } },
          ],
          requestBody: { content: { 'application/json': { schema: { type: ['string', 'null'] } } } },
          responses: {
            '200': { content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } },
            '404': { content: { 'application/problem+json': { schema: integer } } },
          },
        },
      },
    },
  };
  expect(apiTypes(document)).toContain('export type Thing = { id: number };');
  expect(apiTypes(document)).toContain(
    `  'PATCH /v1/things/{id}': { path: { id: string }; query: { 'dry-run'?: boolean }; body: string | null; answer: Thing };`,
  );
});

test('a kind of schema that the script does not know stops it, so that nothing becomes unknown unseen', () => {
  const document = { components: { schemas: { Odd: { type: 'bigint' } } }, paths: {} };
  expect(() => apiTypes(document)).toThrow('bigint');
});
