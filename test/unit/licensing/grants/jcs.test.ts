// Tests the canonical form by the examples of RFC 8785, and what a strict reader must not let pass.

import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../../../licensing/grants/format/jcs.ts';
import { readStrictJson } from '../../../../licensing/grants/format/strict-json.ts';

const reading = (text: string): string => {
  const read = readStrictJson(Buffer.from(text));
  return read.ok ? 'read' : read.reason;
};

describe('RFC 8785', () => {
  test('texts are written as the example of §3.2.2 writes them', () => {
    const text = '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"\u002f';
    expect(Buffer.from(canonicalJson({ string: text, literals: [null, true, false] })).toString('hex')).toBe(
      // The bytes of §3.2.4, without the numbers before them, which no document of ours may hold.
      '7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c22737472696e67223a22e282ac245c75303030665c6e4127425c225c5c5c5c5c222f227d',
    );
  });

  test('keys are sorted by UTF-16 code units, as in the example of §3.2.3', () => {
    const value = JSON.parse(
      '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\\ud83d\\ude00":"Emoji: Grinning Face","\\u0080":"Control","\\u00f6":"Latin Small Letter O With Diaeresis"}',
    ) as object;
    expect(Object.values(JSON.parse(canonicalJson(value)) as object).length).toBe(7);
    expect([...canonicalJson(value).matchAll(/:"([^"]+)"/g)].map(([, said]) => said)).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });

  test.each([1.5, Number.NaN, 2 ** 53, undefined, 'a\ud800', { a: undefined }, 1n])(
    'what no document may hold is no value: %s',
    (value) => {
      expect(() => canonicalJson(value)).toThrow();
    },
  );
});

describe('a strict reader', () => {
  test.each([
    ['{"a":1,"b":{"a":[{"a":1},{"a":-9007199254740991}]}}', 'read'],
    ['{"a":"{\\"a\\":1.5","b":"\\\\","c":"x\\"b\\":"}', 'read'],
    ['{"a":1,"b":2,"a":3}', 'duplicate_key'],
    ['{"a":1,"\\u0061" : 3}', 'duplicate_key'],
    ['[{"__proto__":1,"__proto__":2}]', 'duplicate_key'],
    ['{"a":1.0}', 'number_inexact'],
    ['{"a":1e2}', 'number_inexact'],
    ['{"a":-0}', 'number_inexact'],
    ['{"a":9007199254740992}', 'number_inexact'],
    ['{"a":9007199254740990.6}', 'number_inexact'],
    ['{"a":12345678901234567}', 'number_inexact'],
    ['{"a":"\\ud800"}', 'text_malformed'],
    ['{"\\udfff":1}', 'text_malformed'],
    ['{"certID":"a\\u0000"}', 'text_malformed'],
    ['{"a":01}', 'not_json'],
    ['\ufeff{}', 'not_json'],
    ['', 'not_json'],
    [`${'['.repeat(17)}${']'.repeat(17)}`, 'too_deep'],
    [`${'['.repeat(32_000)}${']'.repeat(32_000)}`, 'too_deep'],
    [`"${'a'.repeat(65_535)}"`, 'too_long'],
  ])('judges %.60s: %s', (text, verdict) => {
    expect(reading(text)).toBe(verdict);
  });

  test('takes no bytes that are not UTF-8', () => {
    expect(readStrictJson(Buffer.from([0x22, 0xc3, 0x28, 0x22]))).toEqual({ ok: false, reason: 'not_utf8' });
  });
});
