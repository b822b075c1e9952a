// Grants from a change of an entitlement to the receipt: exactly one for each change however often it is heard of, none
// lost, none that the vehicle cannot open, and no receipt that is not its own.

import { describe, expect, test, type TestContext } from 'vitest';
import {
  GRANT_LOGIN_RETRY_MS_MAX,
  GRANT_LOGIN_RETRY_MS_MIN,
  GRANTS_PER_SWEEP_MAX,
} from '../../../config/limits.ts';
import { amend, findEntitlement } from '../../../licensing/entitlements/entitlement-book.ts';
import { makeKeyPair } from '../../../licensing/pki/keys.ts';
import type { Store } from '../../../platform/store/store.ts';
import { addVehicle, change, DAY_MS, VEHICLE } from '../../support/entitlements.ts';
import { bought, type GrantsUnderTest, rows, stateAndSeq, useGrantOffices } from '../../support/grants.ts';
import { DIALECTS } from '../../support/use-stores.ts';

const { open, officeOver } = useGrantOffices();

describe.each(DIALECTS)('on %s', (dialect) => {
  test('an entitlement heard of five times in parallel, by two processes, makes exactly one grant', async (context) => {
    const { store, under } = await open(dialect, context);
    const other = officeOver(store);
    await under.certify('rsa');
    const id = await bought(store, under);
    await Promise.all([under, other, under, other, under].map((office) => office.hear(id)));
    expect(await stateAndSeq(store)).toEqual(['1 active sent']);
    const documents = [...under.pushed, ...other.pushed].map(({ body }) => body);
    expect([new Set(documents).size, under.pushed.length <= 1, other.pushed.length <= 1]).toEqual([
      1,
      true,
      true,
    ]);
  });

  test('five that number at once number one', async (context) => {
    const { store, under } = await open(dialect, context);
    const { numberGrant } = await import('../../../licensing/grants/grant-records.ts');
    await under.certify('rsa');
    await bought(store, under);
    const slot = { vehicleId: VEHICLE, partNumber: 'SW-100' };
    const made = await Promise.all(
      [1, 2, 3, 4, 5].map(() => store.write((tx) => numberGrant(tx, slot, under.nowMs))),
    );
    expect(new Set(made.map((row) => row?.id)).size).toBe(1);
    expect((await rows(store)).length).toBe(1);
  });

  test('the receipt is taken once, and a later one of the same grant changes its state', async (context) => {
    const { store, under } = await open(dialect, context);
    const vehicle = await under.certify('rsa');
    await under.hear(await bought(store, under));
    await under.receipt(vehicle, { result: 'waits_for_package', counter: 1 });
    expect(await stateAndSeq(store)).toEqual(['1 active received']);
    await under.receipt(vehicle, { counter: 2 });
    await under.receipt(vehicle, { counter: 2 });
    await under.receipt(vehicle, { result: 'waits_for_package', counter: 1 });
    await under.receipt(vehicle, { result: 'refused', reason: 'seq_not_new', counter: 3 });
    expect(await stateAndSeq(store)).toEqual(['1 active activated']);
    expect(under.events('grant_receipted').map(({ result }) => result)).toEqual([
      'waits_for_package',
      'activated',
    ]);
  });
});

