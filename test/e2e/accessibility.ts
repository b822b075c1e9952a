// What a page is judged by: the rules of axe in both color schemes, and whether a text of it has stayed untranslated.

import { resolve } from 'node:path';
import axe from 'axe-core';
import type { Page } from 'playwright-core';

const PICTURES = resolve(import.meta.dirname, '../../artifacts/console');

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

/** Kept for whoever looks at what CI has seen: English in light colors, Chinese in dark ones. */
export async function keepPicture(page: Page, language: 'en' | 'zh', path: string): Promise<void> {
  const scheme = language === 'en' ? 'light' : 'dark';
  await useScheme(page, scheme);
  const name = path.replaceAll(/[^a-z]+/g, '-').replaceAll(/^-|-$/g, '') || 'overview';
  await page.screenshot({ path: `${PICTURES}/${name}-${language}-${scheme}.png` });
}

const NO_SCREEN = /There is no such screen\.|没有这个页面。/;

async function goTo(page: Page, path: string): Promise<void> {
  const address = JSON.stringify(`/console${path}`);
  await page.evaluate(
    `history.pushState(null, '', ${address}); dispatchEvent(new PopStateEvent('popstate'));`,
  );
}

/** Shows a screen in a page that is there already, as a link would: nothing is loaded anew. */
export async function showScreen(page: Page, path: string, sign: string): Promise<Page> {
  // By way of none, so that nothing of the last one is taken for this.
  await goTo(page, '/no-such-screen');
  await page.getByText(NO_SCREEN).waitFor();
  await goTo(page, path);
  await page.locator(sign).first().waitFor();
  return page;
}

/** Words of the trade and of this test that are the same in Chinese; what servers and devices write is theirs. */
export const SAME_IN_CHINESE =
  /^(Rovercast|RTKLIB|ISO|CHN|DEU|MSM\d?|CSV|NTRIP|RTCM|TLS|HDOP|GGA|GPS|GLO|GLONASS|GAL|BDS|QZS|SBAS|IRN|UTC|YAML|CNY|EUR|EN|English|HILL|ECEF|API|OpenAPI|SHA|Esc|[gcmoa/?]|[A-Za-z]?B(\/s)?|[kMG]B(\/s)?|byte(\/s)?)$/;

/** Latin words in the texts of a page, apart from the `same` in Chinese, and those that say that they are none of it. */
export async function latinWords(page: Page, same = SAME_IN_CHINESE): Promise<string[]> {
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
