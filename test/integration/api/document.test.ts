// Tests the OpenAPI document of the whole server, as `rovercast openapi` prints it and docs/openapi.json keeps it.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { runCli } from '../cli/cli-process.ts';
import { lint } from '../../unit/platform/http/openapi-lint.ts';

const KEPT = path.resolve(import.meta.dirname, '../../../docs/openapi.json');

let printed = '';

beforeAll(async () => {
  const { code, stdout, stderr } = await runCli(['openapi']);
  expect([code, stderr]).toEqual([0, '']);
  printed = stdout;
});

test('it follows every rule', () => {
  expect(lint(JSON.parse(printed) as Record<string, unknown>)).toEqual([]);
});

test('docs/openapi.json is that of this version', () => {
  const isCurrent = readFileSync(KEPT, 'utf8') === printed;
  expect(isCurrent, 'write it anew: npm run --silent rovercast -- openapi > docs/openapi.json').toBe(true);
});

test('every body that must have fields has an example', () => {
  const { paths } = JSON.parse(printed) as {
    paths: Record<
      string,
      Record<string, { operationId: string; requestBody?: { content: Record<string, object> } }>
    >;
  };
  const bare = Object.values(paths)
    .flatMap((methods) => Object.values(methods))
    .filter(({ requestBody }) => {
      const media = requestBody?.content['application/json'];
      return media !== undefined && !('example' in media) && hasRequired(media);
    })
    .map(({ operationId }) => operationId);
  expect(bare).toEqual([]);
});

function hasRequired(media: object): boolean {
  const { schema } = media as { schema?: { required?: readonly string[] } };
  return (schema?.required ?? []).length > 0;
}
