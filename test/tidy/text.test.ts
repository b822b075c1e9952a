// Tests whether every file of code keeps the house rules that a text or its syntax can show, and whether the rules
// would notice if one did not.

import { describe, expect, test } from 'vitest';
import { codeFiles, textFiles, type TextFile } from './project-files.ts';
import {
  barrelFindings,
  exceptionFindings,
  laterFindings,
  lengthFindings,
  LONG_FILES,
  machinePathFindings,
  oldNodeFindings,
  sec1Findings,
  syntaxFindings,
} from './text-rules.ts';

const file = (text: string, path = 'caster/stream/a.ts'): TextFile => ({ path, text });

describe('the project', () => {
  test('no file of code is longer than 400 lines without a reason', () => {
    expect(codeFiles.flatMap(lengthFindings)).toEqual([]);
  });

  test('every listed exception of length is still needed', () => {
    const unlisted = codeFiles.filter(({ path }) => path in LONG_FILES).map(({ text }) => file(text));
    expect(unlisted.flatMap(lengthFindings)).toHaveLength(Object.keys(LONG_FILES).length);
  });

  test('no file puts work off with a word in a comment', () => {
    expect(textFiles.flatMap(laterFindings)).toEqual([]);
  });

  test('no file names a path of one machine', () => {
    expect(textFiles.flatMap(machinePathFindings)).toEqual([]);
  });

  test('no file exports a key as SEC1', () => {
    expect(codeFiles.flatMap(sec1Findings)).toEqual([]);
  });

  test('no script needs a function that Node 20 lacks', () => {
    expect(codeFiles.flatMap(oldNodeFindings)).toEqual([]);
  });

  test('no file is a mere list of what others export', () => {
    expect(codeFiles.flatMap(barrelFindings)).toEqual([]);
  });

  test('what is excepted from a lint rule is one line, with a reason of its own', () => {
    expect(exceptionFindings(codeFiles)).toEqual([]);
  });

  test('no file uses any, a default export, or a clock in a pure folder', () => {
    expect(codeFiles.flatMap(syntaxFindings)).toEqual([]);
  });
});

describe('the rules', () => {
  test('a file of 401 lines is found and one of 400 is not', () => {
    expect(lengthFindings(file('a\n'.repeat(401)))).toHaveLength(1);
    expect(lengthFindings(file('a\n'.repeat(400)))).toEqual([]);
  });

  test.each(['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X'])('the word %s is found', (word) => {
    expect(laterFindings(file(`// ${word}: later`))).toHaveLength(1);
  });

  test('a key that is exported as SEC1 is found, and one as PKCS#8 is not', () => {
    const exported = (type: string): TextFile => file(`key.export({ type: '${type}', format: 'der' });`);
    expect(sec1Findings(exported('sec' + '1'))).toHaveLength(1);
    expect(sec1Findings(exported('pkcs8'))).toEqual([]);
  });

  test.each(['home', 'Users', 'root', 'work'])('a path below /%s is found', (folder) => {
    expect(machinePathFindings(file(`const a = '/${folder}/someone/project';`))).toHaveLength(1);
  });

  test.each(['../shared/data', 'https://example.org/home/page', '/v1/home', '/var/lib/rovercast'])(
    'the path %s is let through',
    (path) => {
      expect(machinePathFindings(file(`const a = '${path}';`))).toEqual([]);
    },
  );

  const exception = (rest: string): TextFile => file('// eslint-dis' + 'able' + rest);
  const ofOneLine = exception('-next-line @typescript-eslint/require-await -- the interface demands it');

  test.each([
    '',
    ' no-console',
    '-line no-console -- it is a command',
    '-next-line a, b -- why',
    '-next-line a',
  ])('the lint exception "%s" is found', (rest) => {
    expect(exceptionFindings([exception(rest)])).toHaveLength(1);
  });

  test('one reason for many lint exceptions is found, and one for two of them is not', () => {
    expect(exceptionFindings([ofOneLine, ofOneLine, ofOneLine])).toHaveLength(1);
    expect(exceptionFindings([ofOneLine, ofOneLine])).toEqual([]);
  });

  test('globSync is found in a script, and elsewhere it is not', () => {
    const globbing = 'const files = glob' + 'Sync()';
    expect(oldNodeFindings(file(globbing, 'scripts/a.mjs'))).toHaveLength(1);
    expect(oldNodeFindings(file(globbing))).toEqual([]);
  });

  test('a barrel file is found by its name', () => {
    expect(barrelFindings(file('', 'caster/stream/index.ts'))).toHaveLength(1);
    expect(barrelFindings(file('', 'caster/stream/satellite-index.ts'))).toEqual([]);
  });

  test.each([
    ['a value of any type', 'let a: any;'],
    ['a cast to any', 'const a = b as any;'],
    ['a list of any', 'function a(b: readonly any[]) {}'],
    ['a default function', 'export default function a() {}'],
    ['a default value', 'export default 1;'],
  ])('%s is found', (_what, text) => {
    expect(syntaxFindings(file(text))).toHaveLength(1);
  });

  test.each(['Date.now()', 'new Date()', 'performance.now()', 'setTimeout(b, 1)'])(
    'the clock %s is found in a pure folder and nowhere else',
    (call) => {
      expect(syntaxFindings(file(`const a = ${call};`, 'caster/rtcm/a.ts'))).toHaveLength(1);
      expect(syntaxFindings(file(`const a = ${call};`, 'caster/net/a.ts'))).toEqual([]);
    },
  );

  test('a default export is right in a configuration file, and a date from a number in a pure one', () => {
    expect(syntaxFindings(file('export default {};', 'vitest.config.ts'))).toEqual([]);
    expect(syntaxFindings(file('const a = new Date(atMs);', 'caster/ntrip/a.ts'))).toEqual([]);
  });
});
