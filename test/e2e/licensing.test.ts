// The licensing screens in a browser against a real process, with the reference vehicle: what a car maker makes and
// sells is bought for a vehicle, brought to it and runs, and a role sees what it may and nothing else.

import { createHash, randomBytes } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { getAsOwner, postAsOwner } from '../support/owner-answers.ts';
import { startReferenceVehicle, type RunningVehicle } from '../support/reference-vehicle.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { expectEventually } from '../support/use-caster.ts';
import { needsBrowser, useConsole } from './console-browser.ts';
import { certifyVehicle } from './licensing-data.ts';

const XSS = '<img src=x onerror=alert(1)>';

const its = useConsole({
  env: { ROVERCAST_MQTTS_PORT: '0', ROVERCAST_MQTTS_TOKEN_PORT: '0' },
  config: { listen: { publicHost: '127.0.0.1' }, licensing: { payments: { test: true } } },
});
const folder = useTempFolder();
const cars: RunningVehicle[] = [];
afterAll(async () => {
  for (const car of cars) await car.stop();
});

let count = 0;

/** Another one at each try: a test that is asked again finds nothing of the try before. */
function newVin(): string {
  count += 1;
  return `LSVSCREEN${String(count).padStart(8, '0')}`;
}

async function startCar(
  vehicleId: string,
  token: string,
  installed: Readonly<Record<string, string>>,
): Promise<RunningVehicle> {
  const car = await startReferenceVehicle(its().caster, { vehicleId, token, folder, installed });
  cars.push(car);
  await car.next('connected');
  return car;
}

/** By the screens: the token is shown, and gone when the dialog is. */
async function tokenByScreen(page: Page, vehicleId: string): Promise<string> {
  await page.getByRole('button', { name: 'New enrolment token' }).click();
  const form = page.getByRole('dialog', { name: 'A token for one vehicle' });
  await form.getByRole('textbox', { name: 'Vehicle id' }).fill(vehicleId);
  await form.getByRole('button', { name: 'Create' }).click();
  const done = page.getByRole('dialog', { name: 'The token is there' });
  const token = (await done.locator('pre').first().textContent())!;
  await done.getByRole('button', { name: 'I have kept the token' }).click();
  await done.waitFor({ state: 'hidden' });
  expect(await page.content()).not.toContain(token);
  return token;
}

/** A part of its own for each try. */
async function productByScreen(page: Page, part: string, version: string): Promise<void> {
  await page.getByRole('button', { name: 'New product' }).click();
  const form = page.getByRole('dialog', { name: 'New product' });
  await form.getByRole('textbox', { name: 'Name in English' }).fill(XSS);
  await form.getByRole('textbox', { name: 'Description in English' }).fill(XSS);
  await form.getByRole('textbox', { name: 'Part number' }).fill(part);
  await form.getByRole('textbox', { name: 'Version', exact: true }).fill(version);
  await form.getByRole('textbox', { name: 'Id in the software' }).fill('heating');
  await form.getByRole('textbox', { name: 'In English' }).last().fill('Heating');
  await form.getByRole('textbox', { name: 'Price' }).fill('9.9');
  await form
    .getByRole('region', { name: 'What the vehicle gets' })
    .getByText(`${version} or above`)
    .waitFor();
  await form.getByRole('button', { name: 'Create' }).click();
}

test('a product is made and published, bought, and activated in the vehicle as the timeline tells', async (context) => {
  needsBrowser(context);
  const { caster, open } = its();
  const [vehicleId, part] = [newVin(), `SEATS-${count}`];
  const page = await open({ path: '/vehicles' });
  const car = await startCar(vehicleId, await tokenByScreen(page, vehicleId), { [part]: '1.4.0' });
  await page.getByRole('row', { name: new RegExp(`${vehicleId} connected`) }).waitFor();

  await page.getByRole('link', { name: 'Products' }).click();
  await productByScreen(page, part, '1.4.0');
  const product = page.getByRole('dialog', { name: XSS });
  await product.getByRole('button', { name: 'Publish' }).click();
  await product.getByText('published', { exact: true }).waitFor();
  const { data } = await getAsOwner<{ data: { id: string; partNumber: string }[] }>(caster, '/v1/products');
  const { id: productId } = data.find(({ partNumber }) => partNumber === part)!;
  const order = await postAsOwner<{ id: string }>(caster, '/v1/orders', { productId, vehicleId });
  const paid = await postAsOwner<{ reference: string }>(caster, `/v1/orders/${order.id}/pay`, {
    provider: 'test',
  });

  await page.goto(`${its().address}/console/orders?vehicle=${vehicleId}&order=${order.id}`);
  const drawer = page.getByRole('dialog', { name: XSS });
  await drawer.getByText('to be paid', { exact: true }).first().waitFor();
  await postAsOwner(caster, `/v1/test-payments/${paid.reference}`, { action: 'pay' });
  await car.next('activated');
  await drawer.getByText('activated in the vehicle', { exact: true }).waitFor();
  const steps = drawer
    .getByRole('log')
    .getByText(/^(Ordered|Paid|Entitlement made|Activated in the vehicle)$/);
  expect(await steps.allTextContents()).toEqual([
    ...['Ordered', 'Paid', 'Entitlement made', 'Activated in the vehicle'],
  ]);

  await drawer.getByRole('button', { name: 'Refund' }).click();
  const question = page.getByRole('dialog', { name: 'Refund this order?' });
  await question.getByRole('textbox', { name: /^Type/ }).fill(vehicleId);
  await question.getByRole('button', { name: 'Refund' }).click();
  await car.next('deactivated');
  await drawer.getByText('Switched off in the vehicle').waitFor();
});

