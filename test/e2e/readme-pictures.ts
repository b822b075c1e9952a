// Takes the pictures of the README: `rovercast demo` in a process of its own, its console in Chromium, each picture small
// enough for a page (WebP). Run by scripts/pictures.mjs; no test.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { chromium, type Browser, type Page } from 'playwright-core';
import { findCommand } from '../../scripts/setup/debian.mjs';

const ROOT = path.resolve(import.meta.dirname, '../..');
const IMAGES = path.join(ROOT, 'docs/images');
const BYTES_MAX = 150_000;
const QUALITY = 82;
const ROVERS = 60;
/** So that the chart of the last minutes has something to show. */
const RUNS_BEFORE_MS = 60_000;

interface Picture {
  readonly name: string;
  readonly path: string;
  readonly language: 'en' | 'zh';
  readonly scheme: 'light' | 'dark';
  /** What stands there when it can be taken. */
  readonly shows: string;
}

const PICTURES: readonly Picture[] = [
  { ...{ name: 'overview', path: '/', language: 'en', scheme: 'light' }, shows: '.u-over' },
  { ...{ name: 'map', path: '/map', language: 'en', scheme: 'light' }, shows: 'canvas[data-clusters]' },
  {
    ...{ name: 'connections', path: '/connections', language: 'zh', scheme: 'dark' },
    shows: '[role=gridcell]',
  },
  { ...{ name: 'roles', path: '/keys?show=roles', language: 'zh', scheme: 'dark' }, shows: 'td' },
];

interface Demo {
  readonly address: string;
  readonly key: string;
  readonly stop: () => Promise<void>;
}

async function startDemo(): Promise<Demo> {
  const words = ['demo', '--rovers', String(ROVERS), '--ntrip-port', '0', '--http-port', '0'];
  const child = spawn(process.execPath, [path.join(ROOT, 'cli/rovercast.ts'), ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const key = new Promise<string>((resolve) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      const [found] = /csk_live_demo_[\w-]+/.exec(line) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { http } = JSON.parse(line) as { http: number };
  return {
    ...{ address: `http://127.0.0.1:${http}`, key: await key },
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function take(browser: Browser, demo: Demo, picture: Picture): Promise<void> {
  const { name, language, scheme } = picture;
  const context = await browser.newContext({
    ...{ locale: language === 'zh' ? 'zh-CN' : 'en-GB', colorScheme: scheme, timezoneId: 'UTC' },
    ...{ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' },
  });
  const page = await context.newPage();
  await page.addInitScript(`sessionStorage.setItem('rovercast.key', ${JSON.stringify(demo.key)})`);
  await page.goto(`${demo.address}/console${picture.path}`);
  await page.locator(picture.shows).first().waitFor();
  // The first figures come with the second beat.
  await page.waitForTimeout(6000);
  const bytes = await webp(page);
  if (bytes.length > BYTES_MAX) throw new Error(`${name} has ${bytes.length} bytes, more than ${BYTES_MAX}`);
  writeFileSync(path.join(IMAGES, `${name}.webp`), bytes);
  console.error(`${name}.webp: ${bytes.length} bytes`);
  await context.close();
}

/** Which the library's own screenshots cannot be. */
async function webp(page: Page): Promise<Buffer> {
  const devtools = await page.context().newCDPSession(page);
  const { data } = await devtools.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY });
  return Buffer.from(data, 'base64');
}

const executablePath = findCommand('chromium') as string | undefined;
if (executablePath === undefined) throw new Error('Chromium is not installed: apt-get install chromium');
mkdirSync(IMAGES, { recursive: true });
const demo = await startDemo();
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  await new Promise((resolve) => setTimeout(resolve, RUNS_BEFORE_MS));
  for (const picture of PICTURES) await take(browser, demo, picture);
} finally {
  await browser.close();
  await demo.stop();
}
