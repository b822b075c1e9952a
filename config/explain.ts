// The annotated example: a configuration file with every key, its meaning, unit, bounds and default, made from the
// schema so that it cannot go out of date. It loads as it is; keys without a default are there, switched off by a `#`.

import { stringify } from 'yaml';
import { expectation, ROOT_KEY, type Key } from './keys.ts';
import { isLive } from './reload.ts';

const HEAD = `\
# Rovercast: every key of the configuration, with its default. A line that begins with # and no space after it is a key
# that can be switched on. "live" keys are taken over by a reload, the others at the next start. Options take precedence
# over environment variables, those over this file. All mistakes at once: rovercast config check FILE
`;

/** YAML text. */
export function explainConfig(): string {
  return `${HEAD}${ROOT_KEY.parts.map((key) => `\n${explain(key, '').join('\n')}\n`).join('')}`;
}

/** The lines of one key and all below it. */
function explain(key: Key, indent: string): string[] {
  const comments = commentsOf(key).map((comment) => `${indent}# ${comment}`);
  const optional = !key.required && key.defaultValue === undefined;
  if (key.kind === 'map') {
    if (!optional)
      return [
        ...comments,
        `${indent}${key.name}:`,
        ...key.parts.flatMap((part) => explain(part, `${indent}  `)),
      ];
    const parts = key.parts.flatMap((part) => [`${indent}#   ${part.name}`, ...partComments(part, indent)]);
    return [...comments, ...parts, `${indent}#${key.name}: ${yaml(exampleOf(key))}`];
  }
  if (key.item?.kind === 'map') {
    const [first = [], ...others] = key.item.parts.map((part) => explain(part, `${indent}    `));
    return [
      ...comments,
      `${indent}${key.name}:`,
      ...first.slice(0, -1),
      asEntry(first.at(-1) ?? ''),
      ...others.flat(),
    ];
  }
  const off = optional && key.shown !== true ? '#' : '';
  return [...comments, `${indent}${off}${key.name}: ${yaml(exampleOf(key))}`];
}

function partComments(part: Key, indent: string): string[] {
  return commentsOf(part).map((comment) => `${indent}#     ${comment}`);
}

/** The first key of a list entry carries its dash. */
function asEntry(line: string): string {
  return line.replace(/ {2}(?=\S)/, '- ');
}

function commentsOf(key: Key): string[] {
  if (key.kind === 'map' || key.item?.kind === 'map') return [key.sentence];
  const facts = [expectation(key)];
  if (key.required) facts.push('must be given');
  else if (key.defaultValue !== undefined) facts.push(`default ${yaml(key.defaultValue)}`);
  if (key.env !== undefined) facts.push(key.env);
  if (key.option !== undefined) facts.push(key.option);
  facts.push(isLive(key) ? 'live' : 'at the next start');
  return [key.sentence, facts.join(' · ')];
}

/** Its default, else its example; of a section, those of the keys that have a default or must be given. */
function exampleOf(key: Key): unknown {
  if (key.kind !== 'map') return key.defaultValue ?? key.example;
  const shown = key.parts.filter((part) => part.required || part.defaultValue !== undefined);
  return Object.fromEntries(shown.map((part) => [part.name, exampleOf(part)]));
}

function yaml(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
}
