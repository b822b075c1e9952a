// What is tried with a vehicle, and what it refuses by itself, leaves a line in the cloud's audit log: grants, packages, and
// a clock that was set back. As many lines as a broken vehicle may write.

import { afterEach, describe, expect, test, type TestContext } from 'vitest';
import { AUDIT_REFUSALS_PER_MINUTE_MAX } from '../../../config/limits.ts';
import { OTA_REFUSALS } from '../../../licensing/vehicle/ota/refusal.ts';
import { StateStore } from '../../../licensing/vehicle/rights/state-store.ts';
import type { Store } from '../../../platform/store/store.ts';
import { type ApiUnderTest, good, openApi } from '../../support/api-app.ts';
import { addVehicle, VEHICLE } from '../../support/entitlements.ts';
import { bought, type GrantsUnderTest, useGrantOffices } from '../../support/grants.ts';
import { useStores } from '../../support/use-stores.ts';
import { Car, Cloud } from '../../unit/licensing/vehicle/cloud-and-car.ts';
import {
  ask,
  packageWanted,
  released,
  signedBy,
  type VehicleWithRight,
  vehicleWithRight,
} from './ota-under-test.ts';

const offices = useGrantOffices();
const stores = useStores();
let api: ApiUnderTest | undefined;
afterEach(async () => {
  await api?.close();
  api = undefined;
});

const lines = async (store: Store) => {
  const entries = await store.db
    .selectFrom('audit_entries')
    .select(['actor', 'action', 'target_id', 'after'])
    .where('after', 'like', '%refused%')
    .orderBy('id')
    .execute();
  return entries.map(({ actor, action, target_id: target, after }) => ({
    ...{ actor, action, target },
    ...(JSON.parse(after!) as object),
  }));
};