test('a package is given its content by the browser and released, and the vehicle that installs it is seen', async (context) => {
  needsBrowser(context);
  const { caster, open } = its();
  const [vehicleId, part] = [newVin(), `SEATS-${count}`];
  // More than one piece.
  const content = randomBytes(5_000_000);
  const page = await open({ path: '/releases?tab=packages' });
  await page.getByRole('button', { name: 'New package' }).click();
  const form = page.getByRole('dialog', { name: 'New package' });
  await form.getByRole('textbox', { name: 'Part number' }).fill(part);
  await form.getByRole('textbox', { name: 'Version' }).first().fill('2.0.0');
  await form.getByRole('textbox', { name: 'Notes' }).fill(XSS);
  await form.getByRole('button', { name: 'Create' }).click();
  const drawer = page.getByRole('dialog', { name: `${part} 2.0.0` });
  await drawer
    .locator('input[type=file]')
    .setInputFiles({ name: 'seats.bin', mimeType: 'application/octet-stream', buffer: content });
  await drawer.getByRole('button', { name: 'Upload' }).click();
  await drawer.getByText(createHash('sha256').update(content).digest('hex')).waitFor();
  await drawer.getByRole('checkbox', { name: 'Let vehicles have it at once' }).check();
  await drawer.getByRole('button', { name: 'Release it' }).click();
  await drawer.getByRole('link', { name: /^rel_/ }).click();

  const { token } = await postAsOwner<{ token: string }>(caster, '/v1/enrolment-tokens', { vehicleId });
  const car = await startCar(vehicleId, token, { [part]: '1.0.0' });
  const product = await postAsOwner<{ id: string }>(caster, '/v1/products', {
    ...{ names: { en: 'Seats' }, partNumber: part, version: '2.0.0', priceMicros: 0, currency: 'EUR' },
    functions: [{ id: 'heating', names: { en: 'Heating' } }],
  });
  await postAsOwner(caster, '/v1/gifts', { productId: product.id, vehicleId, reference: vehicleId });
  await car.next('package_installed');
  const release = page.getByRole('dialog', { name: part });
  await release.getByText('1 · 100%').waitFor();
  await release.getByRole('row', { name: new RegExp(vehicleId) }).waitFor();
  await release.getByRole('button', { name: 'Pause' }).click();
  await release.getByText('paused', { exact: true }).waitFor();
});

test('who may only look is shown no step, and who has nothing to do with vehicles no screen of them', async (context) => {
  needsBrowser(context);
  const { caster, open } = its();
  const vehicleId = newVin();
  await certifyVehicle(caster, vehicleId);
  const keyOf = async (role: string): Promise<string> =>
    (await postAsOwner<{ key: string }>(caster, '/v1/api-keys', { name: XSS, role })).key;
  const support = await open({ key: await keyOf('support'), path: `/vehicles?vehicle=${vehicleId}` });
  await support.getByRole('dialog', { name: vehicleId }).getByText('SM2').waitFor();
  expect(await support.getByRole('button', { name: /Revoke|New enrolment token/ }).count()).toBe(0);
  const billing = await open({ key: await keyOf('billing'), path: '/products' });
  await billing.getByRole('link', { name: 'Orders & gifts' }).waitFor();
  expect(await billing.getByRole('button', { name: 'New product' }).count()).toBe(0);
  for (const name of ['Vehicles', 'Entitlements', 'Releases', 'Drivers'])
    expect(await billing.getByRole('link', { name, exact: true }).count(), name).toBe(0);
});

test('a certificate is revoked with a reason, once the vehicle’s id was typed', async (context) => {
  needsBrowser(context);
  const { caster, open } = its();
  const vehicleId = newVin();
  await certifyVehicle(caster, vehicleId);
  const page = await open({ path: `/vehicles?vehicle=${vehicleId}` });
  await page.getByRole('button', { name: /^Revoke cert_/ }).click();
  const question = page.getByRole('dialog', { name: 'Revoke this certificate?' });
  const revoke = question.getByRole('button', { name: 'Revoke' });
  expect(await revoke.isEnabled()).toBe(false);
  await question.getByRole('combobox', { name: /Reason/ }).click();
  await page.getByRole('option', { name: 'its key was given away' }).click();
  await question.getByRole('textbox', { name: /^Type/ }).fill(vehicleId);
  await revoke.click();
  await page.getByRole('dialog', { name: vehicleId }).getByText('keyCompromise').waitFor();
  const shown = () =>
    getAsOwner<{ certificate: { state: string } }>(caster, `/v1/vehicles/${vehicleId}`).then(
      ({ certificate }) => certificate.state,
    );
  await expectEventually(shown, 'revoked');
});
