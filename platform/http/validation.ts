// Validates what a request brings by the route's schemas, and names every fault: unknown fields too, and by JSON
// pointer (RFC 6901) within a body. It never repeats a value, which may be a secret.

import { z } from 'zod';
import { BODY_DEPTH_MAX, FAULTS_TOLD_MAX } from '../../config/limits.ts';
import { type ErrorCode } from './error-codes.ts';
import { problem, type Fault, type Problem } from './problem.ts';

export type Part = 'params' | 'query' | 'body';

export type Validated =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: Problem };

export function validate(part: Part, schema: z.ZodType, given: unknown): Validated {
  const odd = findOddity(given, 0);
  if (odd !== undefined) {
    const { pathReversed, detail } = odd;
    return refused(part, [{ path: pathReversed.toReversed(), detail, unknown: false }]);
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return { ok: true, value: parsed.data };
  return refused(
    part,
    parsed.error.issues.flatMap((issue) => faultsOf(issue, schema)),
  );
}

interface Found {
  readonly path: readonly PropertyKey[];
  readonly detail: string;
  readonly unknown: boolean;
}

function refused(part: Part, found: readonly Found[]): { ok: false; problem: Problem } {
  const errors: Fault[] = found
    .slice(0, FAULTS_TOLD_MAX)
    .map(({ path, detail }) => ({ param: place(part, path), detail }));
  const first = errors[0]!;
  const more = found.length > 1 ? ` (and ${found.length - 1} more)` : '';
  const code = codeOf(part, found[0]!);
  const subject = first.param === '' ? 'the body' : first.param;
  return {
    ok: false,
    problem: problem(code, { detail: `${subject} ${first.detail}${more}`, param: first.param, errors }),
  };
}

function codeOf(part: Part, { path, unknown }: Found): ErrorCode {
  if (part === 'body') return 'invalid_body';
  if (unknown) return 'unknown_parameter';
  return part === 'query' && path[0] === 'cursor' ? 'invalid_cursor' : 'invalid_parameter';
}

/** At most 200 characters, as a name may be anything. */
function place(part: Part, path: readonly PropertyKey[]): string {
  if (part !== 'body') return String(path[0] ?? '').slice(0, 100);
  return path
    .map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('')
    .slice(0, 200);
}

function faultsOf(issue: z.core.$ZodIssue, schema: z.ZodType): Found[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    const known = knownFields(schema, path);
    const detail =
      known === undefined ? 'is not known here' : `is not known here; known: ${known.join(', ')}`;
    return issue.keys.map((key) => ({ path: [...path, key], detail, unknown: true }));
  }
  if (issue.code === 'invalid_union') {
    // The branch that got farthest, and knows most of the keys, says best what is wrong.
    const branches = issue.errors.filter((branch) => branch.length > 0);
    const best = branches.toSorted((a, b) => depth(b) - depth(a) || unknownKeys(a) - unknownKeys(b))[0];
    if (best !== undefined && depth(best) > 0) {
      return best.flatMap((inner) => faultsOf({ ...inner, path: [...path, ...inner.path] }, schema));
    }
  }
  return [{ path, detail: sentence(issue), unknown: false }];
}

function unknownKeys(issues: readonly z.core.$ZodIssue[]): number {
  return issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 0), 0);
}

function depth(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(...issues.map(({ path }) => path.length));
}

/** Zod's own sentences, made to go on from the name of the place; they say what is expected, never what was given. */
function sentence(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined && issue.message.endsWith('undefined')
        ? 'is missing'
        : `must be ${article(issue.expected)}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return `must ${bound(issue.origin, issue.exact === true ? 'exactly' : 'at least', issue.minimum)}`;
    case 'too_big':
      return `must ${bound(issue.origin, issue.exact === true ? 'exactly' : 'at most', issue.maximum)}`;
    case 'invalid_union':
      return 'has none of the forms that it may have';
    case 'not_multiple_of':
      return `must be a multiple of ${String(issue.divisor)}`;
    case 'custom':
      return issue.message;
    case 'invalid_format':
      return issue.message.startsWith('must ')
        ? issue.message
        : `must be of the form ${issue.pattern ?? issue.format}`;
    case 'invalid_key':
    case 'invalid_element':
    case 'unrecognized_keys':
      return 'is not valid';
  }
}

function article(expected: string): string {
  if (expected === 'int') return 'a whole number';
  if (expected === 'string') return 'a text';
  if (expected === 'array') return 'a list';
  return /^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}

function bound(origin: string, how: string, limit: number | bigint): string {
  if (origin === 'string') return `have ${how} ${limit} characters`;
  if (origin === 'array' || origin === 'set') return `have ${how} ${limit} entries`;
  return `be ${how} ${limit}`;
}

/** The names of the object at `path`; undefined where the way there is not plain. */
function knownFields(schema: z.ZodType, path: readonly PropertyKey[]): string[] | undefined {
  let at: z.ZodType | undefined = unwrap(schema);
  for (const step of path) {
    if (at instanceof z.ZodObject)
      at = unwrap((at.shape as Record<PropertyKey, z.ZodType | undefined>)[step]);
    else if (at instanceof z.ZodArray) at = unwrap(at.element as z.ZodType);
    else return undefined;
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : undefined;
}

function unwrap(schema: z.ZodType | undefined): z.ZodType | undefined {
  let at = schema;
  while (
    at instanceof z.ZodOptional ||
    at instanceof z.ZodNullable ||
    at instanceof z.ZodDefault ||
    at instanceof z.ZodPrefault
  ) {
    at = at.unwrap() as z.ZodType;
  }
  return at;
}

interface Oddity {
  readonly pathReversed: PropertyKey[];
  readonly detail: string;
}

/**
 * What no schema looks for: a NUL character in a text or name, which PostgreSQL cannot store, and parts within parts
 * beyond any sense. Whoever asks need not be known yet, so it takes a time that grows with the length alone.
 */
function findOddity(value: unknown, depth: number): Oddity | undefined {
  if (typeof value === 'string') return value.includes('\0') ? oddity('has a NUL character') : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth === BODY_DEPTH_MAX) return oddity(`has parts more than ${BODY_DEPTH_MAX} deep`);
  for (const [name, part] of Object.entries(value)) {
    if (name.includes('\0')) return oddity('has a NUL character');
    const found = findOddity(part, depth + 1);
    if (found === undefined) continue;
    found.pathReversed.push(name);
    return found;
  }
  return undefined;
}

function oddity(detail: string): Oddity {
  return { pathReversed: [], detail };
}
