// Tests the difference between a thing before and after a change, as the audit log shows it.

import { expect, test } from 'vitest';
import { differencesOf, remarksOf } from '../../../console/screens/audit/differences.ts';

test('only what differs is told, each value by the way to it', () => {
  const before = {
    name: 'North',
    quota: { devicesMax: 5, sessionsMax: null },
    ipRanges: ['192.0.2.1'],
    old: 1,
  };
  const after = { name: 'North', quota: { devicesMax: 9, sessionsMax: null }, ipRanges: [], fresh: false };
  expect(differencesOf(before, after)).toEqual([
    { path: 'quota.devicesMax', before: '5', after: '9' },
    { path: 'ipRanges', before: '192.0.2.1', after: '' },
    { path: 'fresh', before: undefined, after: 'false' },
    { path: 'old', before: '1', after: undefined },
  ]);
});

test('of a thing that was made or deleted every value is told', () => {
  const thing = { name: 'HILL', tiers: [{ from: 1 }, { from: 2 }] };
  const paths = ['name', 'tiers[0].from', 'tiers[1].from'];
  expect(differencesOf(null, thing).map(({ path, before }) => [path, before])).toEqual(
    paths.map((path) => [path, undefined]),
  );
  expect(differencesOf(thing, null).map(({ path, after }) => [path, after])).toEqual(
    paths.map((path) => [path, undefined]),
  );
});

test('a text that looks like a number differs from none, and not from itself', () => {
  expect(differencesOf({ a: '1' }, { a: '1' })).toEqual([]);
  expect(differencesOf({ a: null }, { a: '' })).toEqual([{ path: 'a', before: 'null', after: '' }]);
});

test('the reason and the refusal of an entry are found where they are, and nowhere else', () => {
  expect(remarksOf({ reason: 'moved' })).toEqual({ reason: 'moved' });
  expect(remarksOf({ refused: 'insufficient_scope' })).toEqual({ refused: 'insufficient_scope' });
  expect(remarksOf({ reason: 7 })).toEqual({});
  expect(remarksOf(null)).toEqual({});
});
