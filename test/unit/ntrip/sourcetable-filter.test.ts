import { describe, expect, test } from 'vitest';
import {
  type ParsedFilter,
  filterSourcetable,
  parseSourcetableFilter,
} from '../../../caster/ntrip/sourcetable-filter.ts';
import { parseSourcetable } from '../../../caster/ntrip/sourcetable.ts';
import { integerBelow, randomSource } from './random.ts';

const SEED = 31337;
const TABLE = parseSourcetable(
  [
    'CAS;caster.example;2101;Rovercast;Op;1;DEU;50.10;8.70;0.0.0.0;0;none',
    'CAS;other.example;80;Other;Op;0;FRA;48.80;2.30;0.0.0.0;0;none',
    'NET;EUREF;Op;B;N;;;;none',
    'STR;FFMJ1;Frankfurt;RTCM 2.1;1(1),31(1);0;GPS+GLO;EUREF;DEU;50.09;8.66;0;0;Javad;none;N;N;560;none',
    'STR;WTZR0;Wettzell;RTCM 3.0;1004(1),1006(10);2;GPS;EUREF;DEU;49.14;12.88;0;0;Leica;none;B;N;2400;none',
    'STR;BRUS0;Brussels;RTCM 3.2;1077(1),1087(1);2;GPS+GLO+GAL;EUREF;BEL;50.80;4.36;0;0;Sept;none;B;Y;9600;none',
    'STR;VRS1;Network;RTCM 3.2;1077(1);2;GPS+GLO;IGS;DEU;;;1;1;VRS;none;B;Y;;none',
    'STR;FIJI;Suva;RTCM 3.3;1074(1);2;GPS;IGS;FJI;-18.10;179.90;0;0;x;none;N;N;0;none',
  ].join('\r\n'),
);
const ALL = ['caster.example', 'other.example', 'EUREF', 'FFMJ1', 'WTZR0', 'BRUS0', 'VRS1', 'FIJI'];

/** Names of what a query keeps, casters and networks included; the whole refusal where it is refused. */
function names(query: string, mayUse: (mountpoint: string) => boolean = () => true): string[] | ParsedFilter {
  const parsed = parseSourcetableFilter(query);
  if (!parsed.ok) return parsed;
  const { casters, networks, streams } = filterSourcetable(TABLE, parsed.filter, (stream) =>
    mayUse(stream.mountpoint),
  );
  return [
    ...casters.map((record) => record.host),
    ...networks.map((record) => record.identifier),
    ...streams.map((record) => record.mountpoint),
  ];
}

