// What is wrong with a configuration, said so that a person can mend it. A problem never carries the value of a
// secret, nor text of the file that might be one: every value it quotes goes through `quote`.

import { PROBLEM_CODES, type ProblemCode } from './problem-codes.ts';

export interface Problem {
  readonly code: ProblemCode;
  /** `file:line:column`, `file`, `env NAME` or `option --name`. */
  readonly where: string;
  /** Which value, such as `mountpoints[2].name`; empty for the whole file. */
  readonly path: string;
  /** What is wrong, with which value. */
  readonly message: string;
  /** What to do about it. */
  readonly fix: string;
}

/** From the root: names of keys and numbers of list entries, counted from 0. */
export type ValuePath = readonly (string | number)[];

const QUOTED_LENGTH_MAX = 60;
const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,59}$/;

/** `[['mountpoints', 0, 'name']]` as `mountpoints[0].name`. A key that does not look like one is shown as `?`. */
export function pathText(path: ValuePath): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${isPlainName(step) ? step : '?'}`))
    .join('')
    .replace(/^\./, '');
}

/** True for a text that looks like the name of a key, and not like a value that slipped into its place. */
export function isPlainName(name: string): boolean {
  return PLAIN_NAME.test(name);
}

/**
 * A value in a message. Of a text only the first word is shown: where a quote or a line end is missing, what follows may
 * be somebody's password.
 */
export function quote(value: unknown): string {
  if (value === undefined || value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') {
    const [word = ''] = value.split(/[\s\p{Cc}]/u, 1);
    const cut = word.slice(0, QUOTED_LENGTH_MAX);
    return JSON.stringify(cut === value ? value : `${cut}…`);
  }
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'a mapping';
}

export function isWarning(problem: Problem): boolean {
  return PROBLEM_CODES[problem.code].severity === 'warning';
}

const byPlace = new Intl.Collator('en', { numeric: true });

/** In the order of the file, then what came from the environment and from options. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  return problems.toSorted(
    (a, b) => Number(isElsewhere(a)) - Number(isElsewhere(b)) || byPlace.compare(a.where, b.where),
  );
}

function isElsewhere({ where }: Problem): boolean {
  return where.startsWith('env ') || where.startsWith('option ');
}

/** For people: one line each, `where: message (fix)`; nothing at all where there is no problem. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems
    .map((problem) => {
      const kind = isWarning(problem) ? 'warning: ' : '';
      return `${problem.where}: ${kind}${problem.message} (${problem.fix})\n`;
    })
    .join('');
}
