// Grants of vehicles whose storage was put back: what they have acknowledged, and say to hold no more.

import { describe, expect, test, type TestContext } from 'vitest';
import type { Held } from '../../../licensing/ota/manifests.ts';
import type { Dialect } from '../../../platform/store/store.ts';
import { change, VEHICLE } from '../../support/entitlements.ts';
import { bought, rows, stateAndSeq, useGrantOffices } from '../../support/grants.ts';
import { DIALECTS } from '../../support/use-stores.ts';

const { open } = useGrantOffices();

describe('a grant that the vehicle has acknowledged, and holds no more,', () => {
  /** Bought, and revoked; each acknowledged, the last one a second ago. */
  async function acknowledged(dialect: Dialect, context: TestContext, isRevoked: boolean) {
    const { store, under } = await open(dialect, context);
    const vehicle = await under.certify('rsa');
    const id = await bought(store, under);
    await under.hear(id);
    await under.receipt(vehicle, { counter: 6 });
    if (isRevoked) {
      await change(store, id, 'revoke', under.nowMs);
      await under.hear(id);
      await under.receipt(vehicle, { result: 'deactivated', reason: 'revoked', counter: 7 });
    }
    under.nowMs += 1000;
    return { store, under, vehicle };
  }

  test.for(DIALECTS)('is made anew with the next number, on %s', async (dialect, context) => {
    const { store, under, vehicle } = await acknowledged(dialect, context, false);
    await under.held({});
    expect(await stateAndSeq(store)).toEqual(['1 active superseded', '2 active sent']);
    const taken = await under.opened(under.pushed.at(-1)!.body, vehicle, { lastSeq: 1 });
    expect(taken).toMatchObject({ ok: true, grant: { seenCounter: 6 }, activation: { seq: 2 } });
  });

  test.for(DIALECTS)('is taken away anew where it took a right away, on %s', async (dialect, context) => {
    const { store, under, vehicle } = await acknowledged(dialect, context, true);
    await under.held({ 'SW-100': 1 });
    expect((await stateAndSeq(store)).slice(1)).toEqual(['2 revoked superseded', '3 revoked sent']);
    const taken = await under.opened(under.pushed.at(-1)!.body, vehicle, { lastSeq: 1 });
    expect(taken).toMatchObject({ ok: true, activation: { instruction: 'deactivate', seq: 3 } });
    await under.receipt(vehicle, { result: 'deactivated', reason: 'revoked', counter: 8 });
    await under.office.sweep();
    under.nowMs += 1000;
    await under.held({ 'SW-100': 3 });
    expect((await stateAndSeq(store)).at(-1)).toBe('3 revoked deactivated');
  });

  test('is told of by an event and in the audit log', async (context) => {
    const { store, under } = await acknowledged('sqlite', context, true);
    await under.held({ 'SW-100': 1 }, { counter: 4711 });
    const event = { level: 'error', vehicle: VEHICLE, counter: 4711, parts: 'SW-100' };
    expect(under.events('vehicle_rolled_back')).toMatchObject([event]);
    const entries = await store.db
      .selectFrom('audit_entries')
      .select(['action', 'target_kind', 'target_id', 'after'])
      .execute();
    expect(entries).toEqual([
      {
        ...{ action: 'state', target_kind: 'vehicle', target_id: VEHICLE },
        after: JSON.stringify({ reason: 'storage_rolled_back', parts: ['SW-100'] }),
      },
    ]);
  });

  test('is made anew once, though the vehicle says so again before it has the new one', async (context) => {
    const { store, under } = await acknowledged('sqlite', context, false);
    await Promise.all([under.held({}), under.held({})]);
    await under.held({});
    expect(await stateAndSeq(store)).toEqual(['1 active superseded', '2 active sent']);
  });

  test('is made anew for a receipt which says that the storage was put back', async (context) => {
    const { store, under, vehicle } = await acknowledged('sqlite', context, false);
    const said = { reason: 'storage_rolled_back', counter: 8 };
    await under.receipt(vehicle, { ...said, result: 'deactivated' });
    expect(await stateAndSeq(store)).toEqual(['1 active superseded', '2 active sent']);
    await under.receipt(vehicle, { ...said, result: 'refused' });
    expect(await stateAndSeq(store)).toEqual(['1 active superseded', '2 active refused']);
  });

  test.for<[string, Record<string, number> | undefined, Partial<Held>]>([
    ['it holds that, or a later one', { 'SW-100': 1 }, { counter: 1, isBehind: true }],
    ['the receipt may have overtaken the report', {}, { heardMs: 1_795_290_000_000 }],
    ['it says nothing of grants, and its counter goes on', undefined, { counter: 7 }],
  ])('is left as it is where %s', async ([, rights, differs], context) => {
    const { store, under } = await acknowledged('sqlite', context, false);
    await under.held(rights, differs);
    expect(await stateAndSeq(store)).toEqual(['1 active activated']);
  });

  test.for<[string, Partial<Held>]>([
    ['smaller than that of a receipt', { counter: 5 }],
    ['smaller than that of a report before', { isBehind: true }],
  ])(
    'is made anew for a vehicle that says nothing of grants where its counter is %s',
    async ([, differs], context) => {
      const { store, under } = await acknowledged('sqlite', context, false);
      await under.held(undefined, differs);
      expect(await stateAndSeq(store)).toEqual(['1 active superseded', '2 active sent']);
    },
  );

  test('is made anew ten times a minute for one vehicle, no more', async (context) => {
    const { store, under, vehicle } = await acknowledged('sqlite', context, false);
    for (let counter = 10; counter < 30; counter += 1) {
      await under.held({});
      await under.receipt(vehicle, { counter });
      under.nowMs += 1;
    }
    expect((await rows(store)).length).toBe(11);
  });
});
