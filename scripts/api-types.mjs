// `node scripts/api-types.mjs`: writes console/api/api-types.ts, the types of the API as docs/openapi.json has it: each
// schema, and each operation by its method and path with what it takes and answers. A test holds the file to this.

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot } from './setup/project.mjs';

const FILE = path.join(projectRoot, 'console', 'api', 'api-types.ts');
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

const nameOf = (reference) => reference.split('/').at(-1);
const keyOf = (name) => (/^[A-Za-z_]\w*$/.test(name) ? name : `'${name}'`);
const unionOf = (types) => [...new Set(types)].join(' | ');

/** A JSON schema as a type. What it is not made for stops the script, so that nothing becomes `unknown` unseen. */
function typeOf(schema) {
  if (schema.$ref !== undefined) return nameOf(schema.$ref);
  if (schema.const !== undefined) return JSON.stringify(schema.const).replaceAll('"', "'");
  if (schema.enum !== undefined)
    return unionOf(schema.enum.map((one) => (typeof one === 'string' ? `'${one}'` : String(one))));
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return unionOf(choices.map(typeOf));
  if (schema.allOf !== undefined) return schema.allOf.map(typeOf).join(' & ');
  if (Array.isArray(schema.type)) return unionOf(schema.type.map((type) => typeOf({ ...schema, type })));
  switch (schema.type) {
    case 'string':
      return 'string';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'null':
      return 'null';
    case 'array':
      return arrayOf(schema);
    case 'object':
      return objectOf(schema);
    case undefined:
      return 'unknown';
    default:
      throw new Error(`a schema of type ${schema.type}: teach scripts/api-types.mjs what it is`);
  }
}

function arrayOf({ prefixItems, items }) {
  if (prefixItems !== undefined) return `readonly [${prefixItems.map(typeOf).join(', ')}]`;
  const type = typeOf(items ?? {});
  return /[ |&]/.test(type) ? `readonly (${type})[]` : `readonly ${type}[]`;
}

function objectOf({ properties = {}, required = [], additionalProperties }) {
  const fields = Object.entries(properties).map(
    ([name, schema]) => `${keyOf(name)}${required.includes(name) ? '' : '?'}: ${typeOf(schema)}`,
  );
  if (fields.length === 0 && typeof additionalProperties === 'object')
    return `Readonly<Record<string, ${typeOf(additionalProperties)}>>`;
  return fields.length === 0 ? 'Readonly<Record<string, never>>' : `{ ${fields.join('; ')} }`;
}

/** One line for each operation, in the order of the document. */
function operationsOf({ paths }) {
  return Object.entries(paths).flatMap(([address, methods]) =>
    METHODS.filter((method) => methods[method] !== undefined).map((method) => {
      const operation = methods[method];
      const parts = [
        ['path', parametersOf(operation, 'path')],
        ['query', parametersOf(operation, 'query')],
        ['body', bodyOf(operation)],
        ['answer', answerOf(operation)],
      ].filter(([, type]) => type !== undefined);
      const types = parts.map(([name, type]) => `${name}: ${type}`).join('; ');
      return `  '${method.toUpperCase()} ${address}': { ${types} };`;
    }),
  );
}

function parametersOf({ parameters = [] }, place) {
  const own = parameters.filter((parameter) => parameter.in === place);
  if (own.length === 0) return undefined;
  const fields = own.map(
    ({ name, schema, required }) => `${keyOf(name)}${required ? '' : '?'}: ${typeOf(schema)}`,
  );
  return `{ ${fields.join('; ')} }`;
}

function bodyOf({ requestBody }) {
  const schema = requestBody?.content['application/json']?.schema;
  return schema === undefined ? undefined : typeOf(schema);
}

function answerOf({ responses }) {
  const types = Object.entries(responses)
    .filter(([status]) => status.startsWith('2'))
    .map(([, { content }]) => content?.['application/json']?.schema)
    .filter((schema) => schema !== undefined);
  return types.length === 0 ? 'string' : unionOf(types.map(typeOf));
}

/** The whole file, from the document as docs/openapi.json has it. */
export function apiTypes(document) {
  const schemas = Object.entries(document.components.schemas).map(
    ([name, schema]) => `export type ${name} = ${typeOf(schema)};`,
  );
  return [
    '// Made by `node scripts/api-types.mjs` from docs/openapi.json: not to be changed by hand.',
    '',
    ...schemas,
    '',
    '/** Each operation by method and path: what it takes and, where it succeeds, answers. */',
    'export interface Operations {',
    ...operationsOf(document),
    '}',
    '',
  ].join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const document = JSON.parse(readFileSync(path.join(projectRoot, 'docs', 'openapi.json'), 'utf8'));
  writeFileSync(FILE, apiTypes(document));
}
