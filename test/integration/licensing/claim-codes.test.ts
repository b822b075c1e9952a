// A vehicle asks for the code that it shows, by a signed message, and a driver claims it by that, on both databases.

import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test, type TestContext } from 'vitest';
import { type Uplink, type VehicleLine } from '../../../licensing/broker/vehicle-line.ts';
import { ClaimCodes } from '../../../licensing/drivers/claim-codes.ts';
import { ClaimDesk } from '../../../licensing/drivers/claim-desk.ts';
import { signJson, verifyJson } from '../../../licensing/grants/format/signed-json.ts';
import { type KeyPair } from '../../../licensing/pki/keys.ts';
import { type ApiUnderTest, good, openApi } from '../../support/api-app.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';
import { newDriver } from './shop-under-test.ts';
import { enrolled, newVin, vehicleKey } from './vehicle-under-test.ts';

const stores = useStores();
let api: ApiUnderTest | undefined;
afterEach(async () => {
  await api?.close();
  api = undefined;
});

interface Desk {
  readonly under: ApiUnderTest;
  readonly ask: (change?: object, key?: KeyPair) => Promise<void>;
  readonly vin: string;
  readonly pushed: string[];
  readonly broker: { isAway: boolean };
}

async function desk(under: ApiUnderTest): Promise<Desk> {
  const [vin, key] = [newVin(), vehicleKey('sm2')];
  const certificate = await enrolled(under, key, vin);
  const pushed: string[] = [];
  const broker = { isAway: false };
  let handler: ((uplink: Uplink) => Promise<void>) | undefined;
  const line: VehicleLine = {
    push: ({ body }) => {
      if (!broker.isAway) pushed.push(body);
      return Promise.resolve(!broker.isAway);
    },
    handle: (_kind, given) => void (handler = given),
    onConnected: () => undefined,
    presenceOf: () => ({ connected: true, sinceMs: null }),
  };
  new ClaimDesk({
    store: under.store,
    journal: under.app.api.journal,
    line,
    codes: new ClaimCodes(under.claimCodeKey),
    verify: (ask) => Promise.resolve(verifyJson(ask.key, ask.document)),
    sign: (_algorithm, document) => Promise.resolve(JSON.stringify(document)),
    now: Date.now,
  }).start();
  return {
    ...{ under, vin, pushed, broker },
    async ask(change = {}, by = key) {
      const head = { v: 1, typ: 'claim_code_wanted', certID: certificate.id, vin, at: 1_795_000_000 };
      const document = signJson(by, { ...head, requestId: 'r-1', ...change });
      const body = Buffer.from(JSON.stringify(document));
      await handler?.({ vehicleId: vin, certificateId: certificate.id, kind: 'claim', atMs: 1, body });
    },
  };
}

describe.each(DIALECTS)('on %s', (dialect) => {
  async function open(context: TestContext): Promise<Desk> {
    api = await openApi(await stores.open(dialect, context));
    return await desk(api);
  }

  test('the code that a vehicle gets claims it, and rests as a hash under a key', async (context) => {
    const { under, vin, ask, pushed } = await open(context);
    await ask();
    const answer = JSON.parse(pushed[0]!) as { code: string };
    expect(answer).toMatchObject({ typ: 'claim_code', vin, requestId: 'r-1' });
    const [row] = await under.store.db.selectFrom('claim_codes').selectAll().execute();
    expect(row!.code_hash).not.toBe(createHash('sha256').update(answer.code).digest('hex'));
    const driver = await newDriver(under);
    const claim = driver.ask('POST', '/v1/drivers/me/vehicles', { code: answer.code });
    expect(await good(claim)).toMatchObject({ vehicleId: vin, state: 'active' });
  });

  test('nobody gets a code with another key or for another vehicle', async (context) => {
    const { ask, pushed, under } = await open(context);
    await ask({}, vehicleKey('sm2'));
    await ask({ vin: newVin() });
    await ask({ typ: 'state' });
    expect(pushed).toEqual([]);
    const refused = under.memory.lines().filter(({ event }) => event === 'claim_code_refused');
    expect(refused.map(({ reason }) => reason)).toEqual([
      'vehicle_signature_wrong',
      'certificate_other_vehicle',
      'vehicle_document_invalid',
    ]);
  });

  test('a question whose answer the broker does not keep is dropped and told, and the next one is answered', async (context) => {
    const { ask, pushed, broker, under } = await open(context);
    broker.isAway = true;
    await ask();
    expect(under.memory.lines()).toContainEqual(
      expect.objectContaining({ event: 'answer_not_kept', kind: 'claim' }),
    );
    broker.isAway = false;
    await ask();
    expect(pushed).toHaveLength(1);
  });

  test('a vehicle that asks without end gets six codes a minute', async (context) => {
    const { ask, pushed } = await open(context);
    for (let count = 0; count < 8; count++) await ask();
    expect(pushed.length).toBe(6);
  });
});