describe('a filter', () => {
  const cases: [string, string, string[]][] = [
    ['that is empty keeps all', '', ALL],
    ['of a parameter that nobody knows keeps all', '_=1234567', ALL],
    ['of a type keeps its records', 'STR', ['FFMJ1', 'WTZR0', 'BRUS0', 'VRS1', 'FIJI']],
    ['of two types keeps both', 'CAS|NET;', ['caster.example', 'other.example', 'EUREF']],
    ['without a type counts fields of every record alike', ';;;;;;;;DEU', ['FFMJ1', 'WTZR0', 'VRS1']],
    ['bare, by country', 'STR;;;;;;;;DEU', ['FFMJ1', 'WTZR0', 'VRS1']],
    ['by filter=', 'filter=STR;;;;;;;;DEU;', ['FFMJ1', 'WTZR0', 'VRS1']],
    ['in capitals and small letters alike', 'str;;frankFURT', ['FFMJ1']],
    ['with a denial', 'STR;;;;;;;;!DEU', ['BRUS0', 'FIJI']],
    ['with a denied text', 'STR;;;;;;;;!=DEU', ['BRUS0', 'FIJI']],
    ['with alternatives', 'STR;;;;;;;;BEL|FJI', ['BRUS0', 'FIJI']],
    ['with a denied group', 'STR;;;;;;;;!(DEU|BEL)', ['FIJI']],
    ['with wildcards', 'STR;*0;;RTCM 3*', ['WTZR0', 'BRUS0']],
    ['with a wildcard in the middle', 'STR;;;;*1077*1087*', ['BRUS0']],
    ['with wildcards whose texts may not overlap', 'STR;B*S0*0', []],
    ['with a plus as conjunction', 'STR;;;;;;*GLO*+*GAL*', ['BRUS0']],
    ['with an ampersand as conjunction', 'STR;;;;;;*GPS*&!*GLO*', ['WTZR0', 'FIJI']],
    ['with a value that holds a plus', 'STR;;;;;;GPS+GLO', ['FFMJ1', 'VRS1']],
    ['with a value that holds parentheses', 'STR;;;;1004(1),1006(10)', ['WTZR0']],
    ["of the README of BKG's ntripclient", 'STR;;;;;;;EUREF;;=>50&<=51;=>8.1&<8.7;;;;;N', ['FFMJ1']],
    ['with the same in the signs of other casters', 'STR;;;;;;;EUREF;;>=50+<=51;>=8.1+<8.7', ['FFMJ1']],
    ['with a number', 'STR;;;;;2;;;;50.8', ['BRUS0']],
    ['with a number that is not', 'STR;;;;;!=2', ['FFMJ1']],
    ['with a number over', 'STR;;;;;;;;;;;;;;;;;>560', ['WTZR0', 'BRUS0']],
    ['with alternatives of numbers', 'STR;;;;;;;;;<0|>50.5', ['BRUS0', 'FIJI']],
    ['with a number of a caster', 'CAS;;2101', ['caster.example']],
    ['with a sign before a number', 'STR;;;;;;;;;-18.10', ['FIJI']],
    ['with an order of text never agrees', 'STR;>A', []],
    ['with percent escapes', 'filter%3DSTR%3B%3B%3BRTCM%203.2', ['BRUS0', 'VRS1']],
    ['with blanks around expressions', 'STR; ; ; RTCM 3.2 ', ['BRUS0', 'VRS1']],
    ['with more fields than records have keeps none', 'STR;;;;;;;;;;;;;;;;;;;x', []],
    ['given twice keeps what both keep', 'filter=STR;;;;;;;;DEU&filter=STR;;;;;;;IGS', ['VRS1']],
  ];
  test.each(cases)('%s, as in %s', (_name, query, expected) => {
    expect(names(query)).toStrictEqual(expected);
  });
});

describe('a match', () => {
  test('takes every sign for itself', () => {
    expect(names('match=STR;;;;*1077*')).toStrictEqual([]);
  });
  test('compares whole fields without case', () => {
    expect(names('match=str;;;rtcm 3.2;;;gps+glo')).toStrictEqual(['VRS1']);
  });
  test('takes numbers by value', () => {
    expect(names('match=STR;;;;;;;;;50.8')).toStrictEqual(['BRUS0']);
  });
});

describe('the nearest', () => {
  const cases: [string, string, string[]][] = [
    ['by latitude and longitude', 'STR;;;;;;;;;~50;~8', ['FFMJ1']],
    ['among those that agree otherwise', 'STR;;;;;;;;!DEU;~50;~8', ['BRUS0']],
    ['with a bound beside it', 'STR;;;;;;;;;~50+<50;~8', ['WTZR0']],
    ['across the date line', 'STR;;;;;;;;;;~-179.9', ['FIJI']],
    ['by another number', 'STR;;;;;;;;;;;;;;;;;~3000', ['WTZR0']],
    ['of a tie are all of it', 'STR;;;;;~2', ['WTZR0', 'BRUS0', 'VRS1', 'FIJI']],
    ['by a text field are none', 'STR;~5', []],
  ];
  test.each(cases)('%s, as in %s', (_name, query, expected) => {
    expect(names(query)).toStrictEqual(expected);
  });
});

describe('auth', () => {
  const mayUse = (mountpoint: string): boolean => mountpoint === 'FIJI';
  test.each(['auth', 'auth=1', 'auth=', 'AUTH=yes', 'auth&strict', 'strict=1&auth=1'])(
    'keeps only streams the account may use: %s',
    (query) =>
      expect(names(query, mayUse)).toStrictEqual(['caster.example', 'other.example', 'EUREF', 'FIJI']),
  );
  test.each(['auth=0', 'auth=false', ''])('does not ask for the account: "%s"', (query) => {
    expect(names(query, () => expect.fail('asked'))).toStrictEqual(ALL);
  });
  test('goes with a bare filter behind it', () => {
    expect(names('auth&STR;;;;;;GPS', mayUse)).toStrictEqual(['FIJI']);
  });
});