describe('a grant', () => {
  test.for(['rsa', 'sm2'] as const)(
    'for an %s vehicle says what was bought, and the vehicle opens it',
    async (algorithm, context) => {
      const { store, under } = await open('sqlite', context);
      const vehicle = await under.certify(algorithm);
      const id = await bought(store, under, { rights: { uses: 5, functions: ['lane', '泊车'] } });
      await under.hear(id);
      const startsAt = under.nowMs / 1000;
      expect(await under.opened(under.pushed[0]!.body, vehicle)).toMatchObject({
        ok: true,
        content: {
          softRight: {
            ...{ version: '1.0', versionRule: 'at_least', functions: ['lane', '泊车'], entitlementId: id },
            ...{ startsAt, endsAt: startsAt + 30 * 86_400, uses: 5, correction: null },
          },
        },
        activation: { instruction: 'activate', durationS: 30 * 86_400, count: 5 },
      });
    },
  );

  test('carries the login of its correction service, which rests nowhere', async (context) => {
    const { store, under } = await open('sqlite', context);
    const vehicle = await under.certify('rsa');
    under.login = {
      host: 'h',
      port: 2101,
      tls: false,
      mountpoint: 'M',
      username: 'u',
      password: 'pass-4711',
    };
    await under.hear(await bought(store, under, { rights: { correction: { appId: 'app_1' } } }));
    const taken = await under.opened(under.pushed[0]!.body, vehicle);
    expect(taken).toMatchObject({ content: { softRight: { correction: under.login } } });
    expect(JSON.stringify([await rows(store), under.memory.lines()])).not.toContain('pass-4711');
  });

  test('that went out without a login is followed by one that carries it as soon as there is one', async (context) => {
    const { store, under } = await open('sqlite', context);
    const vehicle = await under.certify('rsa');
    await under.hear(await bought(store, under, { rights: { correction: { appId: 'app_1' } } }));
    under.nowMs += GRANT_LOGIN_RETRY_MS_MIN;
    await under.office.sweep();
    expect(await stateAndSeq(store)).toEqual(['1 active sent']);
    under.login = { host: 'h', port: 2101, tls: false, mountpoint: 'M', username: 'u', password: 'p' };
    under.nowMs += GRANT_LOGIN_RETRY_MS_MIN;
    await under.office.sweep();
    under.nowMs += GRANT_LOGIN_RETRY_MS_MAX;
    await under.office.sweep();
    expect(await stateAndSeq(store)).toEqual(['1 active superseded', '2 active sent']);
    const taken = await under.opened(under.pushed[1]!.body, vehicle, { lastSeq: 1 });
    expect(taken).toMatchObject({ content: { softRight: { correction: under.login } } });
  });

  test('waits for a certificate, and is made when there is one', async (context) => {
    const { store, under } = await open('sqlite', context);
    await under.hear(await bought(store, under));
    expect(await rows(store)).toEqual([]);
    const { certificateId } = await under.certify('rsa');
    under.bus.publish({ kind: 'certificate', id: certificateId });
    await expect.poll(() => stateAndSeq(store)).toEqual(['1 active sent']);
  });

  test.for([
    ['suspend', 'resume'],
    ['suspend', 'revoke'],
  ] as const)(
    'is taken away by %s and follows %s, each with the next number',
    async ([first, second], context) => {
      const { store, under } = await open('sqlite', context);
      const vehicle = await under.certify('rsa');
      const id = await bought(store, under);
      await under.hear(id);
      await change(store, id, first, under.nowMs + 1000);
      await under.hear(id);
      await change(store, id, second, under.nowMs + 2000);
      await under.hear(id);
      const states = await stateAndSeq(store);
      const resumed = ['1 active superseded', '2 revoked superseded', '3 active sent'];
      expect(states).toEqual(second === 'resume' ? resumed : ['1 active superseded', '2 revoked sent']);
      const taken = await under.opened(under.pushed[1]!.body, vehicle, { lastSeq: 1 });
      expect(taken).toMatchObject({ ok: true, activation: { instruction: 'deactivate', count: 0 } });
    },
  );

  test('is taken away when the right has run out, though nobody has written that down yet', async (context) => {
    const { store, under } = await open('sqlite', context);
    await under.certify('rsa');
    const id = await bought(store, under);
    await under.hear(id);
    under.nowMs += 31 * DAY_MS;
    await under.hear(id);
    expect(await stateAndSeq(store)).toEqual(['1 active superseded', '2 revoked sent']);
  });

  test('is not made anew by a change that changes nothing for the vehicle', async (context) => {
    const { store, under } = await open('sqlite', context);
    await under.certify('rsa');
    const id = await bought(store, under, { rights: { uses: 5 } });
    await under.hear(id);
    await store.write(async (tx) => {
      const row = await findEntitlement(tx, id);
      await amend(tx, row!, 'count_uses', { actor: 'system', nowMs: under.nowMs }, { uses_left: 3 });
    });
    await under.hear(id);
    const found = await rows(store);
    expect(found.map(({ seq, revision }) => [seq, revision])).toEqual([[1, 2]]);
  });

  test('is made for a renewed certificate, and by a visit where nobody told of it', async (context) => {
    const { store, under } = await open('sqlite', context);
    await under.certify('rsa');
    await under.hear(await bought(store, under));
    const renewed = await under.certify('rsa', { isRenewal: true });
    under.connect();
    under.nowMs += 1000;
    await under.office.sweep();
    expect(await stateAndSeq(store)).toEqual(['1 active superseded', '2 active sent']);
    expect(await under.opened(under.pushed[1]!.body, renewed)).toMatchObject({ ok: true });
  });

  test('is made anew when its offline lease nears its end', async (context) => {
    const { store, under } = await open('sqlite', context);
    await under.certify('rsa');
    await under.hear(await bought(store, under, { rights: { validSeconds: null } }));
    under.nowMs += 20 * DAY_MS - 1;
    await under.office.sweep();
    expect((await rows(store)).length).toBe(1);
    under.nowMs += 1;
    await under.office.sweep();
    await under.office.sweep();
    expect(await stateAndSeq(store)).toEqual(['1 active superseded', '2 active sent']);
  });

  test('stays made while the broker is away, and goes out when it is back', async (context) => {
    const { store, under } = await open('sqlite', context);
    await under.certify('rsa');
    under.isBrokerThere = false;
    await under.hear(await bought(store, under));
    expect(await stateAndSeq(store)).toEqual(['1 active made']);
    under.isBrokerThere = true;
    under.nowMs += 5001;
    await under.office.sweep();
    expect(await stateAndSeq(store)).toEqual(['1 active sent']);
  });

  test('that was numbered when the process ended is made by the next one', async (context) => {
    const { store, under } = await open('sqlite', context);
    await under.certify('rsa');
    const { numberGrant } = await import('../../../licensing/grants/grant-records.ts');
    await bought(store, under);
    const slot = { vehicleId: VEHICLE, partNumber: 'SW-100' };
    await store.write((tx) => numberGrant(tx, slot, under.nowMs));
    under.nowMs += 5001;
    await under.office.sweep();
    expect([await stateAndSeq(store), under.pushed.length]).toEqual([['1 active sent'], 1]);
  });

  test('without a receipt goes out again when the vehicle is back, with one it does not', async (context) => {
    const { store, under } = await open('sqlite', context);
    const vehicle = await under.certify('rsa');
    await under.hear(await bought(store, under));
    const visit = async (): Promise<void> => {
      under.nowMs += 5000;
      under.connect();
      under.nowMs += 1000;
      await under.office.sweep();
    };
    await visit();
    expect(under.pushed.map(({ body }) => body)).toEqual([under.pushed[0]!.body, under.pushed[0]!.body]);
    await under.receipt(vehicle);
    await visit();
    expect(under.pushed.length).toBe(2);
    expect(await stateAndSeq(store)).toEqual(['1 active activated']);
  });

  test('waits for one sweep more behind many vehicles that came back before, between which others have their turn', async (context) => {
    const { store, under } = await open('sqlite', context);
    await under.certify('rsa');
    await under.hear(await bought(store, under));
    under.nowMs += 5000;
    for (let n = 0; n < GRANTS_PER_SWEEP_MAX; n += 1) under.connect(`OTHER${n}`);
    under.connect();
    under.nowMs += 1000;
    let turns = 0;
    let isSweeping = true;
    const count = (): void => {
      turns += 1;
      if (isSweeping) setImmediate(count);
    };
    count();
    await under.office.sweep();
    isSweeping = false;
    expect([under.pushed.length, turns > GRANTS_PER_SWEEP_MAX]).toEqual([1, true]);
    await under.office.sweep();
    expect(under.pushed.length).toBe(2);
  });
});

