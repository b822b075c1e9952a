// Balances over HTTP, on both databases.

import { describe, expect, test } from 'vitest';
import { DIALECTS, useStores } from '../../support/use-stores.ts';
import { apiUnderTest, everything, good } from './api-under-test.ts';

const stores = useStores();

interface Entry {
  readonly id: string;
  readonly kind: string;
  readonly amountMicros: string;
  readonly balanceMicros: string;
}

const FIVE = { currency: 'EUR', amountMicros: '5000000' };

describe.each(DIALECTS)('on %s', (dialect) => {
  test('a top-up is entered, shown, told of and audited', async (context) => {
    const { owner, customer, changes, store } = await apiUnderTest(stores, dialect, context);
    const { id, ask } = await customer();
    const made = await owner('POST', `/v1/customers/${id}/top-ups`, {
      ...FIVE,
      reference: 'p-1',
      note: 'cash',
    });
    expect(made).toMatchObject({
      status: 201,
      body: {
        customerId: id,
        kind: 'top_up',
        ...FIVE,
        balanceMicros: '5000000',
        reference: 'p-1',
        note: 'cash',
      },
    });
    expect(changes).toContainEqual({ kind: 'balance', id });
    const shown = await good(ask('GET', `/v1/customers/${id}/balance`));
    expect(shown).toMatchObject({
      customerId: id,
      balances: [{ currency: 'EUR', balanceMicros: '5000000' }],
    });
    const audit = await store.db
      .selectFrom('audit_entries')
      .selectAll()
      .orderBy('id', 'desc')
      .executeTakeFirst();
    expect(audit).toMatchObject({ action: 'topUpBalance', target_id: id, customer_id: id });
    expect(audit?.after).toContain('"amountMicros":"5000000"');
  });

  test('one reference is entered once, however often and by however many it is sent', async (context) => {
    const { owner, customer } = await apiUnderTest(stores, dialect, context);
    const { id } = await customer();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        owner('POST', `/v1/customers/${id}/top-ups`, { ...FIVE, reference: 'p-1' }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
    const entries = await everything<Entry>(owner, `/v1/customers/${id}/balance-entries`, 5);
    expect(entries.map(({ balanceMicros }) => balanceMicros)).toEqual(['5000000']);
    const other = { ...FIVE, amountMicros: '6000000', reference: 'p-1' };
    expect(await owner('POST', `/v1/customers/${id}/top-ups`, other)).toMatchObject({
      status: 409,
      body: { code: 'balance_reference_used', param: '/reference' },
    });
    const elsewhere = await customer();
    expect(await owner('POST', `/v1/customers/${elsewhere.id}/top-ups`, other)).toMatchObject({
      status: 201,
    });
  });

  test('one reference in two currencies at once is entered in one of them, and refused in the other', async (context) => {
    const { owner, customer } = await apiUnderTest(stores, dialect, context);
    const { id } = await customer();
    for (let n = 0; n < 10; n++) {
      const answers = await Promise.all(
        ['EUR', 'CNY'].map((currency) =>
          owner('POST', `/v1/customers/${id}/top-ups`, { ...FIVE, currency, reference: `p-${n}` }),
        ),
      );
      expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
    }
  });

  test('the balance is the sum of its entries, beyond what a number holds', async (context) => {
    const { owner, customer } = await apiUnderTest(stores, dialect, context);
    const { id } = await customer();
    const enter = (path: string, body: object) => good(owner('POST', `/v1/customers/${id}/${path}`, body));
    await enter('top-ups', { currency: 'EUR', amountMicros: '1000000000000000000' });
    await enter('top-ups', { currency: 'EUR', amountMicros: '1' });
    await enter('top-ups', { currency: 'CNY', amountMicros: '7' });
    await enter('balance-corrections', { currency: 'EUR', amountMicros: '-3', note: 'too much' });
    const entries = await everything<Entry>(owner, `/v1/customers/${id}/balance-entries?currency=EUR`, 2);
    expect(
      entries.map(({ kind, amountMicros, balanceMicros }) => [kind, amountMicros, balanceMicros]),
    ).toEqual([
      ['correction', '-3', '999999999999999998'],
      ['top_up', '1', '1000000000000000001'],
      ['top_up', '1000000000000000000', '1000000000000000000'],
    ]);
    expect(await good(owner('GET', `/v1/customers/${id}/balance`))).toMatchObject({
      balances: [
        { currency: 'CNY', balanceMicros: '7' },
        { currency: 'EUR', balanceMicros: '999999999999999998' },
      ],
    });
    const corrections = await everything<Entry>(
      owner,
      `/v1/customers/${id}/balance-entries?kind=correction`,
      2,
    );
    expect(corrections.length).toBe(1);
  });

  test.for([
    ['top-ups', { ...FIVE, amountMicros: 5 }, '/amountMicros'],
    ['top-ups', { ...FIVE, amountMicros: '0' }, '/amountMicros'],
    ['top-ups', { ...FIVE, amountMicros: '-5' }, '/amountMicros'],
    ['top-ups', { ...FIVE, amountMicros: '1.5' }, '/amountMicros'],
    ['top-ups', { ...FIVE, amountMicros: '1000000000000000001' }, '/amountMicros'],
    ['top-ups', { ...FIVE, currency: 'euro' }, '/currency'],
    ['balance-corrections', FIVE, '/note'],
    ['balance-corrections', { ...FIVE, amountMicros: '0', note: 'x' }, '/amountMicros'],
  ] as const)('%s takes no %j', async ([path, body, param], context) => {
    const { owner, customer } = await apiUnderTest(stores, dialect, context);
    const { id } = await customer();
    const answer = await owner('POST', `/v1/customers/${id}/${path}`, body);
    expect(answer).toMatchObject({ status: 400, body: { param } });
  });

  test('a customer can add nothing to its own balance', async (context) => {
    const { customer } = await apiUnderTest(stores, dialect, context);
    const { id, ask } = await customer();
    expect(await ask('POST', `/v1/customers/${id}/top-ups`, FIVE)).toMatchObject({ status: 403 });
    expect(await good(ask('GET', `/v1/customers/${id}/balance`))).toEqual({ customerId: id, balances: [] });
  });

  test('a customer who has something left or owes something is not deleted', async (context) => {
    const { owner } = await apiUnderTest(stores, dialect, context);
    const { id } = await good<{ id: string }>(owner('POST', '/v1/customers', { name: 'Gone' }));
    await good(owner('POST', `/v1/customers/${id}/top-ups`, FIVE));
    expect(await owner('DELETE', `/v1/customers/${id}`)).toMatchObject({
      status: 409,
      body: { code: 'customer_not_empty', detail: 'it has a balance in EUR' },
    });
    const back = { currency: 'EUR', amountMicros: '-5000000', note: 'paid out' };
    await good(owner('POST', `/v1/customers/${id}/balance-corrections`, back));
    expect(await owner('DELETE', `/v1/customers/${id}`)).toMatchObject({ status: 200 });
  });
});
