// From an empty system to the first rover that receives corrections, by what the overview says, in a caster of its own.

import { expect, test } from 'vitest';
import { getRequest, ggaLine } from '../support/ntrip-requests.ts';
import { connectPeer } from '../support/wire-peer.ts';
import { needsBrowser, useConsole } from './console-browser.ts';
import { startBase } from './streams.ts';

const XSS = '<img src=x onerror=alert(1)>';

const its = useConsole();

test('an empty system leads to a rover with a fix, by the lines that it gives', async (context) => {
  needsBrowser(context);
  const { caster, open } = its();
  const page = await open();
  const steps = page.getByRole('region', { name: 'From here to the first rover' });
  // Another one each time: a try that failed leaves it behind.
  const name = `FIRST${Date.now() % 100_000}`;
  await steps.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
  await steps.getByRole('button', { name: 'Make the mountpoint' }).click();
  const baseLine = await steps.getByText(/^npm run rovercast -- base/).innerText();
  const [, password = ''] = new RegExp(`base:(\\w{16})@127\\.0\\.0\\.1:${caster.ready.ntrip}/${name} `).exec(
    baseLine,
  )!;
  // It is served a moment after it is made; a base comes again until it is let in.
  await expect
    .poll(() =>
      startBase(caster, name, password).then(
        () => true,
        () => false,
      ),
    )
    .toBe(true);
  await steps.getByText(`A base pushes to ${name}.`).waitFor();

  await steps.getByRole('textbox', { name: 'Name of the app' }).fill(XSS);
  await steps.getByRole('button', { name: 'Make app and account' }).click();
  await steps.getByText('Phone app').click();
  const field = (label: string) =>
    steps.getByText(label, { exact: true }).locator('xpath=..').locator('pre').innerText();
  const [host, port, mountpoint, username, secret] = await Promise.all(
    ['Host', 'Port', 'Mountpoint', 'User', 'Password'].map(field),
  );
  expect([host, port, mountpoint]).toEqual(['127.0.0.1', String(caster.ready.ntrip), name]);
  const rover = await connectPeer(Number(port));
  rover.send(getRequest(1, mountpoint!, { login: { username: username!, password: secret! } }));
  expect(await rover.readHead()).toContain('ICY 200 OK');
  rover.send(ggaLine(47.06, 8.3, 4));
  await steps.getByText(`${username!} receives corrections of ${name}.`).waitFor();
  await steps.getByText('fixed', { exact: true }).waitFor();
  expect(await page.content()).not.toContain(secret!);

  await steps.getByRole('link', { name: 'See it on the map' }).click();
  const map = page.getByRole('application', { name: /^Map of bases and rovers/ });
  await map.locator('canvas[data-clusters="2"]').waitFor();
  await map.focus();
  await page.keyboard.press('n');
  await page.keyboard.press('n');
  await page
    .getByRole('status')
    .filter({ hasText: /base, well|fixed/ })
    .first()
    .waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByText(name).first().waitFor();
  rover.hangUp();
});