describe('a grant that is refused', () => {
  async function sent(context: TestContext) {
    const { store, under } = await open('sqlite', context);
    const vehicle = await under.certify('sm2');
    await under.hear(await bought(store, under));
    return { store, under, vehicle };
  }

  test.for(['kid_unknown', 'other_certificate', 'not_valid_yet'])(
    'for %s goes out again a minute later, and counts when it is taken',
    async (reason, context) => {
      const { store, under, vehicle } = await sent(context);
      await under.receipt(vehicle, { result: 'refused', reason, counter: 1 });
      expect(await stateAndSeq(store)).toEqual(['1 active sent']);
      under.nowMs += 60_000;
      await under.office.sweep();
      expect(under.pushed.length).toBe(1);
      under.nowMs += 5000;
      await under.office.sweep();
      expect(under.pushed.map(({ body }) => body)).toEqual([under.pushed[0]!.body, under.pushed[0]!.body]);
      await under.receipt(vehicle, { counter: 2 });
      expect(await stateAndSeq(store)).toEqual(['1 active activated']);
    },
  );

  test('for what passes by a vehicle which takes none goes out ten times more, then when it connects', async (context) => {
    const { under, vehicle } = await sent(context);
    for (let counter = 1; counter <= 20; counter += 1) {
      await under.receipt(vehicle, { result: 'refused', reason: 'kid_unknown', counter });
      under.nowMs += 65_000;
      await under.office.sweep();
    }
    expect(under.pushed.length).toBe(11);
    under.connect();
    under.nowMs += 1000;
    await under.office.sweep();
    expect(under.pushed.length).toBe(12);
  });

  test('for what does not pass stays refused', async (context) => {
    const { store, under, vehicle } = await sent(context);
    await under.receipt(vehicle, { result: 'refused', reason: 'content_tampered', counter: 1 });
    under.nowMs += 65_000;
    await under.office.sweep();
    expect([await stateAndSeq(store), under.pushed.length]).toEqual([['1 active refused'], 1]);
  });
});

