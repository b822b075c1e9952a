// A fleet sold, connected, metered and invoiced, as an operator sees it in the console.

import { expect, test } from 'vitest';
import { getRequest } from '../support/ntrip-requests.ts';
import { postAsOwner } from '../support/owner-answers.ts';
import { connectPeer } from '../support/wire-peer.ts';
import { keepPicture, latinWords, showScreen, violationsOf } from './accessibility.ts';
import { needsBrowser, useConsole } from './console-browser.ts';
import { startBase } from './streams.ts';

const XSS = '<img src=x onerror=alert(1)>';
/** The embedded engine starts, and a window has to end before anything is charged. */
const JOURNEY_MS = 90_000;

const its = useConsole({
  config: {
    metering: { windowMs: 1000 },
    mountpoints: [{ name: 'HILL', sourcePassword: 'base-password' }],
  },
  env: { ROVERCAST_CLICKHOUSE_URL: 'chdb:' },
});

test('a fleet is sold, connected, metered and invoiced', { timeout: JOURNEY_MS }, async (context) => {
  needsBrowser(context);
  const { caster, open } = its();
  await startBase(caster, 'HILL', 'base-password');

  const page = await open({ path: '/customers' });
  await page.getByRole('button', { name: 'New customer' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill(XSS);
  await page.getByRole('button', { name: 'Create' }).click();
  const customer = page.getByRole('dialog', { name: XSS });
  await customer.getByRole('button', { name: 'Top up' }).click();
  const entry = page.getByRole('dialog', { name: `Top up the balance: ${XSS}` });
  await entry.getByRole('textbox', { name: 'Amount' }).fill('50');
  await entry.getByRole('textbox', { name: 'Reference' }).fill(XSS);
  await entry.getByRole('button', { name: 'Enter' }).click();
  await customer.locator('[data-figure="Balance, EUR"]', { hasText: '€50.00' }).waitFor();
  const customerId = new URL(page.url()).searchParams.get('customer')!;

  await page.goto(`${its().address}/console/plans?new=1`);
  const plan = page.getByRole('dialog', { name: 'New billing plan' });
  await plan.getByRole('textbox', { name: 'Name' }).fill(XSS);
  await plan.getByRole('textbox', { name: 'Price', exact: true }).fill('36');
  // Ten rovers, eight hours a day, thirty days.
  await plan.getByLabel('Month', { exact: true }).fill('2026-11');
  await plan.getByText('€86,400.00').waitFor();
  await plan.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('dialog', { name: XSS }).getByText('€36.00 per hour').waitFor();
  const billingPlanId = new URL(page.url()).searchParams.get('plan')!;

  await page.goto(`${its().address}/console/specs?new=1`);
  const spec = page.getByRole('dialog', { name: 'New service spec' });
  await spec.getByRole('textbox', { name: 'Name' }).fill(XSS);
  await spec.getByRole('textbox', { name: 'Seconds between epochs' }).fill('2');
  await spec.getByRole('row', { name: /^1074 .*written anew/ }).waitFor();
  await spec.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('dialog', { name: XSS }).getByText('every 2s').waitFor();
  const serviceSpecId = new URL(page.url()).searchParams.get('spec')!;

  const app = await postAsOwner<{ id: string }>(caster, '/v1/apps', {
    ...{ name: XSS, customerId, billingPlanId, serviceSpecId },
  });
  const pool = `/v1/apps/${app.id}/accounts`;
  const { data } = await postAsOwner<{ data: { username: string; password: string }[] }>(caster, pool, {
    count: 1,
  });
  const rover = await connectPeer(caster.ready.ntrip);
  rover.send(getRequest(1, 'HILL', { login: data[0]! }));
  expect(await rover.readHead()).toContain('ICY 200 OK');

  await page.goto(`${its().address}/console/usage?customer=${customerId}`);
  await expect
    .poll(
      async () => {
        await page.reload();
        await page
          .getByText(/to .*, UTC/)
          .first()
          .waitFor();
        return await page.getByRole('gridcell', { name: XSS }).count();
      },
      { timeout: 40_000, interval: 1500 },
    )
    .toBe(1);
  await page.getByRole('gridcell', { name: XSS }).click();
  await page.getByRole('gridcell', { name: data[0]!.username }).first().click();
  await page.getByRole('grid', { name: 'Windows behind the sums' }).getByText('interval=2').first().waitFor();

  await page.goto(`${its().address}/console/usage?tab=charges&customer=${customerId}`);
  await page.getByRole('gridcell', { name: /^€0\./ }).first().click();
  await page.getByText(/^The price of .* less the price of/).waitFor();

  await page.goto(`${its().address}/console/usage?tab=statements&customer=${customerId}`);
  await page.getByRole('table', { name: 'Lines of the statement' }).getByText(XSS).first().waitFor();
  rover.hangUp();
});

/** With what the journey has left there. */
const SOLD: Readonly<Record<string, string>> = {
  '/usage': '[role=gridcell]',
  '/usage?tab=charges': '[role=gridcell]',
  '/usage?tab=statements': '[role=tabpanel] >> visible=true',
  '/customers': '[role=gridcell]',
};

test.for(['en', 'zh'] as const)(
  'usage, charges, statements and customers violate no rule of accessibility, in %s',
  { timeout: JOURNEY_MS },
  async (language, context) => {
    needsBrowser(context);
    const page = await its().open({ language });
    for (const [path, sign] of Object.entries(SOLD)) {
      expect(await violationsOf(await showScreen(page, path, sign)), path).toEqual([]);
      await keepPicture(page, language, path);
    }
  },
);

test('in Chinese no text of usage, charges, statements and customers is left in English', async (context) => {
  needsBrowser(context);
  const page = await its().open({ language: 'zh' });
  for (const [path, sign] of Object.entries(SOLD)) {
    const words = await latinWords(await showScreen(page, path, sign));
    // Names are whatever people give.
    expect(
      words.filter((word) => !XSS.includes(word)),
      path,
    ).toEqual([]);
  }
});

test('who may not sell sees neither prices to change nor customers', async (context) => {
  needsBrowser(context);
  const { caster, open } = its();
  const { id: customerId } = await postAsOwner<{ id: string }>(caster, '/v1/customers', { name: 'North' });
  const { key } = await postAsOwner<{ key: string }>(caster, '/v1/api-keys', {
    ...{ name: 'An agent', role: 'agent', customerId },
  });
  const page = await open({ key, path: '/plans' });
  await page.getByText('There is no billing plan yet').waitFor();
  expect(await page.getByRole('button', { name: 'New billing plan' }).count()).toBe(0);
  expect(await page.getByRole('link', { name: 'Customers' }).count()).toBe(0);
});
