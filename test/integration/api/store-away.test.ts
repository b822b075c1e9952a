// Tests what the HTTP interface answers while its PostgreSQL is away, and that it goes on when it is back.

import { expect, test } from 'vitest';
import { useStores } from '../../support/use-stores.ts';
import { apiUnderTest, type Ask } from './api-under-test.ts';

const stores = useStores();

test('a store that is away is told as 503 with when to come back, and nothing is done twice afterwards', async (context) => {
  const database = await stores.postgres(context);
  const api = await apiUnderTest(stores, 'postgres', context);
  const owner: Ask = (...asked) => api.owner(...asked);
  const viewer = await api.key('viewer');
  const repeat = { 'idempotency-key': 'order-1' };
  await database.stop('at once');
  const away = [
    await owner('GET', '/v1/customers'),
    await owner('POST', '/v1/customers', { name: 'North' }, repeat),
    // Whose key it is cannot be found out.
    await viewer('GET', '/v1/customers'),
  ];
  for (const answer of away) {
    expect(answer).toMatchObject({ status: 503, body: { code: 'store_unavailable' } });
    expect(answer.headers['retry-after']).toBe('5');
    expect(answer.text).not.toMatch(/ECONN|postgres|pg_|socket/i);
  }
  expect(await owner('GET', '/v1/time')).toMatchObject({ status: 200 });
  await database.start();
  expect(await owner('POST', '/v1/customers', { name: 'North' }, repeat)).toMatchObject({ status: 201 });
  expect(await owner('POST', '/v1/customers', { name: 'North' }, repeat)).toMatchObject({ status: 201 });
  expect(await viewer('GET', '/v1/customers')).toMatchObject({ status: 200 });
  expect(await api.store.db.selectFrom('customers').select('id').execute()).toHaveLength(1);
});
