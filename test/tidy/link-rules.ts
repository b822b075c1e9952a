// Relative links in Markdown lead to a file that is there, and to a heading that it has.

import path from 'node:path';
import { type TextFile } from './project-files.ts';

const LINK = /\[(?:[^\]]*)\]\((?<target>[^)\s]+)[^)]*\)/g;

/** A Markdown text without what is shown as it stands: fenced blocks and code between backticks. */
function withoutCode(text: string): string {
  return text
    .replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, (block) => block.replaceAll(/[^\n]/g, ''))
    .replaceAll(/`[^`\n]*`/g, '');
}

/** The names under which a page's headings can be linked to, made as GitHub makes them. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of markdown
    .replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, '')
    .matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const slug = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-');
    let anchor = slug;
    for (let n = 1; anchors.has(anchor); n++) anchor = `${slug}-${n}`;
    anchors.add(anchor);
  }
  return anchors;
}

/**
 * The relative links of one page that lead nowhere. `read` gives the text of a project file, an empty text for a
 * folder, and undefined where there is nothing.
 */
export function linkFindings(page: TextFile, read: (path: string) => string | undefined): string[] {
  return withoutCode(page.text)
    .split('\n')
    .flatMap((line, index) =>
      [...line.matchAll(LINK)].flatMap(({ groups }) => {
        const wrong = wrongWith(groups?.target ?? '', page, read);
        return wrong === undefined ? [] : [`${page.path}:${index + 1}: ${wrong}`];
      }),
    );
}

function wrongWith(
  target: string,
  page: TextFile,
  read: (path: string) => string | undefined,
): string | undefined {
  if (/^[a-z][a-z+.-]*:/i.test(target)) return undefined;
  const [file = '', anchor] = target.split('#');
  const to =
    file === '' ? page.path : path.posix.join(path.posix.dirname(page.path), decodeURIComponent(file));
  if (to.startsWith('..') || to.startsWith('/'))
    return `${target} leads out of the project: readers do not have it`;
  const text = read(to);
  if (text === undefined) return `there is no ${to}: mend the link or write the page`;
  if (anchor !== undefined && to.endsWith('.md') && !anchorsOf(text).has(anchor)) {
    return `${to} has no heading #${anchor}: it has ${[...anchorsOf(text)].join(', ')}`;
  }
  return undefined;
}
