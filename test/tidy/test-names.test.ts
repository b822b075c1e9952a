// Tests whether every test's name is a sentence, and whether the rule would notice if one were not.

import { expect, test } from 'vitest';
import { nameFindings } from './name-rules.ts';
import { codeFiles } from './project-files.ts';

const inTest = (text: string): string[] => nameFindings({ path: 'test/unit/a.test.ts', text });

test('every test of the project is named by a sentence', () => {
  expect(codeFiles.flatMap(nameFindings)).toEqual([]);
});

test.each([
  `test('works', () => {});`,
  `it('parses gga', () => {});`,
  `test('- closes the socket', () => {});`,
  `test.skip('slow rover', () => {});`,
  `test.each([[1, 2]])('case %s', () => {});`,
  'test(`frame ${n}`, () => {});',
])('the test %s is found', (text) => {
  expect(inTest(text)).toHaveLength(1);
});

test.each([
  `test('a slow rover costs nobody else anything', () => {});`,
  `test('1005 gives the position of the base', () => {});`,
  `test.each([[1, 2]])('%s is cut into %s frames', () => {});`,
  `describe('epochs', () => {});`,
  `test(nameOf(recording), () => {});`,
  `test.each(table)('%s', () => {});`,
  `test.each(table)('$name', () => {});`,
  `pattern.test('works');`,
])('the test %s is let through', (text) => {
  expect(inTest(text)).toEqual([]);
});
