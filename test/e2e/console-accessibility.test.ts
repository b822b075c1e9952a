// Every screen of the console by axe, in both languages and both color schemes, with something to show and without; and
// that no text of it has stayed untranslated.

import { describe, expect, test } from 'vitest';
import { postAsOwner } from '../support/owner-answers.ts';
import { keepPicture, latinWords, showScreen, violationsOf } from './accessibility.ts';
import { needsBrowser, useConsole } from './console-browser.ts';
import { licensingScreens } from './licensing-data.ts';
import { sellingScreens } from './selling-screens.ts';
import { startBase, startRover } from './streams.ts';

const its = useConsole({
  config: {
    mountpoints: [{ name: 'HILL', sourcePassword: 'base-password', place: '丘' }],
    accounts: [{ username: 'tractor-1', password: 'rover-password' }],
  },
});

/** For all screens, on a machine that has other work too. */
const LOOKS_MS = 240_000;

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
  '/keys': '[role=gridcell]',
  '/keys?new=1': '[role=dialog] form',
  '/keys?show=roles': 'td',
  '/audit': '[role=gridcell]',
  '/settings': '[role=gridcell]',
  '/settings?show=file': 'textarea',
  '/reference?operation=createApiKey': '[role=dialog] pre',
};

let screens: Promise<typeof SCREENS> | undefined;

/** With those whose addresses name what is made for them. */
async function allScreens(): Promise<typeof SCREENS> {
  const { caster } = its();
  screens ??= Promise.all([licensingScreens(caster), sellingScreens(caster)]).then(
    ([licensing, selling]) => ({
      ...SCREENS,
      ...selling,
      ...licensing,
    }),
  );
  return await screens;
}

describe.each(['en', 'zh'] as const)('in %s', (language) => {
  test(
    'no screen violates a rule of accessibility, in either color scheme',
    { timeout: LOOKS_MS },
    async (context) => {
      needsBrowser(context);
      await startBase(its().caster, 'HILL', 'base-password');
      await startRover(its().caster, 'HILL', { username: 'tractor-1' });
      await postAsOwner(its().caster, '/v1/api-keys', { name: '丘', role: 'viewer' });
      const page = await its().open({ language });
      for (const [path, sign] of Object.entries(await allScreens())) {
        expect(await violationsOf(await showScreen(page, path, sign)), path).toEqual([]);
        await keepPicture(page, language, path);
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
  await postAsOwner(its().caster, '/v1/api-keys', { name: '丘', role: 'viewer' });
  const page = await its().open({ language: 'zh' });
  for (const [path, sign] of Object.entries(await allScreens())) {
    expect(await latinWords(await showScreen(page, path, sign)), path).toEqual([]);
  }
});
