// Every screen of the console by axe, in both languages and both color schemes, with something to show and without; and
// that no text of it has stayed untranslated.

import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { needsBrowser, useConsole } from './console-browser.ts';
import { startBase, startRover } from './streams.ts';

const its = useConsole({
  config: {
    mountpoints: [{ name: 'HILL', sourcePassword: 'base-password', place: '丘' }],
    accounts: [{ username: 'tractor-1', password: 'rover-password' }],
  },
});

/** For all screens, on a machine that has other work too. */
const LOOKS_MS = 60_000;

/** What each has to show before it is judged. */
const SCREENS: Readonly<Record<string, string>> = {
  '/': '[data-figure]',
  '/connections?role=rover': '[role=gridcell]',
  '/map': '[data-clusters="2"]',
  '/map?as=table': '[role=gridcell]',
  '/mountpoints': '[role=gridcell]',
  '/mountpoints?mountpoint=cfg_HILL': '[role=dialog] table',
  '/mountpoints?new=1': '[role=dialog] form',
  '/apps': '[role=grid], h2',
  '/apps?new=1': '[role=dialog] form',
  '/why?who=tractor-1': '[role=status] >> nth=1',
};

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** In the one color scheme and then in the other: the page follows the system, as nothing else was chosen. */
async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
    const { violations } = await page.evaluate<{ violations: Violation[] }>('axe.run()');
    found.push(
      ...violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${colorScheme}, ${id}: ${html}\n${failureSummary}`),
      ),
    );
  }
  return found;
}

/** Words of the trade and of this test that are the same in Chinese; what servers and devices write is theirs. */
const SAME_IN_CHINESE =
  /^(Rovercast|RTKLIB|ISO|CHN|DEU|MSM|CSV|NTRIP|RTCM|TLS|HDOP|GGA|GPS|GLO|GAL|BDS|EN|English|HILL|ECEF|API|Esc|[gcmoa/?]|[A-Za-z]?B(\/s)?|[kMG]B(\/s)?|byte(\/s)?)$/;

/** Latin words in the texts of a page, apart from those that say of themselves that they are no Chinese. */
async function latinWords(page: Page): Promise<string[]> {
  const texts = await page.evaluate<string[]>(`(() => {
    const walker = document.createTreeWalker(document.getElementById('root').parentElement, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      if (element.closest('[lang=en], [role=gridcell], pre, code, style, script, noscript, .mono, td, dd, .u-legend')) continue;
      found.push(walker.currentNode.textContent);
    }
    return found;
  })()`);
  const words = texts.flatMap((text) => text.match(/[A-Za-z][A-Za-z/]*/g) ?? []);
  return [...new Set(words)].filter((word) => !SAME_IN_CHINESE.test(word));
}

/** Shows a screen, in a page that is there already. */
async function show(page: Page, path: string): Promise<Page> {
  await page.goto(`${its().address}/console${path}`);
  await page
    .locator(SCREENS[path] ?? 'h1')
    .first()
    .waitFor();
  return page;
}

describe.each(['en', 'zh'] as const)('in %s', (language) => {
  test(
    'no screen violates a rule of accessibility, in either color scheme',
    { timeout: LOOKS_MS },
    async (context) => {
      needsBrowser(context);
      await startBase(its().caster, 'HILL', 'base-password');
      await startRover(its().caster, 'HILL', { username: 'tractor-1' });
      const page = await its().open({ language });
      for (const path of Object.keys(SCREENS)) {
        expect(await violationsOf(await show(page, path)), path).toEqual([]);
      }
    },
  );

  test(
    'the way in violates no rule of accessibility, in either color scheme',
    { timeout: LOOKS_MS },
    async (context) => {
      needsBrowser(context);
      const page = await its().open({ language, key: null });
      await page.locator('form').waitFor();
      expect(await violationsOf(page)).toEqual([]);
    },
  );
});

test('in Chinese no text of a screen is left in English', { timeout: LOOKS_MS }, async (context) => {
  needsBrowser(context);
  await startBase(its().caster, 'HILL', 'base-password');
  await startRover(its().caster, 'HILL', { username: 'tractor-1' });
  const page = await its().open({ language: 'zh' });
  for (const path of Object.keys(SCREENS)) {
    expect(await latinWords(await show(page, path)), path).toEqual([]);
  }
});
