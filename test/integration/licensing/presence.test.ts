// Vehicles as the API lists and shows them: whether they are connected, and with which certificate.

import { afterEach, describe, expect, test } from 'vitest';
import { type ApiUnderTest, good, openApi } from '../../support/api-app.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';
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

interface VehicleView {
  readonly id: string;
  readonly presence: object;
  readonly certificate: { readonly id: string; readonly state: string } | null;
}

describe.each(DIALECTS)('on %s', (dialect) => {
  test('vehicles are listed with their latest certificate, by how they begin and by whether it is good', async (context) => {
    const under = await openApi(await stores.open(dialect, context));
    api = under;
    const [first, second, other] = ['LSVLIST0000000001', 'LSVLIST0000000002', 'LSV_IST0000000003'];
    await enrolled(under, vehicleKey('sm2'), first);
    const latest = await enrolled(under, vehicleKey('sm2'), first);
    const lost = await enrolled(under, vehicleKey('sm2'), second);
    await enrolled(under, vehicleKey('sm2'), other);
    await good(under.owner('POST', `/v1/certificates/${lost.id}/revoke`, {}));
    const ask = async (query: string): Promise<readonly VehicleView[]> => {
      const list = await good<{ data: VehicleView[] }>(under.owner('GET', `/v1/vehicles?${query}`));
      return list.data;
    };
    const idsOf = async (query: string) => (await ask(query)).map(({ id }) => id);

    expect(await ask('idPrefix=LSVLIST')).toMatchObject([
      { id: second, presence: { connected: false, since: null }, certificate: { state: 'revoked' } },
      { id: first, certificate: { id: latest.id, state: 'active', algorithm: 'sm2' } },
    ]);
    expect(await idsOf('idPrefix=LSV_')).toEqual([other]);
    expect(await idsOf('idPrefix=lsv')).toEqual([]);
    expect(await idsOf('certified=true&order=oldest')).toEqual([first, other]);
    expect(await idsOf('certified=false')).toEqual([second]);
    expect(await good(under.owner('GET', `/v1/vehicles/${first}`))).toMatchObject({
      certificate: { id: latest.id },
    });
  });
});
