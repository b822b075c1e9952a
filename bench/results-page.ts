// bench/RESULTS.md: one section for each scenario, so that running one anew leaves the others as they were. Sections of
// another machine go, since figures of two machines must not stand on one page.
//
//   # title, how to make it          ## scenario          ## scenario
//   Machine: …                       when, revision, …    …

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const FILE = path.resolve(import.meta.dirname, 'RESULTS.md');
const MACHINE = 'Machine: ';
const SECTION = '## ';

export interface ResultSection {
  readonly name: string;
  /** Markdown without headings. */
  readonly body: string;
}

/** Puts the sections in the order of `names` and writes the page. */
export function writeResults(
  machine: string,
  fresh: readonly ResultSection[],
  names: readonly string[],
): string {
  const sections = new Map(readSections(machine).map((section) => [section.name, section]));
  for (const section of fresh) sections.set(section.name, section);
  const ordered = names.flatMap((name) => sections.get(name) ?? []);
  const head = [
    '# Results of the benches',
    'Made by `npm run bench`; `npm run bench -- fanout` makes one section anew. What is measured against what stands in',
    'each section. The caster, its bases and its rovers run on one machine over loopback, and share its cores.',
    '',
    `${MACHINE}${machine}`,
  ];
  const text = ordered.map(({ name, body }) => `${SECTION}${name}\n\n${body}\n`).join('\n');
  writeFileSync(FILE, `${head[0]}\n\n${head.slice(1).join('\n')}\n\n${text}`);
  return FILE;
}

function readSections(machine: string): ResultSection[] {
  if (!existsSync(FILE)) return [];
  const [head = '', ...parts] = readFileSync(FILE, 'utf8').split(`\n${SECTION}`);
  if (!head.includes(`${MACHINE}${machine}\n`)) return [];
  return parts.map((part) => {
    const lineEnd = part.indexOf('\n');
    return { name: part.slice(0, lineEnd), body: part.slice(lineEnd).trim() };
  });
}
