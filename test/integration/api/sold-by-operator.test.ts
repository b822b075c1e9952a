// What the operator has sold or kept to himself, and a customer's own key that tries to undo or to get round it.

import { describe, expect, test } from 'vitest';
import { DIALECTS, useStores } from '../../support/use-stores.ts';
import { apiUnderTest, good } from './api-under-test.ts';

const stores = useStores();

describe.each(DIALECTS)('on %s, a customer', (dialect) => {
  test('does not take off an account the spec that the operator gave that very account', async (context) => {
    const { owner, customer } = await apiUnderTest(stores, dialect, context);
    const { id: customerId, ask } = await customer();
    const spec = await good<{ id: string }>(
      owner('POST', '/v1/service-specs', { name: 'small', mountpoints: ['A'] }),
    );
    const app = await good<{ id: string }>(ask('POST', '/v1/apps', { name: 'fleet' }));
    const { data } = await good<{ data: { id: string }[] }>(
      ask('POST', `/v1/apps/${app.id}/accounts`, { count: 1 }),
    );
    const path = `/v1/accounts/${data[0]!.id}`;
    await good(owner('PATCH', path, { serviceSpecId: spec.id }));
    const refused = { status: 403, body: { code: 'choice_of_operator', param: '/serviceSpecId' } };
    expect(await ask('PATCH', path, { serviceSpecId: null })).toMatchObject(refused);
    expect(await good(owner('GET', path))).toMatchObject({ customerId, serviceSpecId: spec.id });
  });

  test('makes no mountpoint that gives the nearest base of everybody, nor turns one of his own into it', async (context) => {
    const { owner, customer } = await apiUnderTest(stores, dialect, context);
    const { ask } = await customer();
    const refused = { status: 403, body: { code: 'nearest_for_operator', param: '/nearest' } };
    const near = { name: 'FREE', access: 'open', nearest: {} };
    expect(await ask('POST', '/v1/mountpoints', near)).toMatchObject(refused);
    const own = await good<{ id: string }>(
      ask('POST', '/v1/mountpoints', { name: 'OWN', sourcePassword: 'password1' }),
    );
    expect(
      await ask('PATCH', `/v1/mountpoints/${own.id}`, { nearest: {}, sourcePassword: null }),
    ).toMatchObject(refused);
    expect((await owner('POST', '/v1/mountpoints', near)).status).toBe(201);
  });
});
