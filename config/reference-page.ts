// docs/configuration.md: every key, variable and problem code in tables, made from the schema and the code tables.
// `rovercast config explain --markdown` prints it, and a test holds the file against it. The tables are padded as
// prettier pads them, so that a formatted file stays equal.

import { ENV_KEYS, OTHER_ENV_NAMES } from './environment.ts';
import { expectation, ROOT_KEY, type Key } from './keys.ts';
import { PROBLEM_CODES } from './problem-codes.ts';
import { isLive } from './reload.ts';

const INTRODUCTION = `\
# Configuration

<!-- Made by \`rovercast config explain --markdown\` from config/schema.ts; edit that, not this. -->

Rovercast reads one YAML file, named on the command line or by \`ROVERCAST_CONFIG\`. It works without one: every key
has a default, but there are no mountpoints then. A command line option takes precedence over an environment variable,
that over the file, and the file over the default.

- \`rovercast config explain\` prints a file with every key and its meaning, to begin with.
- \`rovercast config check FILE\` tells all mistakes at once, one on a line with its place, and ends with 3 if there are any.
- Two complete files: [small-network.yaml](../config/examples/small-network.yaml) and
  [production.yaml](../config/examples/production.yaml).

Unknown keys are errors. A value that looks like a number or like \`true\` but is meant as text, such as a password of
digits, must be put in quotes. Keys marked _live_ are taken over by a reload, the others at the next start. Secrets are
never shown, neither in problems nor in the list of changes that a reload logs.
`;

/** Markdown text. */
export function referencePage(): string {
  const [single, sections] = [
    ROOT_KEY.parts.filter(isSingle),
    ROOT_KEY.parts.filter((key) => !isSingle(key)),
  ];
  return [
    INTRODUCTION,
    '## The process\n',
    keyTable(single),
    ...sections.flatMap(sectionPage),
    '## Environment variables\n',
    'An empty variable counts as not set. Other names that begin with `ROVERCAST_` are warned of.\n',
    table(
      ['variable', 'sets'],
      [...ENV_KEYS.map(envRow), ...Object.entries(OTHER_ENV_NAMES).map(otherEnvRow)],
    ),
    '## Problem codes\n',
    'Codes are stable, messages are not. An error keeps the process from starting, and a reload from being taken over.\n',
    table(
      ['code', 'severity', 'meaning'],
      Object.entries(PROBLEM_CODES).map(([code, { severity, meaning }]) => [
        `\`${code}\``,
        severity,
        meaning,
      ]),
    ),
  ].join('\n');
}

function isSingle(key: Key): boolean {
  return key.kind !== 'map' && key.item?.kind !== 'map';
}

function sectionPage(section: Key): string[] {
  const kind = section.kind === 'list' ? 'A list. ' : '';
  return [
    `## \`${section.name}\`\n`,
    `${kind}${section.sentence}\n`,
    keyTable(leaves(section.item ?? section)),
  ];
}

function leaves(key: Key): Key[] {
  return key.parts.flatMap((part) => (part.kind === 'map' ? [part, ...leaves(part)] : [part]));
}

function keyTable(keys: readonly Key[]): string {
  return table(
    ['key', 'value', 'default', 'taken over', 'meaning'],
    keys.map((key) => [
      `\`${key.path}\``,
      key.kind === 'map' ? 'a section' : expectation(key),
      defaultText(key),
      isLive(key) ? 'live' : 'at start',
      key.secret === true ? `${key.sentence} Secret.` : key.sentence,
    ]),
  );
}

function defaultText(key: Key): string {
  if (key.required) return 'must be given';
  return key.defaultValue === undefined ? 'none' : `\`${JSON.stringify(key.defaultValue)}\``;
}

function envRow(key: Key & { env: string }): string[] {
  return [`\`${key.env}\``, `\`${key.path}\``];
}

function otherEnvRow([name, meaning]: [string, string]): string[] {
  return [`\`${name}\``, meaning];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |\n`;
  return line(head) + line(widths.map((width) => '-'.repeat(width))) + rows.map(line).join('');
}
