// Whether a vehicle is connected, as the API shows it.

import { afterEach, expect, test } from 'vitest';
import { type ApiUnderTest, openApi } from '../../support/api-app.ts';
import { useStores } from '../../support/use-stores.ts';
import { enrolled, newVin, vehicleKey } from './vehicle-under-test.ts';

const stores = useStores();
let api: ApiUnderTest | undefined;
afterEach(async () => await api?.close());

test('a vehicle that was never here is shown so, and one that there is not is not found', async (context) => {
  api = await openApi(await stores.open('sqlite', context));
  const vin = newVin();
  await enrolled(api, vehicleKey('sm2'), vin);
  const answer = await api.owner('GET', `/v1/vehicles/${vin}/presence`);
  expect([answer.status, answer.body]).toEqual([200, { connected: false, since: null }]);
  const nobody = await api.owner('GET', '/v1/vehicles/NOBODY/presence');
  expect(nobody.body).toMatchObject({ status: 404, code: 'vehicle_not_found' });
});
