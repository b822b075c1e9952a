// Tests whether every relative link in Markdown leads somewhere, and whether the rule would notice if one did not.

import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { linkFindings } from './link-rules.ts';
import { markdownFiles, projectRoot } from './project-files.ts';

function readProject(file: string): string | undefined {
  const at = path.join(projectRoot, file);
  const found = statSync(at, { throwIfNoEntry: false });
  if (!found) return undefined;
  return found.isDirectory() ? '' : readFileSync(at, 'utf8');
}

const PAGES: Readonly<Record<string, string>> = {
  'docs/a.md': '# How it is run\n\n## Limits & units\n\n## Limits & units\n',
  'docs/b.yaml': 'a: 1',
};
const findings = (text: string): string[] => linkFindings({ path: 'docs/c.md', text }, (file) => PAGES[file]);

test('every relative link in the Markdown of the project leads somewhere', () => {
  expect(markdownFiles.flatMap((page) => linkFindings(page, readProject))).toEqual([]);
});

test('there are relative links to look at', () => {
  const links = markdownFiles.flatMap(({ text }) => [...text.matchAll(/\]\((?!https?:)[^)]+\)/g)]);
  expect(links.length).toBeGreaterThan(0);
});

test.each([
  'see [it](missing.md)',
  'see [it](../docs/missing.md#x)',
  'see [it](a.md#no-such-heading)',
  'see [it](../../elsewhere/a.md)',
  'see [it](/etc/passwd)',
  'see [it](#not-here)',
])('the link in "%s" is found', (text) => {
  expect(findings(text)).toHaveLength(1);
});

test.each([
  'see [it](a.md)',
  'see [it](./a.md#how-it-is-run "title")',
  'see [it](a.md#limits--units-1)',
  'see [it](b.yaml)',
  'see [it](https://example.org/missing.md) or [us](mailto:a@example.org)',
  'write `[it](missing.md)`',
  '```\n[it](missing.md)\n```',
])('the link in "%s" is let through', (text) => {
  expect(findings(text)).toEqual([]);
});
