// Query parameters, strictly: one that is unknown is an error, as a misspelled filter would let everything through.

import { QUERY_VALUES_MAX } from '../../config/limits.ts';
import { type ErrorCode } from './error-codes.ts';
import { type ProblemDetails } from './problem.ts';

export interface BadRequest {
  readonly ok: false;
  readonly code: ErrorCode;
  readonly details: ProblemDetails;
}

export type ReadQuery<Name extends string> =
  /** Of each parameter every value that was given, in order. */
  { readonly ok: true; readonly values: Readonly<Record<Name, readonly string[]>> } | BadRequest;

/** `query` is what the HTTP library made of it: a text, or a list of texts, by name. */
export function readQuery<Name extends string>(query: unknown, names: readonly Name[]): ReadQuery<Name> {
  const given = new Map(Object.entries(query ?? {}));
  for (const name of given.keys()) {
    if (!names.some((known) => known === name)) {
      const detail = `parameters here: ${names.join(', ')}`;
      return { ok: false, code: 'unknown_parameter', details: { detail, param: name.slice(0, 100) } };
    }
  }
  const values = Object.fromEntries(names.map((name) => [name, texts(given.get(name))]));
  const many = names.find((name) => values[name]!.length > QUERY_VALUES_MAX);
  if (many !== undefined) return invalidParameter(many, `may be given ${QUERY_VALUES_MAX} times at most`);
  // The names are the very ones that were mapped.
  return { ok: true, values: values as Record<Name, readonly string[]> };
}

export function invalidParameter(param: string, detail: string): BadRequest {
  return { ok: false, code: 'invalid_parameter', details: { detail: `${param} ${detail}`, param } };
}

function texts(value: unknown): readonly string[] {
  return [value].flat().filter((text) => typeof text === 'string');
}
