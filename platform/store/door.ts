// The door of the store: what goes in and comes out is text, null, bytes, or a whole number that JavaScript holds
// exactly. Neither database agrees with the other on the rest (SQLite has no booleans and rounds what is too large,
// PostgreSQL knows no NUL in text), so the rest is refused here, on both, as the bug that it is.

/** Throws a TypeError that names the place of the value, never the value itself. */
export function checkParameters(parameters: readonly unknown[], statement: string): void {
  for (let index = 0; index < parameters.length; index++) {
    const complaint = complaintAbout(parameters[index]);
    if (complaint === undefined) continue;
    throw new TypeError(`parameter ${index + 1} ${complaint}: ${statement.slice(0, 200)}`);
  }
}

/** The same for a value that travels inside of another. */
export function checkValue(value: unknown): void {
  const complaint = complaintAbout(value);
  if (complaint !== undefined) throw new TypeError(`a value ${complaint}`);
}

function complaintAbout(value: unknown): string | undefined {
  if (typeof value === 'string') return value.includes('\0') ? 'has a NUL character' : undefined;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? undefined : 'is no safe integer';
  if (value === null || Buffer.isBuffer(value)) return undefined;
  if (Array.isArray(value)) return value.map(complaintAbout).find((complaint) => complaint !== undefined);
  return typeof value === 'object' ? 'is an object: store JSON as text' : `is of type ${typeof value}`;
}

/** Throws a RangeError where a row holds a whole number that JavaScript cannot hold exactly. Fractions pass. */
export function checkRows(rows: readonly unknown[]): void {
  for (const row of rows) {
    for (const [column, value] of Object.entries(row as Record<string, unknown>)) {
      if (typeof value !== 'number' || Number.isSafeInteger(value) || !Number.isInteger(value)) continue;
      throw new RangeError(`column ${column} holds a whole number beyond 2^53`);
    }
  }
}

/** A number as PostgreSQL writes it. */
export function safeNumber(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && (Number.isSafeInteger(value) || !Number.isInteger(value))) return value;
  throw new RangeError('the database holds a whole number beyond 2^53');
}
