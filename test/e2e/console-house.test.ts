// Administration in the console, as the owner does it: keys and what they may do, what the audit log tells of it, and the
// settings of the server.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { postAsOwner } from '../support/owner-answers.ts';
import { needsBrowser, useConsole } from './console-browser.ts';

const XSS = '<img src=x onerror=alert(1)>';

const its = useConsole({
  config: {
    caster: { operator: XSS },
    accounts: [{ username: 'tractor-1', password: 'rover-password' }],
  },
});

/** What the server says of a key: its role, or the status of the refusal. */
async function roleOf(key: string): Promise<string | number> {
  const answer = await fetch(`${its().address}/v1/me`, { headers: { authorization: `Bearer ${key}` } });
  return answer.ok ? ((await answer.json()) as { role: string }).role : answer.status;
}

test('a key is made and shown once, rotated while the old one works on, and revoked', async (context) => {
  needsBrowser(context);
  const page = await its().open({ path: '/keys' });
  await page.getByRole('button', { name: 'New key' }).click();
  const form = page.getByRole('dialog', { name: 'A new API key' });
  await form.getByRole('button', { name: 'Create' }).click();
  await form.getByText('Choose what it may do.').waitFor();
  await form.getByRole('textbox', { name: 'Name' }).fill(XSS);
  await form.getByRole('combobox', { name: 'Role' }).click();
  await page.getByRole('option', { name: 'Viewer' }).click();
  await form.getByRole('button', { name: 'Create' }).click();
  const made = page.getByRole('dialog', { name: 'The key, shown this once' });
  const key = await made.getByText(/^csk_live_\w+$/).innerText();
  expect(await roleOf(key)).toBe('viewer');
  await made.getByRole('button', { name: 'I have kept the key' }).click();

  const drawer = page.getByRole('dialog', { name: XSS });
  await drawer.getByText('sees everything').waitFor();
  expect(await page.content()).not.toContain(key);
  await drawer.getByRole('button', { name: 'Rotate' }).click();
  const rotation = page.getByRole('dialog', { name: `Rotate ${XSS}` });
  await rotation.getByRole('button', { name: 'Rotate' }).click();
  const next = await made.getByText(/^csk_live_\w+$/).innerText();
  expect([await roleOf(key), await roleOf(next)]).toEqual(['viewer', 'viewer']);
  await made.getByRole('button', { name: 'I have kept the key' }).click();

  await drawer.getByRole('button', { name: 'Revoke' }).click();
  const question = page.getByRole('dialog', { name: 'Revoke this key?' });
  await question.getByLabel(`Type ${XSS} to go on`).fill(XSS);
  await question.getByRole('button', { name: 'Revoke' }).click();
  await drawer.getByText('revoked', { exact: true }).waitFor();
  expect(await roleOf(next)).toBe(401);
});

test('the audit log shows what differs between before and after, and is filtered by its address', async (context) => {
  needsBrowser(context);
  const { caster, open } = its();
  const { id } = await postAsOwner<{ id: string }>(caster, '/v1/customers', { name: XSS });
  await postAsOwner(caster, `/v1/customers/${id}/suspend`, {});
  const page = await open({ path: `/audit?target=${id}` });
  await page.getByText('2 entries, the latest first').waitFor();
  await page.getByRole('combobox', { name: 'What was done' }).fill('suspendCustomer');
  await page.getByText('1 entry, the latest first').waitFor();
  await page.getByRole('row', { name: /suspendCustomer/ }).click();
  const drawer = page.getByRole('dialog', { name: 'suspendCustomer' });
  await drawer.getByRole('row', { name: 'status active suspended' }).waitFor();
  expect(await drawer.getByText(XSS).count()).toBe(0);
  await drawer.getByRole('link', { name: 'All of this thing' }).click();
  await page.getByText('2 entries, the latest first').waitFor();
  await page.getByRole('row', { name: /createCustomer/ }).click();
  await page.getByRole('dialog').getByText(XSS).waitFor();
});

test('the table of roles says who may do what', async (context) => {
  needsBrowser(context);
  const page = await its().open({ path: '/keys?show=roles' });
  const row = page.getByRole('row', { name: /^keys:write / });
  await row.waitFor();
  expect(await row.getByRole('cell').allInnerTexts()).toEqual([
    ...['keys:write', 'make, rotate and revoke API keys'],
    ...['may', 'may not', 'may not', 'may not', 'may not', 'may not', 'may not', 'may not'],
  ]);
});

test('who may see neither keys nor the audit log nor settings is not shown that they are there', async (context) => {
  needsBrowser(context);
  const { caster, open } = its();
  const { key } = await postAsOwner<{ key: string }>(caster, '/v1/api-keys', { name: 'v', role: 'viewer' });
  const page = await open({ key });
  await page.getByRole('link', { name: 'Connections' }).waitFor();
  expect(await page.getByText(/^(API keys|Audit log|Settings)$/).count()).toBe(0);
});

test('settings are checked line by line, written, and taken over while the server runs', async (context) => {
  needsBrowser(context);
  const { caster, open } = its();
  const page = await open({ path: '/settings?find=operator' });
  await page.getByRole('row', { name: /caster\.operator .* file at once/ }).waitFor();
  await page.getByText('Configuration file', { exact: true }).click();
  const text = page.getByRole('textbox', { name: 'Configuration (YAML)' });
  const before = await text.inputValue();
  expect(before).toMatch(/"password":__hidden_0__/);
  await text.fill(`# ours\ncaster:\n  operator: ${JSON.stringify(XSS)}\n  contry: CHE\n`);
  await page.getByRole('button', { name: 'Check' }).click();
  await page.getByRole('listitem').getByText('Line 4').click();
  expect(await page.evaluate('getSelection().toString()')).toBe('  contry: CHE');
  expect(await page.getByRole('button', { name: 'Apply' }).isDisabled()).toBe(true);
  const changed = before.replace('{', '{"timing":{"stallMs":31000},');
  await text.fill(changed);
  await page.getByRole('button', { name: 'Check' }).click();
  await page.getByRole('row', { name: 'timing.stallMs 30000 31000 at once' }).waitFor();
  await page.getByRole('button', { name: 'Apply' }).click();
  const question = page.getByRole('dialog', { name: 'Write and take over?' });
  await question.getByRole('button', { name: 'Apply' }).click();
  await page.getByText('Written and taken over: 1 change at once, 0 at the next start.').waitFor();
  await caster.waitFor('setting_changed', ({ path }) => path === 'timing.stallMs');
  expect(readFileSync(caster.configFile, 'utf8')).toBe(changed.replace('__hidden_0__', '"rover-password"'));
});
