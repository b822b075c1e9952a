// Leaves out of plain data what has the name of a secret, for whatever is kept or shown.

const SECRET_NAME = /secret|password|passphrase|token|sealed|hash|authorization|signature|privatekey|cookie/i;

export const REDACTED = '[redacted]';

export function redacted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redacted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      // That there is none, or that there is one, may be told.
      SECRET_NAME.test(name) && typeof part !== 'boolean' && part !== null ? REDACTED : redacted(part),
    ]),
  );
}
