// A change laid over what there is: what is not given stays, null removes.

import type { z } from 'zod';
import type { Problem } from '../../platform/http/problem.ts';
import { validate } from '../../platform/http/validation.ts';

export type Merged<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly problem: Problem };

/** What has become of it, by the schema of the whole: a change may be right and what it makes wrong. */
export function merge<Schema extends z.ZodType>(
  schema: Schema,
  current: object,
  change: object,
): Merged<z.output<Schema>> {
  const merged = Object.fromEntries(
    Object.entries({ ...current, ...given(change) }).filter(
      ([, value]) => value !== null && value !== undefined,
    ),
  );
  const validated = validate('body', schema, merged);
  // The very schema that the type is of.
  return validated.ok ? { ok: true, value: validated.value as z.output<Schema> } : validated;
}

/** Without what is undefined, which would otherwise hide what there is. */
export function given<Value extends object>(
  value: Value,
): { [Name in keyof Value]?: Exclude<Value[Name], undefined> } {
  // Exactly the entries that the type keeps.
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as never;
}