describe('a receipt is refused, told of and noted where', () => {
  async function sent(context: TestContext) {
    const { store, under } = await open('sqlite', context);
    const vehicle = await under.certify('sm2');
    await under.hear(await bought(store, under));
    return { store, under, vehicle };
  }

  async function expectRefused(store: Store, under: GrantsUnderTest, reason: string): Promise<void> {
    expect(under.events('receipt_forged')).toMatchObject([{ vehicle: expect.any(String) as string, reason }]);
    const entries = await store.db.selectFrom('audit_entries').select(['action', 'after']).execute();
    expect(entries).toEqual([{ action: 'receipt', after: JSON.stringify({ refused: reason }) }]);
    expect(await stateAndSeq(store)).toEqual(['1 active sent']);
  }

  test('another key signed it', async (context) => {
    const { store, under, vehicle } = await sent(context);
    await under.receipt({ ...vehicle, key: makeKeyPair('sm2') });
    await expectRefused(store, under, 'vehicle_signature_wrong');
  });

  test('another vehicle sent it', async (context) => {
    const { store, under, vehicle } = await sent(context);
    await under.receipt(vehicle, {}, { vehicleId: 'LSVAA4182E2184848' });
    await expectRefused(store, under, 'certificate_other_vehicle');
  });

  test('the grant is another vehicle’s', async (context) => {
    const { store, under } = await sent(context);
    const vin = 'LSVAA4182E2184848';
    await addVehicle(store, vin);
    const other = await under.certify('sm2', { vehicleId: vin });
    await under.receipt(other, { vin }, { vehicleId: vin });
    await expectRefused(store, under, 'grant_other_vehicle');
  });

  test('it names another number', async (context) => {
    const { store, under, vehicle } = await sent(context);
    await under.receipt(vehicle, { seq: 2 });
    await expectRefused(store, under, 'receipt_differs');
  });

  test('there is no such grant', async (context) => {
    const { store, under, vehicle } = await sent(context);
    await under.receipt(vehicle, { grantId: 'gra_no' });
    await expectRefused(store, under, 'grant_unknown');
  });

  test('it is no receipt', async (context) => {
    const { store, under, vehicle } = await sent(context);
    await under.receipt(vehicle, {}, { body: Buffer.from('{"v":1,"v":1}') });
    await expectRefused(store, under, 'vehicle_document_invalid');
  });
});
