// CSV as RFC 4180 has it, in and out.
//
// Spreadsheets run a cell that begins with = + - @ (or tab or CR) as a formula. Such cells go out with an apostrophe in
// front, which spreadsheets do not show, and come in without it.

const FORMULA = /^[=+\-@\t\r]/;
const ESCAPED_FORMULA = /^'(?=[=+\-@\t\r])/;

/** `decimal`: a number as exact text, which is no formula, whatever its sign. */
export type Cell = string | number | boolean | null | { readonly decimal: string };

export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'object') return cell.decimal;
  if (typeof cell !== 'string') return String(cell);
  const safe = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export interface CsvTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Undefined where a quote has no end or is in the middle of a cell. Comma or semicolon, whichever the header has. */
export function readCsv(text: string): CsvTable | undefined {
  const lines = readLines(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
  const [header, ...rows] = lines?.filter((cells) => cells.length > 1 || cells[0] !== '') ?? [];
  if (lines === undefined || header === undefined) return undefined;
  return { header: header.map((name) => name.trim()), rows };
}

const BYTE_ORDER_MARK = '\u{feff}';

function readLines(text: string): string[][] | undefined {
  const separator = /^[^\r\n,]*;/.test(text) ? ';' : ',';
  // Thousands of lines at once, as a rule without any quote: the plain way is ten times as fast.
  if (!text.includes('"'))
    return text.split(/\r\n|\n|\r/).map((line) => line.split(separator).map(plainCell));
  const cell = new RegExp(
    `(?:"((?:[^"]|"")*)"|([^"${separator}\\r\\n]*))(${separator}|\\r\\n|\\n|\\r|$)`,
    'y',
  );
  const lines: string[][] = [];
  let line: string[] = [];
  while (cell.lastIndex <= text.length) {
    const found = cell.exec(text);
    if (found === null) return undefined;
    const [whole, quoted, plain = '', end] = found;
    line.push(plainCell(quoted === undefined ? plain : quoted.replaceAll('""', '"')));
    if (end !== separator) {
      lines.push(line);
      line = [];
      if (whole === '' || end === '') break;
    }
  }
  return lines;
}

function plainCell(cell: string): string {
  return cell.trim().replace(ESCAPED_FORMULA, '');
}
