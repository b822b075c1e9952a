// Mutated and random files: loading never throws, and what is not loaded has a problem; no secret shows in any of them.

import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatProblems, isWarning } from '../../../config/problem.ts';
import { loadConfig, type ConfigLoad } from '../../../config/load.ts';
import { problemsOf, writeConfig } from './write-config.ts';

/** Found a secret that had become a key, once. */
const SEED = 1;

const SECRETS = ['kX7vQ2mR9tLw4zPb', 'pJ3nC8sYd6hGf1Ve', 'uB5aT0xKi2oEq7Wr', 'zM4gH9lDj8rNc3Fy'];
const FILE = `# ${'comment '.repeat(3)}
listen: { ntripPort: 2101, httpPort: 8080 }
mountpoints:
  - name: BASE1
    sourcePassword: ${SECRETS[0]}
    place: "Frankfurt am Main"
    access: accounts
  - name: NEAR
    nearest:
      mountpoints: [BASE1]
      maxBaselineKm: 40
  - { name: BASE2, sourcePassword: ${SECRETS[1]}, secondBase: takeOver }
accounts:
  - username: rover1
    password: ${SECRETS[2]}
    mountpoints: [BASE1, NEAR]
    sessionsMax: 2
  - username: rover2
    password: "${SECRETS[3]}"
    validUntil: 2030-12-31T23:59:59Z
timing:
  stallMs: 30000
`;

const position = fc.nat(FILE.length);
const junk = fc.constantFrom(
  ...':#{}[],&*!|>\'"%@`\\\t\n -?<=0~'.split(''),
  '\n---\n',
  ': ',
  '- ',
  '!!set ',
  '&a ',
  '*a',
  '\0',
  'é',
);
type Mutation = (text: string) => string;
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(position, junk).map(
    ([at, piece]): Mutation =>
      (text) =>
        text.slice(0, at) + piece + text.slice(at),
  ),
  fc.tuple(position, fc.integer({ min: 1, max: 6 })).map(
    ([at, length]): Mutation =>
      (text) =>
        text.slice(0, at) + text.slice(at + length),
  ),
  fc.tuple(position, junk).map(
    ([at, piece]): Mutation =>
      (text) =>
        text.slice(0, at) + piece + text.slice(at + 1),
  ),
  position.map(
    (at): Mutation =>
      (text) =>
        text.slice(0, at),
  ),
  fc.tuple(fc.nat(24), fc.nat(24)).map(([from, to]): Mutation => (text) => {
    const lines = text.split('\n');
    lines.splice(to, 0, ...lines.splice(from, 1));
    return lines.join('\n');
  }),
);

/** Pieces of eight characters: a mutated secret must not show either. */
const SECRET_PIECES = SECRETS.flatMap((secret) =>
  Array.from({ length: secret.length - 7 }, (_, start) => secret.slice(start, start + 8)),
);

/** Loads many texts, one after the other, from one file. */
function makeLoader(): (text: string) => ConfigLoad {
  const file = writeConfig('');
  return (text) => {
    writeFileSync(file, text);
    return loadConfig({ file, env: {} });
  };
}

test('a mutated file either loads or has an error, and no problem shows a piece of a secret', () => {
  const loadText = makeLoader();
  let refused = 0;
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
      const loaded = loadText(mutations.reduce((text, mutate) => mutate(text), FILE));
      const problems = problemsOf(loaded);
      expect(problems.some((problem) => !isWarning(problem))).toBe(!loaded.ok);
      const told = formatProblems(problems) + JSON.stringify(problems);
      for (const piece of SECRET_PIECES) expect(told).not.toContain(piece);
      if (!loaded.ok) refused++;
    }),
    { seed: SEED, numRuns: 2000 },
  );
  expect(refused).toBeGreaterThan(1000);
});

test('text made of YAML punctuation never makes loading throw', () => {
  const loadText = makeLoader();
  const text = fc.array(fc.oneof(junk, fc.constantFrom('a', 'listen', 'mountpoints', 'name')), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(text, (pieces) => {
      const loaded = loadText(pieces.join(''));
      expect(problemsOf(loaded).some((problem) => !isWarning(problem))).toBe(!loaded.ok);
    }),
    { seed: SEED, numRuns: 1000 },
  );
});

test('any JSON value under any key never makes loading throw', () => {
  const loadText = makeLoader();
  const keys = fc.constantFrom(
    'dataDir',
    'streamWorkers',
    'listen',
    'tls',
    'mountpoints',
    'accounts',
    'gates',
    'other',
  );
  fc.assert(
    fc.property(fc.dictionary(keys, fc.jsonValue()), (value) => {
      const loaded = loadText(JSON.stringify(value));
      expect(problemsOf(loaded).some((problem) => !isWarning(problem))).toBe(!loaded.ok);
    }),
    { seed: SEED, numRuns: 1500 },
  );
});
