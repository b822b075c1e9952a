// What a scenario hands back, and how it is shown. A figure is one measured number with its unit, and, where the project
// has promised one, the bound it is held against.

export interface Figure {
  readonly what: string;
  /** NaN where it could not be measured. */
  readonly value: number;
  readonly unit: string;
  /** The promise: at most this. */
  readonly target?: number;
  /** Spread, conditions: what a reader needs to judge the number. */
  readonly note?: string;
}

export const TABLE_HEAD = ['figure', 'value', 'unit', 'target', 'note'] as const;

/** A figure as the cells of a table, in the order of TABLE_HEAD. */
export function cellsOf({ what, value, unit, target, note }: Figure): string[] {
  const bound = target === undefined ? '' : `≤ ${formatValue(target)} ${value <= target ? 'met' : 'MISSED'}`;
  return [what, formatValue(value), unit, bound, note ?? ''];
}

/** Three digits that mean something: nobody measures more of them on a machine that others use too. */
export function formatValue(value: number): string {
  if (!Number.isFinite(value)) return 'not measured';
  if (Number.isInteger(value)) return String(value);
  const magnitude = Math.abs(value);
  return value.toFixed(magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : magnitude >= 1 ? 2 : 3);
}

/** Rows as aligned plain text, the first of them the head. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_cell, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The same rows as a Markdown table. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const [head, ...body] = rows;
  return [line(head!), line(head!.map(() => '---')), ...body.map(line)].join('\n');
}
