// Which sessions are too many where fewer may be than there are, because spec or quota were changed while they ran.

import type { ExtraSessionPolicy } from './service-spec.ts';

/**
 * Ids grow with the age of what they name: by `replace` the oldest go, as they would for a newcomer; by `refuse` the
 * newest, who would not have got in.
 */
export function tooManyOf(
  ids: ReadonlySet<string>,
  max: number,
  policy: ExtraSessionPolicy,
): ReadonlySet<string> {
  if (policy === 'count' || ids.size <= max) return NOBODY;
  const byAge = [...ids].toSorted();
  return new Set(policy === 'replace' ? byAge.slice(0, -max) : byAge.slice(max));
}

const NOBODY: ReadonlySet<string> = new Set();
