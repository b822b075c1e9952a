// What differs between a thing before and after a change, value by value. Pure.

export interface Difference {
  /** `quota.devicesMax`, `ipRanges[0]`; empty for the whole. */
  readonly path: string;
  /** Undefined: it was not there. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

type Values = ReadonlyMap<string, string>;

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every value by the way to it. What is empty, or holds nothing, stands for itself. */
function valuesOf(value: unknown, path: string, found: Map<string, string>): Map<string, string> {
  if (value === undefined) return found;
  if (isMap(value) && Object.keys(value).length > 0) {
    for (const [name, part] of Object.entries(value)) {
      valuesOf(part, path === '' ? name : `${path}.${name}`, found);
    }
  } else if (Array.isArray(value) && value.some((part) => typeof part === 'object' && part !== null)) {
    value.forEach((part, index) => valuesOf(part, `${path}[${index}]`, found));
  } else if (Array.isArray(value)) found.set(path, value.map(String).join(', '));
  else found.set(path, typeof value === 'string' ? value : JSON.stringify(value));
  return found;
}

/** In the order of the thing as it is afterwards; `null` as a whole is a thing that is not there. */
export function differencesOf(before: unknown, after: unknown): readonly Difference[] {
  const [was, is]: Values[] = [before, after].map((whole) => valuesOf(whole ?? undefined, '', new Map()));
  const paths = new Set([...is!.keys(), ...was!.keys()]);
  return [...paths]
    .map((path) => ({ path, before: was!.get(path), after: is!.get(path) }))
    .filter((difference) => difference.before !== difference.after);
}

/** What an operator gave as his reason, and the code of a refusal, which are no part of the thing. */
export function remarksOf(after: unknown): { readonly reason?: string; readonly refused?: string } {
  if (!isMap(after)) return {};
  const { reason, refused } = after;
  return {
    ...(typeof reason === 'string' && reason !== '' ? { reason } : {}),
    ...(typeof refused === 'string' ? { refused } : {}),
  };
}
