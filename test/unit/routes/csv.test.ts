// CSV against Python's csv module, which reads what we write and writes what we read.

import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvLine, readCsv } from '../../../caster/routes/csv.ts';
import { devicesOfCsv } from '../../../caster/routes/device-csv.ts';

const READER = `
import csv, json, sys
sys.stdin.reconfigure(encoding='utf-8', newline='')
print(json.dumps(list(csv.reader(sys.stdin, strict=True))))`;
const WRITER = `
import csv, json, sys
sys.stdout.reconfigure(encoding='utf-8', newline='')
csv.writer(sys.stdout, delimiter=sys.argv[1]).writerows(json.load(sys.stdin))`;

function python(program: string, input: string, ...args: string[]): string {
  return execFileSync('python3', ['-c', program, ...args], { input }).toString();
}

function hasPython(): boolean {
  try {
    return python('print(1)', '') === '1\n';
  } catch {
    return false;
  }
}

const missing = hasPython() ? '' : 'no python3';

/** Cells with everything that is special, more often than chance would have it. */
const cell = fc
  .array(fc.constantFrom('a', '"', ',', ';', '\r', '\n', '=', '+', '-', '@', "'", ' ', 'ü', '北', '0'), {
    maxLength: 6,
  })
  .map((characters) => characters.join(''));
const SEED = 20_261_125;

describe('CSV', () => {
  test('as we write it is read by Python cell by cell, formulas with an apostrophe', (context) => {
    context.skip(missing !== '', missing);
    const rows = fc.sample(fc.array(cell, { minLength: 2, maxLength: 5 }), { seed: SEED, numRuns: 500 });
    const read = JSON.parse(python(READER, rows.map(csvLine).join(''))) as string[][];
    const expected = rows.map((cells) => cells.map((text) => (/^[=+\-@\r]/.test(text) ? `'${text}` : text)));
    expect(read, `seed ${SEED}`).toEqual(expected);
  });

  test('as Python writes it is read by us cell by cell, without space around', (context) => {
    context.skip(missing !== '', missing);
    const plain = cell.filter((text) => text.trim() !== '' && !/^\s*'/.test(text));
    const rows = fc.sample(fc.tuple(plain, plain, plain), { seed: SEED, numRuns: 500 });
    for (const separator of [',', ';']) {
      const table = [['one', 'two', 'three'], ...rows];
      const read = readCsv(python(WRITER, JSON.stringify(table), separator));
      expect(read?.header, `seed ${SEED}`).toEqual(['one', 'two', 'three']);
      expect(read?.rows, `seed ${SEED}`).toEqual(rows.map((cells) => cells.map((text) => text.trim())));
    }
  });

  test('without quotes is read as with them', () => {
    const text = 'a,b\r\n1,\n,2\r3,4,5\n\n';
    const quoted = text.replaceAll(/[^,\r\n]+/g, '"$&"');
    expect(readCsv(text)).toEqual(readCsv(quoted));
    expect(readCsv(text)?.rows).toEqual([
      ['1', ''],
      ['', '2'],
      ['3', '4', '5'],
    ]);
  });

  test.each(['', '\r\n', '"a', 'a,"b"c', 'a\n"b" ,c'])('%j is none', (text) => {
    expect(readCsv(text)).toBeUndefined();
  });

  test('numbers, flags and nothing are written plainly', () => {
    expect(csvLine([-1, true, null, '', 'x'])).toBe('-1,true,,,x\r\n');
  });
});

describe('devices as CSV', () => {
  test('leave out an account that is not given, and keep every other column for the schema to judge', () => {
    const text = '\u{feff}deviceId,accountId,__proto__\n"a",,x\nb,acc_1\n';
    expect(JSON.stringify(devicesOfCsv(text))).toBe(
      '{"devices":[{"deviceId":"a","__proto__":"x"},{"deviceId":"b","accountId":"acc_1","__proto__":""}]}',
    );
  });
});
