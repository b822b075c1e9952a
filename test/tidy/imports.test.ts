// Tests whether imports go in the direction of DESIGN §3, and whether the rules would notice if they did not.

import { describe, expect, test } from 'vitest';
import { cycleFindings, directionFindings, libraryFindings } from './import-rules.ts';
import { codeFiles, type TextFile } from './project-files.ts';

const file = (path: string, text: string): TextFile => ({ path, text });

describe('the project', () => {
  test('every import goes in the direction of DESIGN §3', () => {
    expect(codeFiles.flatMap(directionFindings)).toEqual([]);
  });

  test('every library is imported by its one home only', () => {
    expect(codeFiles.flatMap(libraryFindings)).toEqual([]);
  });

  test('no file imports itself by way of others', () => {
    expect(cycleFindings(codeFiles)).toEqual([]);
  });
});

describe('the rule of direction', () => {
  test.each([
    ['config/a.ts', `import { b } from '../platform/b.ts';`],
    ['platform/http/a.ts', `import { b } from '../../caster/stream/b.ts';`],
    ['caster/rtcm/a.ts', `import { b } from '../../config/schema.ts';`],
    ['caster/rtcm/a.ts', `import { b } from '../ntrip/b.ts';`],
    ['caster/ntrip/a.ts', `export { b } from '../rtcm/b.ts';`],
    ['caster/stream/a.ts', `import { type B } from '../net/b.ts';`],
    ['caster/stream/a.ts', `let b: import('../net/b.ts').B;`],
    ['caster/net/a.ts', `import { b } from '../../workers/messages.ts';`],
    ['caster/routes/a.ts', `import { b } from '../net/b.ts';`],
    ['caster/simulator/a.ts', `import { b } from '../ntrip/b.ts';`],
    ['caster/accounts/a.ts', `import { b } from '../../licensing/shop/b.ts';`],
    ['licensing/shop/a.ts', `import { b } from '../../caster/accounts/b.ts';`],
    ['workers/a.ts', `import { b } from '../cli/b.ts';`],
    ['workers/a.ts', `const b = await import('../main.ts');`],
    ['cli/a.ts', `import { b } from '../main.ts';`],
    ['cli/a.ts', `import { b } from '../test/support/b.ts';`],
    ['scripts/a.mjs', `import { b } from '../config/b.ts';`],
    ['newcomer/a.ts', ``],
  ])('%s may not say %s', (path, text) => {
    expect(directionFindings(file(path, text))).toHaveLength(1);
  });

  test.each([
    ['caster/rtcm/a.ts', `import { b } from '../../config/limits.ts'; import { c } from './c.ts';`],
    ['caster/net/a.ts', `import { b } from '../stream/b.ts'; import { c } from '../ntrip/c.ts';`],
    ['caster/simulator/a.ts', `import { b } from '../rtcm/b.ts';`],
    ['cli/serve.ts', `const { start } = await import('../main.ts');`],
    ['config/a.ts', `// import { b } from '../platform/b.ts';`],
  ])('%s may say %s', (path, text) => {
    expect(directionFindings(file(path, text))).toEqual([]);
  });
});

describe('the rule of one home', () => {
  test.each([
    ['caster/stream/a.ts', `import koffi from 'koffi';`],
    ['caster/net/a.ts', `import { pino } from 'pino';`],
    ['caster/net/a.ts', `import { type Logger } from 'pino';`],
    ['platform/secrets/a.ts', `import fastify from 'fastify';`],
    ['cli/a.ts', `import { parse } from 'yaml';`],
    ['config/a.ts', `import { leftPad } from 'left-pad';`],
    ['scripts/a.mjs', `import { parse } from 'yaml';`],
    ['caster/rtcm/a.ts', `import { connect } from 'node:net';`],
    ['caster/ntrip/a.ts', `import { performance } from 'node:perf_hooks';`],
  ])('%s may not say %s', (path, text) => {
    expect(libraryFindings(file(path, text))).toHaveLength(1);
  });

  test.each([
    ['caster/net/a.ts', `import koffi from 'koffi'; import { connect } from 'node:net';`],
    ['caster/ntrip/a.ts', `import { Buffer } from 'node:buffer';`],
    ['test/unit/a.test.ts', `import { parse } from 'yaml';`],
  ])('%s may say %s', (path, text) => {
    expect(libraryFindings(file(path, text))).toEqual([]);
  });
});

describe('the rule against cycles', () => {
  test('a cycle over three files is told once, with its way around', () => {
    const files = [
      file('config/a.ts', `import { b } from './b.ts';`),
      file('config/b.ts', `import { type C } from './c.ts';`),
      file('config/c.ts', `import { a } from './a.ts';`),
    ];
    expect(cycleFindings(files)).toEqual([
      expect.stringContaining('config/a.ts -> config/b.ts -> config/c.ts -> config/a.ts'),
    ]);
  });

  test('two ways to the same file are no cycle', () => {
    const files = [
      file('config/a.ts', `import { b } from './b.ts'; import { c } from './c.ts';`),
      file('config/b.ts', `import { c } from './c.ts';`),
      file('config/c.ts', ``),
    ];
    expect(cycleFindings(files)).toEqual([]);
  });
});