describe('a query that cannot be understood is refused with what and where', () => {
  const cases: [string, string, (ParsedFilter & { ok: false })['reason'], number, number][] = [
    ['an open group', 'STR;(A', 'unexpected_end', 1, 6],
    ['an operator without value', 'STR;;>', 'unexpected_end', 2, 6],
    ['a group that was not opened', 'STR;A)', 'unexpected_sign', 1, 5],
    ['two signs in a row', 'STR;A||B', 'unexpected_sign', 1, 6],
    ['nearest to a text', 'STR;;;;;;;;;~x', 'not_a_number', 9, 13],
    ['not nearest', 'STR;;;;;;;;;!~5', 'nearest_misplaced', 9, 15],
    ['nearest or something else', 'STR;;;;;;;;;~5|6', 'nearest_misplaced', 9, 16],
    ['thirty fields', `STR${';'.repeat(30)}`, 'too_many_fields', 25, 0],
    ['a hundred groups in each other', `STR;${'('.repeat(100)}`, 'too_deep', 1, 21],
    ['a hundred denials', `STR;${'!'.repeat(100)}A`, 'too_deep', 1, 21],
    ['more than 1024 characters', `STR;${'A'.repeat(1100)}`, 'filter_too_long', 0, 1024],
    ['strictly: no type', 'strict&filter=;;;A', 'no_record_type', 0, 14],
    ['strictly: an unknown type', 'strict=1&filter=XYZ;A', 'unknown_record_type', 0, 16],
    ['strictly: text for a number', 'strict&STR;;;;;;;;;north', 'text_for_number', 9, 19],
    ['strictly: ordered text', 'strict&STR;>A', 'ordered_text', 1, 11],
    ['strictly: nearest to a text', 'strict&STR;~5', 'ordered_text', 1, 11],
    ['strictly: an unknown parameter', 'x=1&strict', 'unknown_parameter', 0, 0],
  ];
  test.each(cases)('%s, as in %s', (_name, query, reason, field, at) => {
    expect(parseSourcetableFilter(query)).toStrictEqual({ ok: false, reason, field, at });
  });
});

test('a strict query without fault keeps the same as a lenient one', () => {
  expect(names('strict&STR;;;RTCM*;;>0;;;;~50;*')).toStrictEqual(names('STR;;;RTCM*;;>0;;;;~50;*'));
});

test('wildcards by the hundred do not take long', () => {
  const query = `STR;${'*a'.repeat(500)}`;
  const table = parseSourcetable(`STR;${'a'.repeat(90)}b\r\n`.repeat(2000));
  const parsed = parseSourcetableFilter(query);
  const startedMs = performance.now();
  if (parsed.ok) filterSourcetable(table, parsed.filter, () => true);
  expect([parsed.ok, performance.now() - startedMs < 2000]).toStrictEqual([true, true]);
});

test(`random queries never throw (seed ${SEED})`, () => {
  const random = randomSource(SEED);
  const words = [
    'STR',
    'CAS',
    ';',
    ';',
    ';;;',
    '(',
    ')',
    '!',
    '|',
    '&',
    '+',
    '=',
    '<',
    '>',
    '~',
    '*',
    '5',
    'A',
    '%',
    '%3B',
    'filter=',
    'match=',
    '&strict',
    'auth',
    ' ',
  ];
  const kept = { refused: 0, answered: 0 };
  for (let round = 0; round < 20_000; round++) {
    const query = Array.from(
      { length: integerBelow(random, 20) },
      () => words[integerBelow(random, words.length)],
    ).join('');
    if (Array.isArray(names(query))) kept.answered++;
    else kept.refused++;
  }
  expect([kept.refused > 1000, kept.answered > 1000]).toStrictEqual([true, true]);
});
