// A panel's query as the official ClickHouse plugin of Grafana sends it: chosen variables put in by the browser, macros
// by the plugin. Written from the plugin's documentation; whatever `$` it does not know is an error, as it would stay
// in the query there.

export interface Asked {
  /** Seconds since 1970, both ends included. */
  readonly fromS: number;
  readonly toS: number;
  readonly intervalS: number;
  /** By variable: the names chosen, or 'all'; of a variable that holds one value, that. */
  readonly variables: Readonly<Record<string, readonly string[] | 'all' | { readonly value: string }>>;
}

export function expandQuery(sql: string, asked: Asked): string {
  const expanded = withMacros(withVariables(withConditions(sql, asked), asked), asked);
  if (expanded.includes('$')) throw new Error(`nothing expands this: ${/\$.{0,30}/s.exec(expanded)?.[0]}`);
  return expanded;
}

/** $__conditionalAll(condition, $variable): no condition where all are chosen. */
function withConditions(sql: string, { variables }: Asked): string {
  return sql.replace(/\$__conditionalAll\(([^,]+), \$(\w+)\)/g, (_, condition: string, name: string) =>
    variables[name] === 'all' ? '1=1' : condition,
  );
}

/** `${name}` and, of a list, `${name:singlequote}`. */
function withVariables(sql: string, { variables }: Asked): string {
  return sql.replace(/\$\{(\w+)(:singlequote)?\}/g, (_, name: string, format: string | undefined) => {
    const chosen = variables[name];
    if (chosen === undefined || chosen === 'all') throw new Error(`${name} has no value here`);
    if (isList(chosen) !== (format !== undefined)) throw new Error(`${name} is written in the wrong format`);
    if (!isList(chosen)) return chosen.value;
    return chosen.map((value) => `'${value.replaceAll("'", String.raw`\'`)}'`).join(',');
  });
}

const isList = (chosen: readonly string[] | { readonly value: string }): chosen is readonly string[] =>
  Array.isArray(chosen);

function withMacros(sql: string, { fromS, toS, intervalS }: Asked): string {
  const [from, to] = [`toDateTime(${fromS})`, `toDateTime(${toS})`];
  return sql
    .replace(
      /\$__timeFilter\(([^)]+)\)/g,
      (_, column: string) => `${column} >= ${from} AND ${column} <= ${to}`,
    )
    .replace(
      /\$__timeInterval\(([^)]+)\)/g,
      (_, column: string) => `toStartOfInterval(toDateTime(${column}), INTERVAL ${intervalS} second)`,
    )
    .replace(/\$__fromTime\b/g, from)
    .replace(/\$__toTime\b/g, to)
    .replace(/\$__interval_s\b/g, String(intervalS));
}
