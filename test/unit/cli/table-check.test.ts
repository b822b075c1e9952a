// What `sourcetable --check` finds in tables of the field. Oddities are those that clients are known to stumble over.
import { describe, expect, test } from 'vitest';
import { parseSourcetable } from '../../../caster/ntrip/sourcetable.ts';
import { type ReplyHead } from '../../../cli/ntrip/reply-reader.ts';
import { checkSourcetable } from '../../../cli/sourcetable/table-check.ts';
import { tableText } from '../../../cli/sourcetable/table-text.ts';

const GOOD =
  'STR;FFMJ00DEU0;Frankfurt;RTCM 3.3;1006(10),1033(10),1077(1),1230(10);2;GPS+GLO+GAL;EUREF;DEU;50.09;8.66;0;0;JAVAD;none;B;N;9600;';
const CAS = 'CAS;caster.example;2101;Example;BKG;0;DEU;50.12;8.69;0.0.0.0;0;none';

function headOf(headers: Record<string, string> = { 'content-type': 'gnss/sourcetable' }): ReplyHead {
  return {
    kind: 'table',
    protocol: 'HTTP',
    status: 200,
    statusLine: 'HTTP/1.1 200 OK',
    headers: new Map(Object.entries(headers)),
  };
}

function findingsOf(text: string, headers?: Record<string, string>, fault?: string): string[] {
  const body = Buffer.from(text, 'latin1');
  const findings = checkSourcetable({ head: headOf(headers), body, fault, table: parseSourcetable(body) });
  return findings.map(({ level, message }) => `${level} ${message}`);
}

const table = (...lines: string[]): string => `${[CAS, ...lines, 'ENDSOURCETABLE'].join('\r\n')}\r\n`;

/** GOOD with one field, counted from 0, in place of its own. */
function withField(index: number, value: string): string {
  const fields = GOOD.split(';');
  fields[index] = value;
  return table(fields.join(';'));
}

describe('the check of a sourcetable', () => {
  test('finds nothing in a good one', () => {
    expect(findingsOf(table(GOOD))).toEqual([]);
  });

  test.each([
    ['no end', `${CAS}\r\n${GOOD}\r\n`, /^fail ENDSOURCETABLE is missing/],
    ['a blank line', table('', GOOD), /^warn line 2 is blank/],
    ['an unknown record', table('FOO;1;2', GOOD), /^warn line 2: is no record/],
    ['a mountpoint twice', table(GOOD, GOOD), /^fail FFMJ00DEU0 \(line 3\): .*listed twice/],
    [
      'missing fields',
      table('STR;M;x;RTCM 3.2;1005;2;GPS;N;DEU;1;2;0;0;g;none;N;N'),
      /^fail M \(line 2\): has 17 of 19 fields/,
    ],
    ['no format', withField(3, ''), /^fail .*format is empty/],
    ['no message types', withField(4, ''), /^warn .*message types are empty/],
    ['odd message types', withField(4, '1005 every 10 s'), /^warn .*message types are not/],
    ['an odd carrier', withField(5, '7'), /^warn .*carrier/],
    ['no systems', withField(6, ''), /^warn .*systems are empty/],
    ['an unknown system', withField(6, 'GPS+XYZ'), /^warn .*XYZ/],
    ['an odd country', withField(8, 'Germany'), /^warn .*country/],
    ['no position', withField(9, ''), /^fail .*no position/],
    ['an impossible position', withField(9, '97.00'), /^fail .*not on Earth/],
    ['an odd authentication', withField(15, 'X'), /^warn .*authentication/],
    ['no bit rate', withField(17, '0'), /^warn .*bit rate/],
    ['a name that cannot be typed', withField(1, 'A B'), /^warn .*characters/],
    ['bare line feeds', table(GOOD).replaceAll('\r\n', '\n'), /^warn lines end in LF/],
    ['letters beyond ASCII', withField(2, 'Köln'), /^warn it holds characters/],
    ['no stream', table(), /^warn there is no stream/],
  ])('in a table it finds %s', (_what, text, expected) => {
    expect(findingsOf(text)).toEqual([expect.stringMatching(expected)]);
  });

  test('finds a wrong Content-Type and a length that never came', () => {
    const headers = { 'content-type': 'text/html', 'content-length': '9999' };
    expect(findingsOf(table(GOOD), headers)).toEqual([
      expect.stringContaining('Content-Type text/html'),
      expect.stringContaining('Content-Length says 9999'),
    ]);
  });

  test('tells why a table may not be whole', () => {
    expect(findingsOf(table(GOOD), undefined, 'the connection was closed')[0]).toContain(
      'the connection was closed',
    );
  });
});

describe('a sourcetable for people', () => {
  test('has a line for each stream under its titles', () => {
    const text = tableText(parseSourcetable(table(GOOD)));
    expect(text.split('\n').map((line) => line.trim().replace(/ {2,}/g, ' | '))).toEqual([
      'Mountpoint | Place | Country | Position | Format | Systems | Needs | Rate | Messages',
      'FFMJ00DEU0 | Frankfurt | DEU | 50.09 8.66 | RTCM 3.3 | GPS+GLO+GAL | login | 9.6 kbit/s | 1006(10),1033(10),1077(1),1230(10)',
      '1 stream, 1 caster, 0 networks',
    ]);
  });

  test('shows no control character of a table', () => {
    expect(tableText(parseSourcetable(withField(2, 'a\u001b]0;title\u0007b')))).not.toMatch(/[\u0007\u001b]/);
  });
});