describe('a grant that a vehicle refuses', () => {
  const cloud = new Cloud('sm2');
  const stranger = new Cloud('sm2');

  interface World {
    readonly car: Car;
    /** The broker has what the car has said so far, and the office as well. */
    readonly tell: () => Promise<void>;
  }

  const take = async ({ car }: World, body: Buffer): Promise<void> => await car.vehicle.take('grant', body);

  interface Attack {
    readonly name: string;
    readonly code: string;
    readonly play: (world: World) => Promise<void>;
  }

  const ATTACKS: readonly Attack[] = [
    {
      name: 'made by somebody who has the public key',
      code: 'grant_forged',
      play: (world) => take(world, stranger.grant(world.car, { seq: 1 })),
    },
    {
      name: 'changed on its way',
      code: 'grant_forged',
      play: async (world) => {
        const grant = cloud.grantDocument(world.car, { seq: 1, uses: 1 });
        await take(world, Buffer.from(JSON.stringify({ ...grant, ttl: 2 * grant.ttl })));
      },
    },
    {
      name: 'signed by a key that is trusted no longer',
      code: 'kid_unknown',
      play: async (world) => {
        const withdrawn = new Cloud('sm2');
        withdrawn.rotate();
        await take(world, withdrawn.grant(world.car, { seq: 1 }));
      },
    },
    {
      name: 'of another vehicle',
      code: 'other_vehicle',
      play: (world) => take(world, cloud.grant(world.car, { seq: 1, vin: 'LSVAA4182E2184848' })),
    },
    {
      name: 'for another certificate',
      code: 'other_certificate',
      play: (world) => take(world, cloud.grant(world.car, { seq: 1, certID: 'cert_other' })),
    },
    {
      name: 'overtaken by a later one',
      code: 'seq_not_new',
      play: async (world) => {
        const first = cloud.grant(world.car, { seq: 1 });
        await take(world, cloud.grant(world.car, { seq: 2 }));
        await take(world, first);
      },
    },
    {
      name: 'replayed after what revoked it',
      code: 'seq_not_new',
      play: async (world) => {
        const first = cloud.grant(world.car, { seq: 1 });
        await take(world, first);
        await take(world, cloud.grant(world.car, { seq: 2, state: 'revoked' }));
        await world.tell();
        await take(world, first);
      },
    },
    {
      name: 'with the activation string of another grant',
      code: 'activation_differs',
      play: async (world) => {
        const activation = activationOf(cloud, world.car, 5);
        await take(world, cloud.grant(world.car, { seq: 1, inside: (given) => ({ ...given, activation }) }));
      },
    },
    {
      name: 'with an activation string by a foreign key',
      code: 'activation_forged',
      play: async (world) => {
        const activation = activationOf(stranger, world.car, 1);
        await take(world, cloud.grant(world.car, { seq: 1, inside: (given) => ({ ...given, activation }) }));
      },
    },
  ];

  function activationOf(by: Cloud, car: Car, seq: number): string {
    let found = '';
    by.grantDocument(car, { seq, inside: (given) => ((found = given.activation), given) });
    return found;
  }

  /** A car whose certificate the office knows. */
  async function world(context: TestContext): Promise<World & { store: Store; under: GrantsUnderTest }> {
    const { store, under } = await offices.open('sqlite', context);
    const car = new Car(cloud, VEHICLE, { installed: { 'P-1': '1.0' } });
    const { id: authority } = await under.authorities.of('sm2');
    await store.db
      .insertInto('certificates')
      .values({
        ...{ id: car.certID, vehicle_id: VEHICLE, customer_id: null, authority_id: authority },
        ...{ algorithm: 'sm2', serial: '1', key_fingerprint: '1', replaces: null },
        ...{ certificate: cloud.certificate(VEHICLE, car.key).vehicle },
        ...{
          not_before: 0,
          not_after: 2 * under.nowMs,
          revoked_at: null,
          revoked_reason: null,
          created_at: 0,
        },
      })
      .execute();
    const tell = async (): Promise<void> => {
      const vehicle = { key: car.key, certificateId: car.certID };
      for (const { kind, body } of car.vehicle.state.outbox)
        if (kind === 'receipt') await under.receipt(vehicle, {}, { body: Buffer.from(body) });
      StateStore.open(car.files())!.change((state) => ({ ...state, outbox: [] }));
      car.boot();
    };
    return { store, under, car, tell };
  }

  test.for(ATTACKS)('as it is $name is told and noted: $code', async ({ code, play }, context) => {
    const at = await world(context);
    await play(at);
    await at.tell();
    expect(at.car.refused()).toEqual([code]);
    expect(at.under.events('grant_refused')).toMatchObject([{ vehicle: VEHICLE, part: 'P-1', reason: code }]);
    const noted = (await lines(at.store)).filter(({ action }) => action === 'grant');
    const who = { actor: `vehicle ${VEHICLE}`, target: 'grn_P-1_1' };
    expect(noted).toEqual([{ ...who, action: 'grant', refused: code, partNumber: 'P-1', seq: 1 }]);
  });

  test('that it took before is noted once for each time that it comes, and stays what it is', async (context) => {
    const { store, under } = await offices.open('sqlite', context);
    const vehicle = await under.certify('sm2');
    await under.hear(await bought(store, under));
    await under.receipt(vehicle, { counter: 1 });
    for (const counter of [2, 2, 3, 1])
      await under.receipt(vehicle, { result: 'refused', reason: 'seq_not_new', counter });
    expect(await lines(store)).toMatchObject([{ refused: 'seq_not_new' }, { refused: 'seq_not_new' }]);
    expect(under.events('grant_refused')).toHaveLength(2);
    const grants = await store.db.selectFrom('grants').select(['state', 'receipt_result']).execute();
    expect(grants).toEqual([{ state: 'activated', receipt_result: 'activated' }]);
  });

  test('a vehicle that refuses without end fills no more than its share of the log', async (context) => {
    const { store, under } = await offices.open('sqlite', context);
    const vehicle = await under.certify('rsa');
    await under.hear(await bought(store, under));
    for (let counter = 1; counter <= AUDIT_REFUSALS_PER_MINUTE_MAX + 20; counter += 1)
      await under.receipt(vehicle, { result: 'refused', reason: 'kid_unknown', counter });
    expect(await lines(store)).toHaveLength(AUDIT_REFUSALS_PER_MINUTE_MAX);
  });

  test('is seen by the customer whose vehicle it is', async (context) => {
    const { store, under } = await offices.open('sqlite', context);
    const vin = 'LSVAA4182E2184849';
    await addVehicle(store, vin);
    const vehicle = await under.certify('rsa', { vehicleId: vin });
    const customer = { id: 'cus_1', name: 'Maker', status: 'active', created_at: 1, updated_at: 1 } as const;
    await store.db.insertInto('customers').values(customer).execute();
    await store.db.updateTable('certificates').set({ customer_id: 'cus_1' }).execute();
    const said = { vin, grantId: 'gra_no', seq: 1, result: 'refused', reason: 'grant_forged' } as const;
    await under.receipt(vehicle, said, { vehicleId: vin });
    const entries = await store.db.selectFrom('audit_entries').select('customer_id').execute();
    expect(entries).toEqual([{ customer_id: 'cus_1' }]);
  });
});

