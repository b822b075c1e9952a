// Where a page of a report ended, as an opaque text: the values that its rows are in order of.

export function writeCursor(values: readonly string[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

/** Undefined where it is none, or that of a list in order of something else. */
export function readCursor(cursor: string, length: number): readonly string[] | undefined {
  let values: unknown;
  try {
    values = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
  if (!Array.isArray(values) || values.length !== length) return undefined;
  return values.every((value) => typeof value === 'string') ? values : undefined;
}
