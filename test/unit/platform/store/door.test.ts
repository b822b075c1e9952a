import { describe, expect, test } from 'vitest';
import { checkParameters, checkRows, safeNumber } from '../../../../platform/store/door.ts';

describe('a parameter', () => {
  test.each([['text'], [''], [0], [-1], [Number.MAX_SAFE_INTEGER], [null], [Buffer.from('x')], [['a', 'b']]])(
    'may be %j',
    (value) => expect(() => checkParameters([value], 'select ?')).not.toThrow(),
  );

  test.each([
    ['a fraction', 0.5],
    ['a number beyond 2^53', 2 ** 53],
    ['NaN', NaN],
    ['an infinite number', Infinity],
    ['a boolean', true],
    ['a bigint', 1n],
    ['undefined', undefined],
    ['a date', new Date()],
    ['an object', { a: 1 }],
    ['text with NUL', 'a\0b'],
    ['a list with a boolean', ['a', true]],
  ])('is never %s', (_, value) => {
    expect(() => checkParameters([1, value], 'select ?')).toThrow(/^parameter 2 .*: select \?/);
  });

  test('is not shown where it is refused', () => {
    expect(() => checkParameters(['hidden-secret\0'], 'select ?')).toThrow(/^(?!.*hidden-secret)/);
  });
});

describe('a row', () => {
  test('with whole numbers up to 2^53, fractions, texts and nulls comes out', () => {
    expect(() => checkRows([{ a: 2 ** 53 - 1, b: 0.5, c: 'x', d: null }])).not.toThrow();
  });

  test('with a whole number beyond 2^53 does not', () => {
    expect(() => checkRows([{ a: 1 }, { bytes: 2 ** 53 }])).toThrow('column bytes');
  });
});

describe('a number as PostgreSQL writes it', () => {
  test.each([
    ['0', 0],
    ['-9007199254740991', -9007199254740991],
    ['12.50', 12.5],
  ])('%s is read', (text, value) => expect(safeNumber(text)).toBe(value));

  test.each(['9007199254740992', '-9223372036854775808', 'NaN', 'Infinity'])('%s is refused', (text) => {
    expect(() => safeNumber(text)).toThrow(RangeError);
  });
});
