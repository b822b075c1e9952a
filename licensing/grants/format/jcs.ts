// The one spelling of a JSON value that signatures are over (RFC 8785, JCS), for what our documents hold: texts, whole
// numbers, true, false, null, arrays, objects. JSON.stringify already writes texts as §3.2.2.2 wants them, and sorting
// strings by UTF-16 code units (§3.2.3) is what JavaScript's own sort does.

/** Throws for what no document may hold: a document from outside has been through readStrictJson. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new Error('a text with half a surrogate pair has no canonical form');
    return JSON.stringify(value);
  }
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new Error('a document holds whole numbers up to 2^53 - 1 only');
    return String(value);
  }
  if (Array.isArray(value)) return `[${value.map((one) => canonicalJson(one)).join(',')}]`;
  if (typeof value !== 'object') throw new Error(`a document cannot hold ${typeof value}`);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, one]) => `${canonicalJson(key)}:${canonicalJson(one)}`).join(',')}}`;
}
