// The console in a browser, as an operator uses it: signing in, watching, ending a connection, making a mountpoint.

import { expect, test } from 'vitest';
import { getAsOwner, postAsOwner } from '../support/owner-answers.ts';
import { getRequest } from '../support/ntrip-requests.ts';
import { expectEventually, sessionsOf } from '../support/use-caster.ts';
import { connectPeer } from '../support/wire-peer.ts';
import { needsBrowser, OTHER_HOST, useConsole } from './console-browser.ts';
import { startBase, startRover } from './streams.ts';

const XSS = '<img src=x onerror=alert(1)>';

const config = {
  mountpoints: [
    { name: 'HILL', sourcePassword: 'base-password', place: XSS },
    { name: 'LAKE', sourcePassword: 'base-password', access: 'open' },
  ],
  accounts: [
    { username: 'tractor-1', password: 'rover-password' },
    { username: '"><svg>', password: 'rover-password' },
  ],
};

const its = useConsole({ config }, OTHER_HOST);

/** A key of a role, of whichever customer. */
async function keyOf(role: string, customerId?: string): Promise<string> {
  const made = await postAsOwner<{ key: string }>(its().caster, '/v1/api-keys', {
    name: XSS,
    role,
    customerId,
  });
  return made.key;
}

test('who signs in with a wrong key is told so', async (context) => {
  needsBrowser(context);
  const page = await its().open({ key: null, path: '/connections' });
  await page.getByLabel('Key', { exact: true }).fill('csk_live_wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('This key is not valid here.').waitFor();
});

test('a key works for its tab alone, and nothing of it is kept after signing out', async (context) => {
  needsBrowser(context);
  const page = await its().open({ key: null });
  await page.getByLabel('Key', { exact: true }).fill('csk_live_testkey_0123456789abcdef');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  expect(await page.evaluate('JSON.stringify(localStorage) + document.cookie')).not.toContain('testkey');
  await page.getByRole('button', { name: 'Owner' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByLabel('Key', { exact: true }).waitFor();
  expect(await page.evaluate('JSON.stringify(sessionStorage)')).not.toContain('testkey');
});

test('the overview shows a base and a rover as they come, with what flows and how the rover does', async (context) => {
  needsBrowser(context);
  const { caster, open } = its();
  const page = await open();
  await page.getByText('From here to the first rover').waitFor();
  await startBase(caster, 'HILL', 'base-password');
  await startRover(caster, 'HILL', { username: 'tractor-1', quality: 4 });
  const figure = (name: string) => page.locator(`[data-figure="${name}"]`);
  await expectEventually(() => figure('Rovers').textContent(), '1');
  await expectEventually(() => figure('Bases').textContent(), '1');
  await page.getByText('1 · 100%').waitFor();
  await page.getByText('session_opened').first().waitFor();
  await expectEventually(
    async () => /^[1-9][\d.,]* (k?B|byte)/.test((await figure('To rovers').textContent())!),
    true,
  );
});

test('a connection is found, looked into, and ended with a reason that the audit log keeps', async (context) => {
  needsBrowser(context);
  const { caster, open } = its();
  await startBase(caster, 'HILL', 'base-password');
  const rover = await startRover(caster, 'HILL', { username: 'tractor-1', quality: 5 });
  const page = await open({ path: '/connections?role=rover' });
  await page.getByRole('row', { name: /tractor-1/ }).waitFor();
  expect(await page.getByRole('row').count()).toBe(2);
  await page.keyboard.press('/');
  await page.keyboard.type('no such one');
  await page.getByText('No session fits these filters').waitFor();
  expect(new URL(page.url()).search).toContain('find=no+such+one');
  await page.getByRole('button', { name: 'Clear filters' }).last().click();

  await page.getByRole('row', { name: /tractor-1/ }).click();
  const drawer = page.getByRole('dialog');
  await drawer.getByText('47.06°, 8.3°').waitFor();
  await drawer.getByText('float').waitFor();
  await drawer.getByRole('button', { name: 'End this session' }).click();
  const question = page.getByRole('dialog', { name: 'End this session?' });
  await question.getByLabel('Reason').fill('moved to another field');
  expect(await question.getByRole('button', { name: 'End session' }).isDisabled()).toBe(true);
  await question.getByLabel('Type tractor-1 to go on').fill('tractor-1');
  await question.getByRole('button', { name: 'End session' }).click();
  await rover.closed;
  await drawer.getByText('This session has ended.').waitFor();
  const audit = await getAsOwner<{ data: { after: unknown }[] }>(caster, '/v1/audit?action=closeSession');
  expect(audit.data[0]?.after).toEqual({ reason: 'moved to another field' });
});

test('what strangers write is shown as text', async (context) => {
  needsBrowser(context);
  const { caster, open } = its();
  await startBase(caster, 'HILL', 'base-password');
  await startRover(caster, 'HILL', { username: '"><svg>', userAgent: XSS });
  const page = await open({ path: '/connections' });
  await page.getByRole('gridcell', { name: XSS }).first().waitFor();
  await page.getByRole('row', { name: /svg/ }).click();
  await page.getByRole('dialog').getByText(XSS).first().waitFor();
  const mountpoints = await open({ path: '/mountpoints?mountpoint=cfg_HILL' });
  await mountpoints.getByRole('dialog').getByText(XSS).waitFor();
});

test('a mountpoint is made, and shows what its base sends', async (context) => {
  needsBrowser(context);
  const { caster, open } = its();
  // Another one each time: a try that failed leaves it behind.
  const name = `FIELD${Date.now() % 100_000}`;
  const page = await open({ path: '/mountpoints' });
  await page.getByRole('button', { name: 'New mountpoint' }).click();
  const form = page.getByRole('dialog', { name: 'New mountpoint' });
  await form.getByRole('button', { name: 'Create' }).click();
  await form.getByText('Without it no base can push.').waitFor();
  await form.getByRole('textbox', { name: 'Name' }).fill(name);
  await form.getByRole('textbox', { name: 'Source password' }).fill('another-password');
  await form.getByRole('textbox', { name: 'Place' }).fill('Field');
  await form.getByRole('button', { name: 'Create' }).click();
  const drawer = page.getByRole('dialog', { name: name });
  await drawer.getByText('No base pushes to this node now.').waitFor();
  await startBase(caster, name, 'another-password');
  await drawer.getByRole('row', { name: /^1074 / }).waitFor();
  await drawer.getByRole('row', { name: /^GPS 9 / }).waitFor();
  await drawer.getByRole('button', { name: 'Delete this mountpoint' }).click();
  const question = page.getByRole('dialog', { name: 'Delete this mountpoint?' });
  await question.getByLabel(`Type ${name} to go on`).fill(name);
  await question.getByRole('button', { name: 'Delete' }).click();
  await expectEventually(async () => (await sessionsOf(caster)).length, 0);
});

test('a line to be copied is selected where the browser has no clipboard', async (context) => {
  needsBrowser(context);
  const { caster, open } = its();
  const page = await open({ path: '/mountpoints?mountpoint=cfg_HILL' });
  const drawer = page.getByRole('dialog', { name: 'HILL' });
  await drawer.getByRole('button', { name: /^Copy/ }).first().click();
  await page.getByText('Selected: copy it with Ctrl+C').waitFor();
  const place = `${OTHER_HOST}:${caster.ready.ntrip}/HILL`;
  expect(await page.evaluate('getSelection().toString()')).toContain(place);
});

test('no tab holds a stream while it is not seen, and it goes on where it was when it is again', async (context) => {
  needsBrowser(context);
  const { caster, open } = its();
  await startBase(caster, 'HILL', 'base-password');
  const page = await open();
  const isStream = (request: { url(): string }) => request.url().includes('/v1/events');
  await page.getByText('session_opened').first().waitFor();
  const show = (state: string) =>
    page.evaluate(`Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => '${state}' });
      document.dispatchEvent(new Event('visibilitychange'));`);
  const [ended] = await Promise.all([page.waitForEvent('requestfailed', isStream), show('hidden')]);
  const [begun] = await Promise.all([page.waitForRequest(isStream), show('visible')]);
  expect(ended.headers()['last-event-id']).toBe('0');
  expect(Number(begun.headers()['last-event-id'])).toBeGreaterThan(0);
});

test('a role is shown what it may do and nothing else', async (context) => {
  needsBrowser(context);
  const { caster, open } = its();
  const { id } = await postAsOwner<{ id: string }>(caster, '/v1/customers', { name: 'North Fields' });
  await startBase(caster, 'HILL', 'base-password');
  const viewer = await open({ key: await keyOf('viewer'), path: '/connections' });
  await viewer.getByRole('row', { name: /HILL/ }).click();
  await viewer.getByRole('dialog').getByText('Health of the base').waitFor();
  expect(await viewer.getByRole('button', { name: 'End this session' }).count()).toBe(0);
  const agent = await open({ key: await keyOf('agent', id), path: '/connections' });
  await agent.getByText('Nobody is connected').waitFor();
  expect(await agent.getByRole('link', { name: 'Mountpoints' }).count()).toBe(0);
  const factory = await open({ key: await keyOf('factory') });
  await factory.getByText('This key opens no screen of the console.').waitFor();
});

test('the keyboard opens screens, and tells how', async (context) => {
  needsBrowser(context);
  const page = await its().open();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('m');
  await page.getByRole('heading', { name: 'Mountpoints' }).waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await page.getByRole('row', { name: /HILL/ }).waitFor();
  await page.getByRole('grid').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'HILL' }).waitFor();
});

test('a fleet is made in one form: its secret is shown once, and one of its accounts receives', async (context) => {
  needsBrowser(context);
  const { caster, open } = its();
  await startBase(caster, 'HILL', 'base-password');
  const page = await open({ path: '/apps' });
  await page.getByRole('button', { name: 'New fleet' }).click();
  const form = page.getByRole('dialog', { name: 'A fleet in one form' });
  await form.getByRole('textbox', { name: 'Name of the fleet' }).fill(XSS);
  await form.getByText('A new service spec').click();
  await form.getByRole('textbox', { name: 'Seconds between epochs' }).fill('2');
  await form.getByRole('textbox', { name: 'Accounts to make' }).fill('3');
  await form.getByRole('textbox', { name: 'Their user names begin with' }).fill('harvester-');
  await form.getByRole('button', { name: 'Create the fleet' }).click();
  const done = page.getByRole('dialog', { name: 'The fleet is there' });
  const line = await done.getByText(/^ntrip:/).textContent();
  const [, username = '', password = ''] = /^ntrip:\/\/(harvester-\w+):(\w+)@/.exec(line!) ?? [];
  const rover = await connectPeer(caster.ready.ntrip);
  rover.send(getRequest(1, 'HILL', { login: { username, password } }));
  expect(await rover.readHead()).toContain('ICY 200 OK');
  rover.hangUp();
  await done.getByRole('button', { name: 'I have kept the secret' }).click();
  const drawer = page.getByRole('dialog', { name: XSS });
  await drawer
    .getByRole('row', { name: /harvester-/ })
    .nth(2)
    .waitFor();
  expect(await page.content()).not.toContain(password);
});

test('a pool is renewed and suspended at once, and devices are bound by a file, with what could not be done', async (context) => {
  needsBrowser(context);
  const { caster, open } = its();
  const app = await postAsOwner<{ id: string }>(caster, '/v1/apps', { name: 'harvest' });
  await postAsOwner(caster, `/v1/apps/${app.id}/accounts`, { count: 3, prefix: 'combine-' });
  const page = await open({ path: `/apps?app=${app.id}` });
  const drawer = page.getByRole('dialog', { name: 'harvest' });
  await drawer.getByRole('checkbox', { name: 'Choose all that are shown' }).check();
  await drawer.getByRole('button', { name: 'Renew' }).click();
  const renewal = page.getByRole('dialog', { name: 'Renew these accounts?' });
  await renewal.getByLabel('Days').fill('30');
  await renewal.getByRole('button', { name: 'Renew' }).click();
  await drawer.getByText('Done · 3 of 3, 0 not').waitFor();
  const { data } = await getAsOwner<{ data: { validUntil: string }[] }>(
    caster,
    `/v1/apps/${app.id}/accounts`,
  );
  const days = data.map(({ validUntil }) => Math.round((Date.parse(validUntil) - Date.now()) / 86_400_000));
  expect(days).toEqual([30, 30, 30]);

  await drawer
    .getByRole('checkbox', { name: /^Choose combine-/ })
    .first()
    .uncheck();
  await drawer.getByRole('button', { name: 'Suspend them' }).click();
  const question = page.getByRole('dialog', { name: 'Suspend these accounts?' });
  await question.getByText(/^2 accounts\./).waitFor();
  await question.getByRole('button', { name: 'Suspend them' }).click();
  await drawer.getByText('Done · 2 of 2, 0 not').waitFor();
  await expectEventually(() => drawer.getByRole('row', { name: /suspended/ }).count(), 2);

  const csv = 'device,account\nSN-1,\nSN-2,acc_aaaaaaaaaaaaaaaa\n';
  await drawer
    .locator('input[type=file]')
    .setInputFiles({ name: 'devices.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
  await drawer.getByText('2 devices').waitFor();
  await drawer.getByRole('button', { name: 'Bind' }).click();
  await drawer.getByText('Done · 1 of 2, 1 not').waitFor();
  await drawer.getByRole('row', { name: /account_not_found/ }).waitFor();
  const devices = await getAsOwner<{ data: { deviceId: string }[] }>(caster, `/v1/apps/${app.id}/devices`);
  expect(devices.data.map(({ deviceId }) => deviceId)).toEqual(['SN-1']);
});

test('a step of a fleet that was refused is asked for under another key, one without an answer under the same', async (context) => {
  needsBrowser(context);
  const { open } = its();
  const page = await open({ path: '/apps', refusals: [409, 503] });
  const keys: (string | undefined)[] = [];
  await page.route('**/v1/apps', async (route) => {
    if (route.request().method() !== 'POST') {
      await route.fallback();
      return;
    }
    keys.push(route.request().headers()['idempotency-key']);
    const refusal = { code: 'app_name_taken', title: 'Taken', status: 409, detail: 'Another name, please.' };
    const answers = [
      () => route.fulfill({ status: 409, contentType: 'application/problem+json', json: refusal }),
      () => route.fulfill({ status: 503, contentType: 'text/html', body: 'a proxy' }),
    ];
    await (answers[keys.length - 1] ?? (() => route.fallback()))();
  });
  await page.getByRole('button', { name: 'New fleet' }).click();
  const form = page.getByRole('dialog', { name: 'A fleet in one form' });
  await form.getByRole('textbox', { name: 'Name of the fleet' }).fill(`Fleet ${Date.now()}`);
  const create = form.getByRole('button', { name: /^(Create the fleet|Go on)/ });
  await create.click();
  await expectEventually(() => Promise.resolve(keys.length), 1);
  await form.getByText('Another name, please.').waitFor();
  await create.click();
  await expectEventually(() => Promise.resolve(keys.length), 2);
  await form.getByRole('alert').waitFor();
  await create.click();
  await page.getByRole('dialog', { name: 'The fleet is there' }).waitFor();
  expect(keys).toHaveLength(3);
  expect(new Set(keys.slice(0, 2)).size).toBe(2);
  expect(keys[2]).toBe(keys[1]);
});

test('support sees at which step a rover was refused, and what to do', async (context) => {
  needsBrowser(context);
  const { caster, open } = its();
  const refused = await connectPeer(caster.ready.ntrip);
  refused.send(getRequest(2, 'HILL', { login: { username: 'tractor-9', password: 'wrong' } }));
  await refused.readToEnd();
  const page = await open({ key: await keyOf('support'), path: '/why' });
  await page.getByRole('textbox', { name: 'Who' }).fill('tractor-9');
  await page.getByRole('button', { name: 'Look' }).click();
  await page.getByText('It is not connected now.').waitFor();
  await page
    .getByRole('row', { name: /credentials_wrong .* check both, upper and lower case included/ })
    .waitFor();
  expect(new URL(page.url()).search).toBe('?who=tractor-9');
});
