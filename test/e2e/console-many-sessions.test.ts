// The connections of a large network: 18,000 sessions, as the API would tell of them page by page. They are made up in the
// browser's place of the server, as it is the table and the map that are tried here.

import type { Route } from 'playwright-core';
import { expect, test } from 'vitest';
import { expectEventually } from '../support/use-caster.ts';
import { needsBrowser, useConsole } from './console-browser.ts';
import { longestTaskOf } from './long-tasks.ts';

const SESSIONS = 18_000;
const PAGE_ROWS = 100;
/** Of a task of the browser's main thread; 180 to 220 ms were seen on two cores beside fifteen busy processes. */
const TASK_MAX_MS = 600;

const its = useConsole();

function session(index: number): object {
  return {
    ...{ id: `ses_${index}`, customerId: null, role: 'rover', mountpoint: `M${index % 50}` },
    ...{ account: `tractor-${index}`, accountId: null, appId: null, device: null, address: '192.0.2.1' },
    ...{ userAgent: 'NTRIP made-up', ntripVersion: 2, tls: false, startedAt: '2026-11-30T12:00:00.000Z' },
    ...{ servedMountpoint: null, bytes: index * 1000, epochs: index, frames: index, epochsDropped: 0 },
    ...{ unacknowledgedBytes: 0, fix: fixOf(index), health: null },
  };
}

/** All over the world, half of them in one valley. */
function fixOf(index: number): object {
  const turn = (index * 0.618_034) % 1;
  const isNear = index % 2 === 0;
  return {
    latitudeDeg: isNear ? 47 + turn / 10 : turn * 130 - 60,
    longitudeDeg: isNear ? 8 + ((index * 0.754_878) % 1) / 10 : ((index * 0.754_878) % 1) * 340 - 170,
    ...{ heightM: 400, quality: index % 3 === 0 ? 5 : 4, satellites: 20, hdop: 0.7, correctionAgeS: 1 },
    at: '2026-11-30T12:00:00.000Z',
  };
}

async function answerPage(route: Route): Promise<void> {
  const from = Number(new URL(route.request().url()).searchParams.get('cursor') ?? 0);
  const next = from + PAGE_ROWS;
  const data = Array.from({ length: PAGE_ROWS }, (_unused, index) => session(from + index));
  const nextCursor = next < SESSIONS ? String(next) : null;
  await route.fulfill({ json: { object: 'list', data, hasMore: nextCursor !== null, nextCursor } });
}

test('18,000 sessions are found, sorted and scrolled, with only the rows in sight in the page', async (context) => {
  needsBrowser(context);
  const page = await its().open({ key: null });
  await page.route('**/v1/sessions?**', answerPage);
  await page.getByLabel('Key', { exact: true }).fill('csk_live_testkey_0123456789abcdef');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Connections' }).click();
  await page.getByText('18,000 of 18,000 sessions').waitFor({ timeout: 30_000 });
  const longestMs = await longestTaskOf(page);
  const grid = page.getByRole('grid');
  await grid.hover();
  for (let turn = 0; turn < 40; turn += 1) await page.mouse.wheel(0, 4000);
  await expectEventually(() => grid.evaluate(({ scrollTop }) => scrollTop > 100_000), true);
  await grid.focus();
  await page.keyboard.press('End');
  await page.getByRole('row', { name: /tractor-17999/ }).waitFor();
  expect(await page.getByRole('row').count()).toBeLessThan(80);
  await page.getByRole('button', { name: 'Bytes' }).click();
  await page.getByRole('button', { name: 'Bytes' }).click();
  await page
    .getByRole('columnheader', { name: 'Bytes' })
    .and(page.locator('[aria-sort="descending"]'))
    .waitFor();
  expect(await longestMs()).toBeLessThan(TASK_MAX_MS);
  await page.keyboard.press('/');
  await page.keyboard.type('tractor-1234');
  await page.getByText('11 of 18,000 sessions').waitFor();
});

test('18,000 rovers are on the map, which moves under the hand and is the same as a table', async (context) => {
  needsBrowser(context);
  const page = await its().open({ key: null });
  await page.route('**/v1/sessions?**', answerPage);
  await page.getByLabel('Key', { exact: true }).fill('csk_live_testkey_0123456789abcdef');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Map' }).click();
  await page.getByText('18,000 of 18,000 sessions with a place').waitFor({ timeout: 30_000 });
  const map = page.getByRole('application', { name: /^Map of bases and rovers/ });
  const longestMs = await longestTaskOf(page);
  const box = (await map.boundingBox())!;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  for (let turn = 0; turn < 10; turn += 1) await page.mouse.wheel(0, -200);
  await page.mouse.down();
  for (let turn = 0; turn < 30; turn += 1) await page.mouse.move(x + turn * 6, y - turn * 2);
  await page.mouse.up();
  await page.waitForURL(/at=/);
  await map.focus();
  await page.keyboard.press('0');
  await page.waitForURL((url) => !url.search.includes('at='));
  await page.keyboard.press('n');
  await page
    .getByRole('status')
    .filter({ hasText: /rover|tractor/ })
    .first()
    .waitFor();
  expect(await longestMs()).toBeLessThan(TASK_MAX_MS);
  await page.getByText('Table', { exact: true }).click();
  await page.getByRole('row', { name: /tractor-0 / }).waitFor();
  expect(await page.getByRole('row').count()).toBeLessThan(80);
});
