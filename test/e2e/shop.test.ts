// The shop on a phone: a driver with a real car signs up, claims it, buys, and sees it come on. Every page on the way is
// judged: accessibility in both color schemes, no text left in English, nothing smaller than a thumb, nothing beside the
// screen. Then what happens when a car is sold, without a connection, and on the home screen.

import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { useTempFolder } from '../support/temp-folder.ts';
import { expectEventually } from '../support/use-caster.ts';
import { latinWords, violationsOf } from './accessibility.ts';
import { needsBrowser, useShop, type PageOptions } from './console-browser.ts';
import { sellFor, startCar } from './shop-car.ts';

const XSS = '<img src=x onerror=alert(1)>';
const PHONE = { size: { width: 390, height: 844 } };
const PASSWORD = 'correct horse battery';
/** For a car, its enrolment, and a look at every page. */
const JOURNEY_MS = 90_000;

const its = useShop({
  env: { ROVERCAST_MQTTS_PORT: '0', ROVERCAST_MQTTS_TOKEN_PORT: '0' },
  config: {
    // Each driver comes from an address of his own: of one address few sign up within a minute.
    gates: { trustedProxies: ['127.0.0.1'], forwardedFor: true },
    listen: { publicHost: '127.0.0.1' },
    licensing: { payments: { test: true } },
  },
});
const folder = useTempFolder();

const WORDS = {
  en: {
    product: `${XSS} Heated seats`,
    ...{ signUp: 'No account yet? Create one', email: 'E-mail address', password: 'Password', name: 'Name' },
    ...{ goUp: 'Create the account', garage: 'My vehicles', add: 'Add a vehicle', code: 'Code in the car' },
    ...{
      claim: 'Add this vehicle',
      wrong: 'No vehicle shows this code now',
      order: 'Order, and go on to pay',
    },
    ...{ fits: 'Your vehicle has version 1.4.2: it works at once.', toPay: 'This order waits to be paid.' },
    ...{ pay: 'Pay €99.00', fail: 'Let it be declined', declined: 'The payment was declined', yes: 'Pay' },
    ...{ on: 'It is on in your vehicle.', receipt: 'Receipt', toVehicle: 'To the vehicle', back: 'Order' },
    ...{ uses: (left: number) => `${left} of 3 uses left`, left: /^29d 23h left$/, orders: 'My orders' },
    ...{
      waysOrders: 'Orders',
      waysAccount: 'Account',
      account: 'Account',
      out: 'Sign out',
      signIn: 'Sign in',
    },
  },
  zh: {
    product: '座椅加热',
    ...{ signUp: '还没有账户？立即注册', email: '邮箱', password: '密码', name: '称呼' },
    ...{ goUp: '注册', garage: '我的车辆', add: '添加车辆', code: '车上显示的代码' },
    ...{ claim: '添加这辆车', wrong: '当前没有车辆显示此代码', order: '下单并支付' },
    ...{ fits: '车辆软件版本为 1.4.2，购买后立即可用。', toPay: '订单等待支付。' },
    ...{ pay: '支付 €99.00', fail: '模拟拒付', declined: '支付被拒绝', yes: '支付' },
    ...{ on: '功能已在您的车辆上激活。', receipt: '收据', toVehicle: '查看车辆', back: '订单号' },
    ...{ uses: (left: number) => `剩余 ${left} 次，共 3 次`, left: /^剩余 29天 23小时$/, orders: '我的订单' },
    ...{ waysOrders: '订单', waysAccount: '账户', account: '账户', out: '退出登录', signIn: '登录' },
  },
} as const;

/** What a thumb meets and cannot, or lies beside the screen; links within a sentence aside, of which there are none. */
const TOO_SMALL = `[...document.querySelectorAll('a, button, input, select, summary')]
  .filter((one) => !one.matches('.skip-link') && one.checkVisibility() && one.getBoundingClientRect().height < 43.9)
  .map((one) => one.outerHTML.slice(0, 160))
  .concat(document.documentElement.scrollWidth > innerWidth ? ['wider than the screen'] : [])`;

/** Of the trade and of this test; what people wrote is theirs. */
const SAME_IN_CHINESE = /^(Rovercast|English|LSVSHOP|GMT|UTC|SEATS)$/;

