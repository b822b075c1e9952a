// How long grants take from the change of a right to the vehicle's first receipt, as the event of the receipt tells it.

import { afterEach, expect, test, type TestContext } from 'vitest';
import { addVehicle, change, grant } from '../../support/entitlements.ts';
import { GrantsUnderTest } from '../../support/grants.ts';
import { useStores } from '../../support/use-stores.ts';

const stores = useStores();
let under: GrantsUnderTest | undefined;
afterEach(() => under?.office.stop());

async function open(context: TestContext) {
  const store = await stores.open('sqlite', context);
  await addVehicle(store);
  under = new GrantsUnderTest(store);
  const vehicle = await under.certify('rsa');
  const id = await grant(store, { nowMs: under.nowMs });
  return { store, office: under, vehicle, id };
}

const told = (office: GrantsUnderTest): unknown[] =>
  office.events('grant_receipted').map(({ tookMs }) => tookMs);

test('the first receipt tells it, from the purchase and not from the making of the grant; later ones do not', async (context) => {
  const { office, vehicle, id } = await open(context);
  office.nowMs += 4000;
  await office.hear(id);
  office.nowMs += 2500;
  await office.receipt(vehicle, { result: 'stored', counter: 1 });
  office.nowMs += 60_000;
  await office.receipt(vehicle, { counter: 2 });
  expect(told(office)).toEqual([6500, undefined]);
});

test('a grant that takes a right away tells it, too', async (context) => {
  const { store, office, vehicle, id } = await open(context);
  await office.hear(id);
  await office.receipt(vehicle, { counter: 1 });
  office.nowMs += 10_000;
  await change(store, id, 'revoke', office.nowMs);
  office.nowMs += 700;
  await office.hear(id);
  await office.receipt(vehicle, { result: 'deactivated', counter: 2 });
  expect(told(office)).toEqual([0, 700]);
});

test('a grant that follows a renewed certificate tells nothing: no right has changed', async (context) => {
  const { office, vehicle, id } = await open(context);
  await office.hear(id);
  await office.receipt(vehicle, { counter: 1 });
  const renewed = await office.certify('rsa', { isRenewal: true });
  office.connect();
  office.nowMs += 3_600_000;
  await office.office.sweep();
  await office.receipt(renewed, { counter: 2 });
  expect(told(office)).toEqual([0, undefined]);
});
