// Holds the merged settings against the schema and turns every deviation into a problem that names the place, the key
// and what would be right. Messages are made from the key's own facts, never from the validator's sentences.

import { type z } from 'zod';
import { closestName } from './closest-name.ts';
import { expectation, keyAt, LEAF_KEYS, type Key } from './keys.ts';
import { type Places } from './places.ts';
import { isPlainName, pathText, quote, type Problem, type ValuePath } from './problem.ts';
import { type ProblemCode } from './problem-codes.ts';
import { configSchema, type Config } from './schema.ts';

export type ShapeCheck = { ok: true; config: Config } | { ok: false; problems: Problem[] };

export function checkShape(raw: unknown, places: Places): ShapeCheck {
  const parsed = configSchema.safeParse(raw);
  if (parsed.success) return { ok: true, config: parsed.data };
  const problems = new Map<string, Problem>();
  for (const problem of parsed.error.issues.flatMap((issue) => problemsOf(issue, raw, places))) {
    // A text can be too long and of the wrong form at once; one word about a value is enough.
    const value = `${problem.path} ${problem.where}`;
    if (!problems.has(value)) problems.set(value, problem);
  }
  return { ok: false, problems: [...problems.values()] };
}

function problemsOf(issue: z.core.$ZodIssue, raw: unknown, places: Places): Problem[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((name) => unknownKey(path, name, raw, places));
  const key = keyAt(path);
  // The validator reports only values that the schema has a key for, besides the unknown ones above.
  if (key === undefined) throw new Error(`the schema has no key for ${pathText(path)}`);
  const value = valueAt(raw, path);
  return [
    value === undefined ? missingKey(path, key, places) : wrongValue(issue.code, path, key, value, places),
  ];
}

function unknownKey(section: ValuePath, name: string, raw: unknown, places: Places): Problem {
  const path = [...section, name];
  const known = keyAt(section)?.parts.map((part) => part.name) ?? [];
  const meant = closestName(name, known) ?? LEAF_KEYS.find((key) => key.name === name)?.path;
  // `{ username: a, hunter2 }`: a name without a value may be a value that lost its name.
  const shown = isPlainName(name) && (meant !== undefined || valueAt(raw, path) !== null);
  const sectionName = section.length === 0 ? 'at the top level' : `in ${pathText(section)}`;
  return {
    code: 'config_unknown_key',
    where: places.ofKey(path),
    path: pathText(shown ? path : section),
    message: `there is no key ${shown ? `${name} ` : 'of this name '}${sectionName}`,
    fix: meant === undefined ? `keys here: ${known.join(', ')}` : `did you mean ${meant}?`,
  };
}

function missingKey(path: ValuePath, key: Key, places: Places): Problem {
  return {
    code: 'config_missing_key',
    where: places.ofKey(path.slice(0, -1)),
    path: pathText(path),
    message: `${pathText(path)} is missing`,
    fix: `add \`${key.name}:\` with ${expectation(key)}`,
  };
}

function wrongValue(
  issue: z.core.$ZodIssue['code'],
  path: ValuePath,
  key: Key,
  value: unknown,
  places: Places,
): Problem {
  const code = wrongValueCode(issue, key, value);
  return {
    code,
    where: places.ofValue(path),
    path: pathText(path),
    message: `${pathText(path)} is ${describe(key, value)}`,
    fix: fixOf(code, key, value),
  };
}

const CODES: Partial<Record<z.core.$ZodIssue['code'], ProblemCode>> = {
  too_small: 'config_out_of_bounds',
  too_big: 'config_out_of_bounds',
  invalid_format: 'config_bad_form',
  custom: 'config_bad_form',
};

function wrongValueCode(issue: z.core.$ZodIssue['code'], key: Key, value: unknown): ProblemCode {
  if (key.words.length > 0) {
    // Of "a word or a whole number" the validator only says that it is neither.
    if (typeof value === 'string') return 'config_not_a_choice';
    return Number.isInteger(value) && key.kind === 'integer' ? 'config_out_of_bounds' : 'config_wrong_type';
  }
  return CODES[issue] ?? 'config_wrong_type';
}

/** The value, or only its kind where it may be, or may contain, what must not be shown. */
function describe(key: Key, value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value) && key.kind === 'list') return `a list of ${value.length}`;
  if (key.kind === 'map' || key.kind === 'list' || key.secret === true) {
    if (typeof value === 'string')
      return key.secret === true ? 'not a value it can have (not shown)' : 'a text';
    return typeof value === 'object' ? quote(value) : `a ${typeof value}`;
  }
  return quote(value);
}

function fixOf(code: ProblemCode, key: Key, value: unknown): string {
  if (key.kind === 'text' && (typeof value === 'number' || typeof value === 'boolean')) {
    if (key.words.length === 0) return `put it in quotes; it must be ${expectation(key)}`;
  }
  const meant = typeof value === 'string' ? closestName(value, key.words) : undefined;
  if (code === 'config_not_a_choice' && meant !== undefined) return `did you mean ${meant}?`;
  return `give ${expectation(key)}`;
}

function valueAt(raw: unknown, path: ValuePath): unknown {
  let value = raw;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.getOwnPropertyDescriptor(value, step)?.value;
  }
  return value;
}
