// Tests what the shop works out by itself before it asks the server, or from what the server said.

import { expect, test } from 'vitest';
import { satisfies } from '../../../licensing/entitlements/version.ts';
import { decimalOf, lengthOf } from '../../../console/i18n/amounts.ts';
import { claimCodeOf } from '../../../shop/pages/garage/claim-code.ts';
import { providerPage } from '../../../shop/pages/order/provider-page.ts';
import { softwareFit } from '../../../shop/pages/product/software-fit.ts';
import { whatIsWrong } from '../../../shop/pages/sign-in/credentials-form.ts';
import { isOver, ordered } from '../../../shop/pages/vehicle/entitlement-order.ts';
import { shellFiles } from '../../../shop/worker/shell-files.ts';

test.each([
  [' k7qf-2xmp ', 'K7QF2XMP'],
  ['K7QF 2XMP', 'K7QF2XMP'],
  ['K7QF-2XM', undefined],
  ['K7QF-2XM<', undefined],
])('"%s" is taken as the code %s', (typed, code) => {
  expect(claimCodeOf(typed)).toBe(code);
});

test.each([
  ['https://pay.example/c/1', 'https://pay.example/c/1'],
  ['javascript:alert(1)', undefined],
  ['data:text/html,x', undefined],
  ['/v1/orders', undefined],
  [null, undefined],
])('a driver who shall pay at %s goes to %s', (url, page) => {
  expect(providerPage(url)).toBe(page);
});

const installed = (version: string) => [{ partNumber: 'SEATS', version, since: '2026-11-30T10:00:00Z' }];

test.each([
  ['1.4', 'at_least', 'enough'],
  ['1.10.0', 'at_least', 'enough'],
  ['1.3.9', 'at_least', 'update'],
  ['1.4.0', 'exact', 'enough'],
  ['1.4.1', 'exact', 'above'],
  ['1.0', 'exact', 'update'],
] as const)('software %s for 1.4.0, %s, is %s, as the vehicle has it', (there, versionRule, kind) => {
  const wanted = { partNumber: 'SEATS', version: '1.4.0', versionRule };
  expect(softwareFit(installed(there), wanted).kind).toBe(kind);
  expect(satisfies(there, wanted)).toBe(kind === 'enough');
});

test('a vehicle without the part, and one that has told nothing, are told apart', () => {
  const wanted = { partNumber: 'NAVI', version: '1.4.0', versionRule: 'at_least' } as const;
  expect([softwareFit(installed('1.4.0'), wanted), softwareFit(null, wanted)]).toEqual([
    { kind: 'missing' },
    { kind: 'unknown' },
  ]);
});

test('what ends first stands first, and what is not in force behind it', () => {
  const right = (state: Parameters<typeof isOver>[0]['state'], endsAt: string | null) => ({ state, endsAt });
  const [later, soon] = ['2027-01-01T00:00:00Z', '2026-12-01T00:00:00Z'];
  const all = [right('waiting', null), right('active', null), right('suspended', soon)];
  expect(ordered([...all, right('active', later), right('active', soon)])).toEqual([
    ...[right('active', soon), right('active', later), right('active', null)],
    ...[right('suspended', soon), right('waiting', null)],
  ]);
  expect([right('expired', soon), right('waiting', null)].map(isOver)).toEqual([true, false]);
});

test('a new password has eight characters at least, an old one some', () => {
  const given = { email: 'li@example.com', password: '1234567', name: '' };
  expect([whatIsWrong(given, true), whatIsWrong(given, false)]).toEqual([{ password: 'short' }, {}]);
  expect(whatIsWrong({ email: 'li@', password: '', name: '' }, false)).toEqual({
    email: 'none',
    password: 'none',
  });
});

test.each([
  ['99000000', '99.000000'],
  [10_000, '0.010000'],
  ['9007199254740993000001', '9007199254740993.000001'],
  [-1, '-0.000001'],
])('%s millionths are %s', (micros, decimal) => {
  expect(decimalOf(micros)).toBe(decimal);
});

test.each([
  [31_536_000, 'year', 1],
  [2_592_000, 'day', 30],
  [5400, 'minute', 90],
  [61, 'second', 61],
])('%i seconds are told in the unit %s, %i of them', (seconds, unit, count) => {
  expect(lengthOf(seconds)).toEqual({ unit, count });
});

test('the worker keeps what the page names below its own address, each once, and nothing else', () => {
  const page = `<link rel="icon" href="/shop/assets/icon-1.svg"><link href="/shop/manifest.webmanifest">
    <script src="/shop/assets/shop-1.js"></script><img src="/shop/assets/icon-1.svg">
    <a href="/shop/">x</a><a href="/v1/orders">x</a><a href="https://example.com/shop/x.js">x</a>`;
  expect(shellFiles(page, '/shop/')).toEqual([
    '/shop/assets/icon-1.svg',
    '/shop/manifest.webmanifest',
    '/shop/assets/shop-1.js',
  ]);
});
