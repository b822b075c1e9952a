import { expect, test } from 'vitest';
import { closestName } from '../../../config/closest-name.ts';

const KNOWN = ['ntripPort', 'ntripsPort', 'httpPort', 'host', 'off'];

test.each([
  ['ntripport', 'ntripPort'],
  ['ntrip_port', 'ntripPort'],
  ['ntripsport', 'ntripsPort'],
  ['htppPort', 'httpPort'],
  ['hots', 'host'],
  ['hosts', 'host'],
])('%s is taken for %s', (name, meant) => {
  expect(closestName(name, KNOWN)).toBe(meant);
});

test.each(['password', 'port', 'on', ''])('%j is taken for nothing', (name) => {
  expect(closestName(name, KNOWN.slice(0, 4))).toBeUndefined();
});