async function judge(page: Page, language: 'en' | 'zh'): Promise<void> {
  expect(await page.evaluate(TOO_SMALL)).toEqual([]);
  if (language === 'zh') expect(await latinWords(page, SAME_IN_CHINESE)).toEqual([]);
  // Colors are the same in every language.
  expect(await violationsOf(page, language === 'en' ? ['light', 'dark'] : ['dark'])).toEqual([]);
}

interface Driver {
  readonly email: string;
  readonly token: string;
}

let drivers = 0;
const newEmail = (): string => `driver-${Date.now()}-${(drivers += 1)}@example.com`;

/** By the API, from the address of a driver. */
async function ask<Answer>(path: string, body: object, token?: string): Promise<Answer> {
  const answer = await fetch(`${its().address}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-forwarded-for': `198.51.100.${drivers % 250}`,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  return (await answer.json()) as Answer;
}

async function newDriver(): Promise<Driver> {
  const email = newEmail();
  await ask('/v1/drivers', { email, password: PASSWORD, name: XSS });
  const { token } = await ask<{ token: string }>('/v1/drivers/login', { email, password: PASSWORD });
  return { email, token };
}

const open = (options: PageOptions): Promise<Page> => its().open({ ...PHONE, ...options });

test.for(['en', 'zh'] as const)(
  'in %s a driver signs up, claims a car by its code, buys, and sees the function come on, what is left, and the receipt',
  { timeout: JOURNEY_MS },
  async (language, context) => {
    needsBrowser(context);
    const text = WORDS[language];
    const { caster } = its();
    const car = await startCar(caster, folder, 'SEATS@1.4.2');
    await sellFor(caster, car.vin, { [language]: text.product });
    const page = await open({ language, refusals: [403] });
    const button = (name: string) => page.getByRole('button', { name, exact: true });
    const heading = (name: string) => page.getByRole('heading', { name, exact: true, level: 1 });

    await judge(page, language);
    await button(text.signUp).click();
    await page.getByLabel(text.email).fill(newEmail());
    await page.getByLabel(text.password, { exact: true }).fill(PASSWORD);
    await page.getByLabel(text.name).fill(XSS);
    await judge(page, language);
    await button(text.goUp).click();
    await heading(text.garage).waitFor();
    await page.getByRole('link', { name: text.add }).waitFor();
    await judge(page, language);

    await page.getByRole('link', { name: text.add }).click();
    await page.getByLabel(text.code).fill('zzzz-9999');
    await button(text.claim).click();
    await page.getByText(text.wrong).waitFor();
    await judge(page, language);
    await page.getByLabel(text.code).fill((await car.code()).toLowerCase());
    await button(text.claim).click();
    await heading(car.vin).waitFor();
    await page.getByRole('link', { name: text.product }).waitFor();
    await judge(page, language);

    await page.getByRole('link', { name: text.product }).click();
    await page.getByText(text.fits).waitFor();
    await judge(page, language);
    await button(text.order).click();
    await page.getByText(text.toPay).waitFor();
    await judge(page, language);

    await button(text.pay).click();
    await page.getByRole('dialog').getByRole('button', { name: text.fail }).waitFor();
    await judge(page, language);
    await page.getByRole('dialog').getByRole('button', { name: text.fail }).click();
    await page.getByText(text.declined).waitFor();
    await button(text.pay).click();
    await page.getByRole('dialog').getByRole('button', { name: text.yes, exact: true }).click();
    await page.getByText(text.on).waitFor();
    await car.process.waitFor(({ event }) => event === 'activated');
    await judge(page, language);

    await page.getByRole('link', { name: text.receipt }).click();
    await page.getByText('€99.00').waitFor();
    await judge(page, language);
    await page.getByRole('link', { name: text.back, exact: true }).click();
    await page.getByRole('link', { name: text.toVehicle }).click();
    await page.getByText(text.uses(3)).waitFor();
    await page.getByText(text.left).waitFor();
    if (language === 'en') {
      await car.process.command('use SEATS');
      await page.getByText(text.uses(2)).waitFor();
    }
    await judge(page, language);

    await page.getByRole('navigation').getByRole('link', { name: text.waysOrders }).click();
    await heading(text.orders).waitFor();
    await page.getByRole('link', { name: text.product }).waitFor();
    await judge(page, language);
    await page.getByRole('navigation').getByRole('link', { name: text.waysAccount }).click();
    await page.getByText(XSS).waitFor();
    await judge(page, language);
    await button(text.out).click();
    await heading(text.signIn).waitFor();
    expect(await page.evaluate(`localStorage.getItem('rovercast.driver')`)).toBeNull();
  },
);

test('a car that is sold is handed over to the driver who claims it, and gone from the one before', async (context) => {
  needsBrowser(context);
  const car = await startCar(its().caster, folder, 'SEATS@1.4.2');
  const [seller, buyer] = [await newDriver(), await newDriver()];
  for (const { token } of [seller, buyer])
    await ask('/v1/drivers/me/vehicles', { code: await car.code() }, token);
  const bought = await open({ key: buyer.token });
  await bought.getByText('Waits for whoever has it').waitFor();
  const sold = await open({ key: seller.token });
  await sold.getByRole('link', { name: '1 claim of somebody else waits' }).click();
  await judge(sold, 'en');
  await sold.getByRole('button', { name: 'Hand it over' }).click();
  await sold.getByRole('dialog').getByRole('button', { name: 'Hand it over' }).click();
  await sold.getByText('You have no vehicle here yet').waitFor();
  await bought.reload();
  await bought.getByRole('link', { name: car.vin }).click();
  await bought.getByRole('button', { name: 'Let this vehicle go' }).click();
  await bought.getByLabel(`Type ${car.vin} to go on`).fill(car.vin);
  await bought.getByRole('dialog').getByRole('button', { name: 'Let this vehicle go' }).click();
  await bought.getByText('You have no vehicle here yet').waitFor();
});

test('without a connection the shop opens, says so plainly, and has kept no answer of the API', async (context) => {
  needsBrowser(context);
  const { token } = await newDriver();
  const page = await open({ key: token, noted: ['net::ERR_INTERNET_DISCONNECTED'] });
  await page.getByText('You have no vehicle here yet').waitFor();
  const kept = (): Promise<string[]> =>
    page.evaluate(`navigator.serviceWorker.ready.then(() => caches.open('rovercast.shop.shell'))
      .then((cache) => cache.keys()).then((keys) => keys.map(({ url }) => new URL(url).pathname))`);
  await expectEventually(async () => (await kept()).includes('/shop/'), true);
  await page.reload();
  await page.getByText('You have no vehicle here yet').waitFor();
  const files = await kept();
  expect(files.filter((file) => !/^\/shop\/($|assets\/|icon-|manifest)/.test(file))).toEqual([]);
  expect(files.some((file) => file.endsWith('.js')) && files.some((file) => file.endsWith('.css'))).toBe(
    true,
  );
  await page.context().setOffline(true);
  await page.reload();
  await page.getByRole('heading', { name: 'You are offline' }).waitFor();
  await judge(page, 'en');
  await page.context().setOffline(false);
  await page.getByText('You have no vehicle here yet').waitFor();
});

test('a browser finds nothing wrong with its manifest, whose pictures are as large as they say', async (context) => {
  needsBrowser(context);
  const page = await open({});
  const session = await page.context().newCDPSession(page);
  const { errors, data } = (await session.send('Page.getAppManifest')) as {
    errors: unknown[];
    data?: string;
  };
  expect(errors).toEqual([]);
  const { icons } = JSON.parse(data!) as { icons: { src: string; sizes: string; purpose: string }[] };
  for (const { src, sizes } of icons) {
    const png = Buffer.from(await (await fetch(`${its().address}${src}`)).arrayBuffer());
    expect(`${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`).toBe(sizes);
  }
  expect(icons.map(({ purpose }) => purpose)).toContain('maskable');
});

test('who signs out in one tab is signed out in the others', async (context) => {
  needsBrowser(context);
  const { email } = await newDriver();
  const page = await open({});
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByText('You have no vehicle here yet').waitFor();
  const other = await page.context().newPage();
  await other.goto(`${its().address}/shop/account`);
  await other.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
});
