// The console and the shop of a real caster in a real browser: Debian's Chromium by playwright-core. Every page is watched: a request
// to another origin, an error on its console, or a dialog that nobody asked for is a fault, and the test that caused it
// fails.

import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, type TestContext } from 'vitest';
import { ensureBundles } from '../../scripts/setup/bundles.mjs';
import { findCommand } from '../../scripts/setup/debian.mjs';
import {
  OWNER_KEY,
  startCasterProcess,
  type CasterProcess,
  type CasterProcessOptions,
} from '../support/caster-process.ts';

const EXECUTABLE = findCommand('chromium') as string | undefined;
/**
 * Plain HTTP from here is what a console in the field is reached by, and no secure context as 127.0.0.1 is (W3C Secure
 * Contexts §3.1): browsers leave out what needs one.
 */
export const OTHER_HOST = 'caster.test';
const ARGUMENTS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update'],
  `--host-resolver-rules=MAP ${OTHER_HOST} 127.0.0.1`,
];
const PATIENCE_MS = 15_000;

export interface PageOptions {
  /** With its query string, below /console or /shop. */
  readonly path?: string;
  readonly language?: 'en' | 'zh';
  readonly scheme?: 'light' | 'dark';
  /** Signed in by this key; null: nobody is. Where nothing is said: in the console the owner, in the shop nobody. */
  readonly key?: string | null;
  readonly size?: { readonly width: number; readonly height: number };
  /** Statuses that the test answers with itself; the browser notes every one of them. */
  readonly refusals?: readonly number[];
  /** What else the browser notes of what the test does itself. */
  readonly noted?: readonly string[];
}

/** What is opened, and where it keeps the key of who is signed in. */
type Bundle = 'console' | 'shop';
const KEPT: Readonly<Record<Bundle, string>> = {
  console: `sessionStorage.setItem('rovercast.key', `,
  shop: `localStorage.setItem('rovercast.driver', `,
};

export interface ConsoleUnderTest {
  readonly caster: CasterProcess;
  readonly address: string;
  readonly open: (options?: PageOptions) => Promise<Page>;
}

/** Whether there is anything to try it with; ends the test where there is not. */
export function needsBrowser(context: TestContext): void {
  context.skip(
    EXECUTABLE === undefined || !existsSync(EXECUTABLE),
    'Chromium is not installed: apt-get install chromium',
  );
}

/** One caster and one browser for all tests of a file; a page lasts as long as its test. */
export function useConsole(options: CasterProcessOptions = {}, host = '127.0.0.1'): () => ConsoleUnderTest {
  return usePages('console', options, host);
}

/** As `useConsole`, for the shop. */
export function useShop(options: CasterProcessOptions): () => ConsoleUnderTest {
  return usePages('shop', options, '127.0.0.1');
}

function usePages(bundle: Bundle, options: CasterProcessOptions, host: string): () => ConsoleUnderTest {
  let caster: CasterProcess | undefined;
  let browser: Browser | undefined;
  const faults: string[] = [];

  beforeAll(async () => {
    if (EXECUTABLE === undefined) return;
    if (!(await ensureBundles([bundle]))) throw new Error(`the ${bundle} was not built`);
    [caster, browser] = await Promise.all([
      startCasterProcess(options),
      chromium.launch({ executablePath: EXECUTABLE, args: ARGUMENTS }),
    ]);
  });
  afterEach(async () => {
    for (const context of browser?.contexts() ?? []) await context.close();
    expect(faults.splice(0)).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await caster?.stop();
  });

  return () => {
    if (caster === undefined || browser === undefined) throw new Error(`the ${bundle} has not been started`);
    const address = `http://${host}:${caster.ready.http}`;
    const started = { caster, browser };
    return {
      caster,
      address,
      open: (wanted = {}) =>
        openPage(started.browser, { bundle, address }, wanted, (fault) => faults.push(fault)),
    };
  };
}

async function openPage(
  browser: Browser,
  { bundle, address }: { readonly bundle: Bundle; readonly address: string },
  { path = '/', language = 'en', scheme = 'light', size, refusals = [], noted = [], ...options }: PageOptions,
  tell: (fault: string) => void,
): Promise<Page> {
  const { key = bundle === 'console' ? OWNER_KEY : null } = options;
  const context = await browser.newContext({
    ...{ locale: language === 'zh' ? 'zh-CN' : 'en-GB', colorScheme: scheme, timezoneId: 'UTC' },
    viewport: size ?? { width: 1360, height: 900 },
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  page.on('request', (request) => {
    if (!request.url().startsWith(`${address}/`)) tell(`a request to ${request.url()}`);
  });
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    // A wrong key is refused as it should be, and the browser notes every such answer.
    if (key === null && message.text().includes('status of 401')) return;
    if (refusals.some((status) => message.text().includes(`status of ${status}`))) return;
    if (noted.some((words) => message.text().includes(words))) return;
    // That header is for those who come by TLS, directly or by a proxy; to others the browser says that it is of no use.
    if (message.text().startsWith('The Cross-Origin-Opener-Policy header has been ignored')) return;
    tell(`on its console: ${message.text()}`);
  });
  page.on('pageerror', (error) => tell(`not caught: ${error.message}`));
  page.on('dialog', (dialog) => {
    tell(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  if (key !== null) await page.addInitScript(`${KEPT[bundle]}${JSON.stringify(key)})`);
  await page.goto(`${address}/${bundle}${path}`);
  return page;
}