describe('a package that a vehicle refuses', () => {
  async function open(context: TestContext): Promise<{ under: ApiUnderTest; vehicle: VehicleWithRight }> {
    api = await openApi(await stores.open('sqlite', context));
    return { under: api, vehicle: await vehicleWithRight(api) };
  }

  let counter = 0;
  async function report(under: ApiUnderTest, vehicle: VehicleWithRight, fields: object): Promise<void> {
    counter += 1;
    const document = signedBy(vehicle, 'state', { counter, installed: [], ...fields });
    const body = Buffer.from(JSON.stringify(document));
    const { vin: vehicleId, certificateId } = vehicle;
    await under.ota.take({ vehicleId, certificateId, kind: 'state', atMs: Date.now(), body });
  }

  const told = (under: ApiUnderTest, name: string): object[] =>
    under.memory.lines().filter(({ event }) => event === name);

  test('is kept with its request, told once and noted once, whatever it was refused for', async (context) => {
    const { under, vehicle } = await open(context);
    const { id: target } = await released(under, '1.4.0', {}, Buffer.alloc(10));
    // Then it asks again.
    const reasons = OTA_REFUSALS.filter((reason) => reason !== 'stopped');
    for (const reason of reasons) {
      const { requestId } = await ask(under, packageWanted(vehicle, { requestId: `req_${reason}` }));
      const refused = [{ partNumber: 'adas.lane', requestId, reason }];
      await report(under, vehicle, { refused });
      await report(under, vehicle, { refused });
    }
    const requests = await good<{ data: { id: string }[] }>(under.owner('GET', '/v1/ota/requests'));
    const shown = requests.data.toReversed();
    expect(shown).toMatchObject(
      reasons.map((reason) => ({
        ...{ requestId: `req_${reason}`, state: 'offered', vehicleReason: reason },
        vehicleRefusedAt: expect.any(String) as string,
      })),
    );
    const actor = `vehicle ${vehicle.vin}`;
    expect(await lines(under.store)).toEqual(
      reasons.map((reason, index) => ({
        ...{ actor, action: 'package', target, refused: reason, partNumber: 'adas.lane' },
        request: shown[index]!.id,
      })),
    );
    // Its log names ten of one vehicle in a row.
    expect(told(under, 'package_not_taken').slice(0, 10)).toMatchObject(
      reasons.slice(0, 10).map((reason) => ({ vehicle: vehicle.vin, package: target, reason })),
    );
  });

  test('that it was never offered is none', async (context) => {
    const { under, vehicle } = await open(context);
    // There is no such package.
    const { requestId } = await ask(under, packageWanted(vehicle));
    const other = await vehicleWithRight(under);
    await released(under, '1.4.0', {}, Buffer.alloc(10));
    const foreign = await ask(under, packageWanted(other));
    const refused = [requestId, foreign.requestId, 'req_made_up'].map((id) => {
      return { partNumber: 'adas.lane', requestId: id, reason: 'content_wrong' };
    });
    await report(under, vehicle, { refused });
    expect([await lines(under.store), told(under, 'package_not_taken')]).toEqual([[], []]);
  });

  test('a clock that was set back is told and noted', async (context) => {
    const { under, vehicle } = await open(context);
    await report(under, vehicle, { clockBehindS: 86_400 });
    await report(under, vehicle, {});
    const { vin } = vehicle;
    expect(await lines(under.store)).toEqual([
      {
        actor: `vehicle ${vin}`,
        action: 'clock',
        target: vin,
        refused: 'clock_rolled_back',
        behindS: 86_400,
      },
    ]);
    expect(told(under, 'vehicle_clock_behind')).toMatchObject([{ vehicle: vin, behindS: 86_400 }]);
  });
});
