// The one way in which values get into SQL. ClickHouse 18.16 knows no parameters, so they are written into the
// statement, and whatever somebody may have typed stays a value there.

export type SqlScalar = string | number | bigint | boolean;
/** A list is written in parentheses, for IN. */
export type SqlValue = SqlScalar | readonly SqlScalar[];

/** All that ends, or begins something, inside a literal; control characters, as not every way takes them raw. */
const UNSAFE = /[\\'\p{Cc}]/gu;

/** `value` as a literal. Throws for numbers that SQL has no exact literal for, and for an empty list. */
export function sqlValue(value: SqlValue): string {
  if (typeof value === 'string') return `'${value.toWellFormed().replace(UNSAFE, escapeCharacter)}'`;
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return sqlNumber(value);
  if (value.length === 0) throw new RangeError('an empty list has no literal: ask for no row instead');
  return `(${value.map(sqlValue).join(', ')})`;
}

function sqlNumber(value: number): string {
  const isExact = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (!isExact) throw new RangeError(`${value} has no exact literal`);
  return String(value);
}

function escapeCharacter(character: string): string {
  if (character === '\\' || character === "'") return `\\${character}`;
  const code = character.charCodeAt(0);
  // C1 characters have two bytes in UTF-8; raw they end nothing.
  return code > 0x7f ? character : `\\x${code.toString(16).padStart(2, '0')}`;
}

/** `sql` with each `{name}` replaced by the value of that name. Throws where the two do not match: that is a bug. */
export function bindSql(sql: string, params: Readonly<Record<string, SqlValue>>): string {
  const used = new Set<string>();
  const bound = sql.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = Object.hasOwn(params, name) ? params[name] : undefined;
    if (value === undefined) throw new RangeError(`no value is given for {${name}}`);
    used.add(name);
    return sqlValue(value);
  });
  const unused = Object.keys(params).find((name) => !used.has(name));
  if (unused !== undefined) throw new RangeError(`the statement has no {${unused}}`);
  return bound;
}
