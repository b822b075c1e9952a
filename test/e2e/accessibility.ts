// What a page is judged by: the rules of axe in both color schemes, and whether a text of it has stayed untranslated.

import axe from 'axe-core';
import type { Page } from 'playwright-core';

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** Axe's rules that look at colors; the others find the same whatever the scheme. */
const COLOR_RULES = ['color-contrast', 'link-in-text-block'];

/** In the one color scheme and then in the other: the page follows the system, as nothing else was chosen. */
export async function violationsOf(
  page: Page,
  schemes: readonly ('light' | 'dark')[] = ['light', 'dark'],
): Promise<string[]> {
  await page.evaluate(axe.source);
  const found: string[] = [];
  for (const colorScheme of schemes) {
    await useScheme(page, colorScheme);
    const options = colorScheme === schemes[0] ? {} : { runOnly: { type: 'rule', values: COLOR_RULES } };
    const { violations } = await page.evaluate<{ violations: Violation[] }>(
      `axe.run(${JSON.stringify(options)})`,
    );
    found.push(
      ...violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${colorScheme}, ${id}: ${html}\n${failureSummary}`),
      ),
    );
  }
  return found;
}

export async function useScheme(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
}

/** Latin words in the texts of a page, apart from the `same` in Chinese, and those that say that they are none of it. */
export async function latinWords(page: Page, same: RegExp): Promise<string[]> {
  const texts = await page.evaluate<string[]>(`(() => {
    const walker = document.createTreeWalker(document.getElementById('root').parentElement, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      if (element.closest('[lang=en], [role=gridcell], pre, code, textarea, style, script, noscript, .mono, td, dd, .u-legend')) continue;
      found.push(walker.currentNode.textContent);
    }
    return found;
  })()`);
  const words = texts.flatMap((text) => text.match(/[A-Za-z][A-Za-z/]*/g) ?? []);
  return [...new Set(words)].filter((word) => !same.test(word));
}
