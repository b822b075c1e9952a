// Reads the RINEX 3 observations that convbin writes.

export interface Rinex {
  /** By the text of the time of day, since RTKLIB guesses the week and loses it with the clock of one system: satellite -> observation code -> value. */
  readonly epochs: ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, number>>>;
}

const VALUE_CHARACTERS = 16;

export function readRinex(text: string): Rinex {
  const lines = text.split('\n');
  const codes = new Map<string, string[]>();
  const epochs = new Map<string, Map<string, Map<string, number>>>();
  let system = '';
  let satellites = new Map<string, Map<string, number>>();
  for (const line of lines) {
    if (line.includes('SYS / # / OBS TYPES')) {
      if (line[0] !== ' ') system = line[0]!;
      const listed = line.slice(7, 60).trim().split(/\s+/).filter(Boolean);
      codes.set(system, [...(codes.get(system) ?? []), ...listed]);
    } else if (line.startsWith('> ')) {
      satellites = new Map();
      epochs.set(line.slice(13, 29), satellites);
    } else if (/^[A-Z]\d\d/.test(line) && epochs.size > 0) {
      satellites.set(line.slice(0, 3), valuesOf(line, codes.get(line[0]!) ?? []));
    }
  }
  return { epochs };
}

function valuesOf(line: string, codes: readonly string[]): Map<string, number> {
  const values = new Map<string, number>();
  for (const [index, code] of codes.entries()) {
    const start = 3 + index * VALUE_CHARACTERS;
    const value = Number(line.slice(start, start + 14));
    if (value !== 0) values.set(code, value);
  }
  return values;
}
