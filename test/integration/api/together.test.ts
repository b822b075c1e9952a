// Two changes of one thing at the same moment: neither undoes what the other has done.

import { describe, expect, test } from 'vitest';
import { DIALECTS, useStores } from '../../support/use-stores.ts';
import { apiUnderTest, good } from './api-under-test.ts';

const stores = useStores();
/** So often, since two that meet by chance need not. */
const ROUNDS = 10;

describe.each(DIALECTS)('on %s', (dialect) => {
  test('two changes of a service spec, of a billing plan or of a mountpoint are both there', async (context) => {
    const { owner } = await apiUnderTest(stores, dialect, context);
    const plan = { name: 'p', counts: 'bytes', currency: 'EUR', priceMicros: 1, mode: 'prepaid' };
    const things = [
      ['service-specs', { name: 's' }, 'intervalS', 'sessionsPerAccount'],
      ['billing-plans', plan, 'priceMicros', 'lowBalanceMicros'],
      ['mountpoints', { name: 'M', sourcePassword: 'of-the-base' }, 'misc', 'country'],
    ] as const;
    for (const [kind, body, one, other] of things) {
      const { id } = await good(owner('POST', `/v1/${kind}`, body));
      for (let n = 2; n < 2 + ROUNDS; n++) {
        const values = kind === 'mountpoints' ? ['x'.repeat(n), ['DEU', 'FRA'][n % 2]] : [n, n];
        await Promise.all(
          [one, other].map((name, at) => good(owner('PATCH', `/v1/${kind}/${id}`, { [name]: values[at] }))),
        );
        const now = await good(owner('GET', `/v1/${kind}/${id}`));
        expect([kind, now[one], now[other]]).toEqual([kind, ...values]);
      }
    }
  });

  test('a customer that is renamed while it is suspended stays suspended', async (context) => {
    const { owner } = await apiUnderTest(stores, dialect, context);
    for (let n = 0; n < ROUNDS; n++) {
      const { id } = await good(owner('POST', '/v1/customers', { name: 'North' }));
      await Promise.all([
        good(owner('PATCH', `/v1/customers/${id}`, { name: 'South' })),
        good(owner('POST', `/v1/customers/${id}/suspend`, {})),
      ]);
      expect(await good(owner('GET', `/v1/customers/${id}`))).toMatchObject({
        name: 'South',
        status: 'suspended',
      });
    }
  });

  test('a key that is renamed while another follows it ends all the same', async (context) => {
    const { owner } = await apiUnderTest(stores, dialect, context);
    for (let n = 0; n < ROUNDS; n++) {
      const { id } = await good(owner('POST', '/v1/api-keys', { name: 'x', role: 'viewer' }));
      await Promise.all([
        good(owner('POST', `/v1/api-keys/${id}/rotate`, { overlapS: 0 })),
        good(owner('PATCH', `/v1/api-keys/${id}`, { name: 'y' })),
      ]);
      expect((await good(owner('GET', `/v1/api-keys/${id}`))).status).toBe('expired');
    }
  });
});
