// Rows of words as lines whose columns stand below one another.

export function tableLines(rows: readonly (readonly string[])[]): string[] {
  const columns = Math.max(0, ...rows.map(({ length }) => length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  // A column that is empty everywhere takes no room.
  return rows.map((row) =>
    row
      .flatMap((word, column) => (widths[column] === 0 ? [] : [word.padEnd(widths[column]!)]))
      .reduce((line, word) => `${line}  ${word}`, '')
      .trimEnd(),
  );
}
