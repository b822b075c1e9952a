// Tests whether HOT files keep their promises, and whether the rules would notice if they did not.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { hotFindings, isHot } from './hot-rules.ts';
import { codeFiles, projectRoot } from './project-files.ts';

const benchExists = (bench: string): boolean => existsSync(path.join(projectRoot, bench));
const HEAD = '// HOT: bench/micro/there.ts\n';

describe('the project', () => {
  test('every HOT file keeps to the rules and names a bench that exists', () => {
    expect(codeFiles.flatMap((file) => hotFindings(file, benchExists))).toEqual([]);
  });

  test('there are HOT files to look at', () => {
    expect(codeFiles.filter(isHot).length).toBeGreaterThan(0);
  });
});

describe('the rule for HOT files', () => {
  test.each([
    ['an async function', 'async function a() {}'],
    ['an async arrow', 'const a = async () => 1;'],
    ['a wait at the top', 'await a;'],
    ['a wait in a loop', 'for await (const a of b) c(a);'],
    ['the wall clock', 'const a = Date.now();'],
    ['the wall clock as an object', 'const a = new Date();'],
    ['the monotonic clock', 'const a = performance.now();'],
    ['a joined buffer', 'const a = Buffer.concat(b);'],
    ['a spread argument', 'a(...b);'],
    ['a spread object', 'const a = { ...b };'],
    ['a word to the console', 'console.log(a);'],
    ['a word to a logger of its own', 'this.log.warn(a);'],
    ['a word to a plain log function', 'log(a);'],
  ])('%s is found', (_what, line) => {
    expect(hotFindings({ path: 'caster/net/a.ts', text: HEAD + line }, () => true)).toHaveLength(1);
  });

  test('a first line without its bench is found', () => {
    const findings = hotFindings({ path: 'caster/net/a.ts', text: '// HOT\n' }, () => true);
    expect(findings).toEqual([expect.stringContaining('write the first line as')]);
  });

  test('a bench that does not exist is found', () => {
    const findings = hotFindings({ path: 'caster/net/a.ts', text: HEAD }, () => false);
    expect(findings).toEqual([expect.stringContaining('there is no bench/micro/there.ts')]);
  });

  test('what only looks alike is let through', () => {
    const text = `${HEAD}// await Date.now()\nconst a = Math.log(2); const b = 'async'; const c = clock.now(); blog(a);\n`;
    expect(hotFindings({ path: 'caster/net/a.ts', text }, () => true)).toEqual([]);
  });

  test('a file that is not HOT may do all of it', () => {
    expect(hotFindings({ path: 'cli/a.ts', text: 'await a; console.log(Date.now());' }, () => false)).toEqual(
      [],
    );
  });
});
