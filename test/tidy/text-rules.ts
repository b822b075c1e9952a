// Rules that hold for every file of code, whatever it does: length, words that promise later work, types and comments
// that switch the checker off, the machine's own paths, barrel files, default exports, and clocks in pure folders.

import path from 'node:path';
import ts from 'typescript';
import { type TextFile } from './project-files.ts';
import { dottedNames, placeOf, syntaxOf, walk } from './syntax.ts';

const LINES_MAX = 400;

/** Files that may be longer, each with its reason. */
export const LONG_FILES: Readonly<Record<string, string>> = {
  'config/limits.ts':
    'one table of named numbers, each with its reason, that is looked up and not read through',
};

// The odd brackets keep these patterns from finding themselves.
const LATER_WORDS = /\b(?:T[O]DO|F[I]XME|X[X]X)\b/;
const MACHINE_PATH = /(?<![\w.~-])(?:\/(?:home|Users|root|work|mnt)\/[\w.-]+|[A-Z]:\\[\w]+)/;

const SEC1_EXPORT = /['"]s[e]c1['"]/;

const LINT_EXCEPTION = /eslint-dis[a]ble/;
const EXCEPTION_OF_ONE_LINE = /eslint-dis[a]ble-next-line [@\w/-]+ -- (\S.*)$/;
/** Two alike may be two drivers; more is a rule that is switched off in bulk. */
const ALIKE_MAX = 2;

const PURE_FOLDERS = ['caster/rtcm/', 'caster/ntrip/'];
const CLOCK_CALLS = [
  'Date.now',
  'performance.now',
  'process.hrtime',
  'setTimeout',
  'setInterval',
  'setImmediate',
];

/** The lines of a file that match, as `path:line`. */
function linesWith(pattern: RegExp, file: TextFile): string[] {
  return file.text
    .split('\n')
    .flatMap((line, index) => (pattern.test(line) ? [`${file.path}:${index + 1}`] : []));
}

/** A file longer than the house allows, without being listed. */
export function lengthFindings(file: TextFile): string[] {
  const lines = file.text.split('\n').length - 1;
  if (lines <= LINES_MAX || file.path in LONG_FILES) return [];
  return [
    `${file.path}: ${lines} lines, at most ${LINES_MAX}: split it by meaning, or list it in LONG_FILES with its reason`,
  ];
}

/** Words that put work off. */
export function laterFindings(file: TextFile): string[] {
  return linesWith(LATER_WORDS, file).map(
    (at) => `${at}: do it now, or write an issue; no promise in the code`,
  );
}

/** Absolute paths that exist on one machine only. */
export function machinePathFindings(file: TextFile): string[] {
  return linesWith(MACHINE_PATH, file).map(
    (at) => `${at}: a path of one machine: start from import.meta.dirname or os.tmpdir()`,
  );
}

/** Keys that are exported as SEC1: of an SM2 key, Node ends the whole process over it. */
export function sec1Findings(file: TextFile): string[] {
  return linesWith(SEC1_EXPORT, file).map(
    (at) => `${at}: export keys as pkcs8: SEC1 of an SM2 key is a crash`,
  );
}

/** What Node 20, on which scripts/ runs before there is a newer one, does not have: `node:fs` has it from 22 on. */
export function oldNodeFindings(file: TextFile): string[] {
  if (!file.path.startsWith('scripts/')) return [];
  return linesWith(/\bgl[o]bSync\b/, file).map((at) => `${at}: Node 20 has none: walk with readdirSync`);
}

/** A file that only hands on what others export. */
export function barrelFindings(file: TextFile): string[] {
  if (!/^index\.[jt]sx?$/.test(path.posix.basename(file.path))) return [];
  return [
    `${file.path}: no index file: import from the file that has the thing, and name files for what they hold`,
  ];
}

/** Lint exceptions that hold for more than one line and one rule, have no reason, or share it with many others. */
export function exceptionFindings(files: readonly TextFile[]): string[] {
  const byReason = new Map<string, string[]>();
  const findings: string[] = [];
  for (const file of files) {
    for (const at of linesWith(LINT_EXCEPTION, file)) {
      const line = file.text.split('\n')[Number(at.split(':')[1]) - 1]!;
      const reason = EXCEPTION_OF_ONE_LINE.exec(line)?.[1];
      if (reason === undefined) findings.push(`${at}: except one line from one rule, and say why after --`);
      else byReason.set(reason, [...(byReason.get(reason) ?? []), at]);
    }
  }
  for (const [reason, places] of byReason) {
    if (places.length > ALIKE_MAX)
      findings.push(`${places.join(', ')}: "${reason}" is the reason of no one line`);
  }
  return findings;
}

/** `any` in a type, a default export, and a clock in a pure folder. */
export function syntaxFindings(file: TextFile): string[] {
  const isTypeScript = /\.tsx?$/.test(file.path);
  const mayExportDefault = !isTypeScript || file.path.endsWith('.config.ts');
  const isPure = PURE_FOLDERS.some((folder) => file.path.startsWith(folder));
  const findings: string[] = [];
  walk(syntaxOf(file), (node) => {
    const at = (): string => placeOf(file, node);
    if (isTypeScript && node.kind === ts.SyntaxKind.AnyKeyword) {
      findings.push(`${at()}: no any: say what it is, or take unknown and look`);
    }
    if (!mayExportDefault && isDefaultExport(node)) {
      findings.push(`${at()}: no default export: give it its name, which then is the same everywhere`);
    }
    if (isPure && asksClock(node))
      findings.push(`${at()}: no clock in a pure folder: take the time as an argument`);
  });
  return findings;
}

function isDefaultExport(node: ts.Node): boolean {
  if (ts.isExportAssignment(node)) return true;
  return (
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)
  );
}

function asksClock(node: ts.Node): boolean {
  if (ts.isCallExpression(node)) return CLOCK_CALLS.includes(dottedNames(node.expression).join('.'));
  return (
    ts.isNewExpression(node) && dottedNames(node.expression).join('.') === 'Date' && !node.arguments?.length
  );
}
