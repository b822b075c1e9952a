// Who is offered which package, what the addresses are good for, and what is refused, on both databases.

import { afterEach, describe, expect, test, type TestContext } from 'vitest';
import { OTA_QUESTIONS_PER_MINUTE_MAX } from '../../../config/limits.ts';
import type { Uplink, VehicleLine } from '../../../licensing/broker/vehicle-line.ts';
import { changeEntitlement } from '../../../licensing/entitlements/entitlement-book.ts';
import { verifyJson } from '../../../licensing/grants/format/signed-json.ts';
import type { Held } from '../../../licensing/ota/manifests.ts';
import { isInShare } from '../../../licensing/ota/choose-package.ts';
import { KEY_ALGORITHMS } from '../../../licensing/pki/keys.ts';
import { type ApiUnderTest, good, openApi } from '../../support/api-app.ts';
import { otherSpelling } from '../../support/other-spelling.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';
import {
  ask,
  fetchFrom,
  packageWanted,
  proofOf,
  released,
  signedBy,
  tokenOf,
  type VehicleWithRight,
  vehicleWithRight,
} from './ota-under-test.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const stores = useStores();
const clock = { aheadMs: 0 };
let api: ApiUnderTest | undefined;
afterEach(async () => {
  clock.aheadMs = 0;
  await api?.close();
  api = undefined;
});

describe.each(DIALECTS)('on %s', (dialect) => {
  async function open(context: TestContext): Promise<ApiUnderTest> {
    api = await openApi(await stores.open(dialect, context), { now: () => Date.now() + clock.aheadMs });
    return api;
  }

  const change = (
    under: ApiUnderTest,
    { entitlementId }: VehicleWithRight,
    to: 'refund' | 'suspend' | 'resume',
  ) => under.store.write((tx) => changeEntitlement(tx, entitlementId, to, 'test', Date.now()));

  test.for(KEY_ALGORITHMS)(
    'a vehicle with a right and a key of %s is offered the newest package that fits, and downloads it',
    async (algorithm, context) => {
      const under = await open(context);
      await released(under, '1.4.0');
      const newest = await released(under, '1.10.0');
      await released(under, '1.3.9');
      const vehicle = await vehicleWithRight(under, { algorithm });
      const offer = await ask(under, packageWanted(vehicle));
      expect(offer).toMatchObject({ ok: true, reason: null, targetName: newest.id, vin: vehicle.vin });
      expect(verifyJson(under.offerKey, offer)).toBe(true);
      const got = await fetchFrom(under, offer.url!, { 'vehicle-proof': proofOf(vehicle, offer) });
      expect([got.status, got.bytes.equals(newest.content)]).toEqual([200, true]);
    },
  );

  test('who has no right, whose right is refunded or suspended is offered nothing', async (context) => {
    const under = await open(context);
    await released(under);
    const vehicle = await vehicleWithRight(under);
    const reasons: (string | null)[] = [];
    const asked = async (fields: object = {}) => {
      reasons.push((await ask(under, packageWanted(vehicle, fields))).reason);
    };
    await asked({ partNumber: 'other.part' });
    await change(under, vehicle, 'suspend');
    await asked();
    await change(under, vehicle, 'resume');
    await asked();
    await change(under, vehicle, 'refund');
    await asked();
    expect(reasons).toEqual(['no_right', 'no_right', null, 'no_right']);
  });

  test('each reason for which no package fits has its own code', async (context) => {
    const under = await open(context);
    const vehicle = await vehicleWithRight(under);
    const reason = async (fields: object = {}) => (await ask(under, packageWanted(vehicle, fields))).reason;
    expect(await reason()).toBe('no_package');
    await released(under, '1.3.0');
    expect(await reason()).toBe('version_not_of_right');
    const facts = {
      minVersionFrom: '1.2.0',
      compatibility: { requires: [{ partNumber: 'base.os', version: '7' }] },
    };
    const { releaseId } = await released(under, '1.4.0', facts);
    expect(await reason()).toBe('base_version_too_old');
    expect(await reason({ installedVersion: '1.4' })).toBe('already_installed');
    expect(await reason({ installedVersion: '1.5' })).toBe('older_than_installed');
    expect(await reason({ installedVersion: '1.2.0' })).toBe('part_missing');
    await report(under, vehicle, 1);
    expect(await reason({ installedVersion: '1.2.0' })).toBe(null);
    await good(under.owner('POST', `/v1/releases/${releaseId}/pause`));
    expect(await reason({ installedVersion: '1.2.0' })).toBe('release_paused');
    await released(under, '2.0', { compatibility: { vehicleIdPrefixes: ['WVW'] } });
    expect(await reason({ installedVersion: '1.2.0' })).toBe('vehicle_not_meant');
  });

  test('a vehicle is offered packages of its own customer and of the operator, and of no other', async (context) => {
    const under = await open(context);
    const vehicle = await vehicleWithRight(under);
    const { releaseId } = await released(under);
    const asked = async () => (await ask(under, packageWanted(vehicle))).reason;
    const { id: other } = await under.customer();
    const { id: own } = await under.customer();
    const owners = async (ofRelease: string | null, ofVehicle: string | null) => {
      const { db } = under.store;
      await db.updateTable('releases').set({ customer_id: ofRelease }).where('id', '=', releaseId).execute();
      await db.updateTable('certificates').set({ customer_id: ofVehicle }).execute();
      return await asked();
    };
    expect(await owners(other, own)).toBe('no_package');
    expect(await owners(other, null)).toBe('no_package');
    expect([await owners(own, own), await owners(null, own)]).toEqual([null, null]);
  });

  test('a question asked again after a later one is decided anew, and offers what it decided', async (context) => {
    const under = await open(context);
    const old = await released(under);
    const vehicle = await vehicleWithRight(under);
    const first = packageWanted(vehicle);
    await ask(under, first);
    await ask(under, packageWanted(vehicle));
    const newer = await released(under, '1.5.0');
    clock.aheadMs += 1000;
    expect(await ask(under, first)).toMatchObject({ ok: true, targetName: newer.id });
    await good(under.owner('POST', `/v1/releases/${newer.releaseId}/pause`));
    clock.aheadMs += 1000;
    expect(await ask(under, first)).toMatchObject({ ok: true, targetName: old.id });
  });

  test('a package that cannot be handed out any more is refused, and the next question is answered', async (context) => {
    const under = await open(context);
    const { id } = await released(under);
    const vehicle = await vehicleWithRight(under);
    await under.store.db.updateTable('packages').set({ sha256: null }).where('id', '=', id).execute();
    expect(await ask(under, packageWanted(vehicle))).toMatchObject({ ok: false, reason: 'no_package' });
    const requests = await good<{ data: object[] }>(under.owner('GET', '/v1/ota/requests'));
    expect(requests.data).toMatchObject([{ state: 'refused', reason: 'no_package' }]);
    await released(under, '1.5.0');
    expect(await ask(under, packageWanted(vehicle))).toMatchObject({ ok: true });
  });

  test('a vehicle that asks by HTTP more often than it may waits, and another one does not', async (context) => {
    const under = await open(context);
    const [vehicle, other] = [await vehicleWithRight(under), await vehicleWithRight(under)];
    for (let count = 0; count < OTA_QUESTIONS_PER_MINUTE_MAX; count++) {
      await ask(under, packageWanted(vehicle));
    }
    const beyond = await under.nobody('POST', '/v1/ota/requests', packageWanted(vehicle));
    expect(beyond.body).toMatchObject({ code: 'too_many_requests' });
    expect(await ask(under, packageWanted(other))).toMatchObject({ reason: 'no_package' });
  });

  test('a release for some of the vehicles goes to the same ones each time, and to more when it is widened', async (context) => {
    const under = await open(context);
    const { releaseId } = await released(under);
    const share = (percent: number) =>
      under.owner('PATCH', `/v1/releases/${releaseId}`, { sharePercent: percent });
    const vehicle = await vehicleWithRight(under);
    const least = [...Array(100).keys()].findIndex((at) =>
      isInShare({ id: releaseId, share_percent: at + 1 }, vehicle.vin),
    );
    await good(share(Math.max(1, least)));
    const isOut = (await ask(under, packageWanted(vehicle))).reason;
    await good(share(least + 1));
    const isIn = (await ask(under, packageWanted(vehicle))).reason;
    expect([isOut, isIn]).toEqual([least === 0 ? null : 'not_in_share', null]);
  });

  test('questions that are forged, of another vehicle or by a bad certificate are refused each by its own code', async (context) => {
    const under = await open(context);
    await released(under);
    const [mine, other] = [await vehicleWithRight(under), await vehicleWithRight(under)];
    const code = async (document: object) =>
      ((await under.nobody('POST', '/v1/ota/requests', document)).body as { code: string }).code;
    expect(await code({ ...packageWanted(mine), version: '9' })).toBe('vehicle_signature_wrong');
    expect(await code({ ...packageWanted(mine), sig: 'AAAA' })).toBe('vehicle_signature_wrong');
    expect(await code(packageWanted({ ...mine, vin: other.vin }))).toBe('certificate_other_vehicle');
    expect(await code(packageWanted({ ...mine, certificateId: 'cert_none' }))).toBe('certificate_unknown');
    expect(await code(packageWanted(mine, { version: 'one' }))).toBe('vehicle_document_invalid');
    await good(under.owner('POST', `/v1/certificates/${mine.certificateId}/revoke`, {}));
    expect(await code(packageWanted(mine))).toBe('certificate_revoked');
    clock.aheadMs = 101 * DAY_MS;
    expect(await code(packageWanted(other))).toBe('certificate_expired');
  });

  test('on its line a vehicle is answered where the broker keeps the answer, else its question is dropped and told, and nobody is answered for another one', async (context) => {
    const under = await open(context);
    await released(under);
    const [mine, other] = [await vehicleWithRight(under), await vehicleWithRight(under)];
    const line = new LineUnderTest();
    under.ota.start(line);
    const take = (from: VehicleWithRight, document: object) =>
      line.handlers.get('ota')!({
        ...{ vehicleId: from.vin, certificateId: from.certificateId, kind: 'ota', atMs: 1 },
        body: Buffer.from(JSON.stringify(document)),
      });
    line.isUp = false;
    await take(mine, packageWanted(mine));
    expect(under.memory.lines()).toContainEqual(
      expect.objectContaining({ event: 'answer_not_kept', vehicle: mine.vin, kind: 'ota' }),
    );
    line.isUp = true;
    await take(mine, packageWanted(mine));
    await take(other, packageWanted(mine));
    expect(line.pushed).toMatchObject([{ vehicleId: mine.vin, kind: 'ota' }]);
    expect(JSON.parse(line.pushed[0]!.body)).toMatchObject({ typ: 'package_offer', ok: true });
    const refused = under.memory.lines().filter(({ event }) => event === 'document_refused');
    expect(refused).toMatchObject([{ vehicle: other.vin, reason: 'certificate_other_vehicle' }]);
  });

  test('an address that was altered, is old, or belongs to another vehicle is refused by its own code and noted', async (context) => {
    const under = await open(context);
    await released(under);
    const [mine, other] = [await vehicleWithRight(under), await vehicleWithRight(under)];
    const offer = await ask(under, packageWanted(mine));
    const others = await ask(under, packageWanted(other));
    const proof = proofOf(mine, offer);
    const code = async (url: string, shown = proof) =>
      (await fetchFrom(under, url, { 'vehicle-proof': shown })).body as { code: string };
    const [id, , mac] = tokenOf(offer).split('.');
    const altered = offer.url!.replace(tokenOf(offer), `${id}.zzzzzz.${mac}`);
    expect(await code(altered)).toMatchObject({ code: 'ota_url_invalid' });
    expect(await code(offer.url!.replace(tokenOf(offer), 'hello'))).toMatchObject({
      code: 'ota_url_invalid',
    });
    const foreignMac = tokenOf(others).split('.')[2]!;
    expect(await code(offer.url!.replace(mac!, foreignMac))).toMatchObject({ code: 'ota_url_invalid' });
    expect((await fetchFrom(under, offer.url!)).body).toMatchObject({ code: 'vehicle_proof_missing' });
    // Whoever has the address of another vehicle has a key of his own only.
    const stolen = proofOf(other, offer);
    expect(await code(offer.url!, stolen)).toMatchObject({ code: 'ota_url_other_vehicle' });
    expect(await code(offer.url!, proofOf(mine, others))).toMatchObject({ code: 'ota_url_other_vehicle' });
    const forged = proofOf({ ...mine, key: other.key }, offer);
    expect(await code(offer.url!, forged)).toMatchObject({ code: 'vehicle_signature_wrong' });
    clock.aheadMs = HOUR_MS + 1000;
    expect(await code(offer.url!)).toMatchObject({ code: 'ota_url_expired' });
    const noted = await under.store.db
      .selectFrom('audit_entries')
      .select('after')
      .where('action', '=', 'getOtaFile')
      .where('target_id', '=', mine.vin)
      .execute();
    const codes = new Set(noted.map(({ after }) => (JSON.parse(after!) as { refused: string }).refused));
    expect([...codes].toSorted()).toEqual([
      'ota_url_expired',
      'ota_url_invalid',
      'ota_url_other_vehicle',
      'vehicle_proof_missing',
      'vehicle_signature_wrong',
    ]);
  });

  test('a proof that is written otherwise than an encoder writes it is none', async (context) => {
    const under = await open(context);
    await released(under);
    const vehicle = await vehicleWithRight(under);
    const offer = await ask(under, packageWanted(vehicle));
    const text = Buffer.from(proofOf(vehicle, offer), 'base64url').toString();
    // One byte beyond a multiple of three: the last character has bits to spare.
    const proof = Buffer.from(text.padEnd(text.length + 3 - ((text.length + 2) % 3))).toString('base64url');
    const fetched = await fetchFrom(under, offer.url!, { 'vehicle-proof': otherSpelling(proof) });
    expect(fetched.body).toMatchObject({ code: 'vehicle_proof_missing' });
    expect((await fetchFrom(under, offer.url!, { 'vehicle-proof': proof })).status).toBe(200);
  });

  test('an address is good no more after a refund, and while its release is paused', async (context) => {
    const under = await open(context);
    const { releaseId } = await released(under);
    const vehicle = await vehicleWithRight(under);
    const offer = await ask(under, packageWanted(vehicle));
    const proof = { 'vehicle-proof': proofOf(vehicle, offer) };
    const look = async () => {
      const [file, metadata] = [
        await fetchFrom(under, offer.url!, proof),
        await fetchFrom(under, `${offer.metadataUrl!}/timestamp.json`),
      ];
      return [file, metadata].map(
        ({ status, body }) => (body as { code?: string } | undefined)?.code ?? status,
      );
    };
    expect(await look()).toEqual([200, 200]);
    await good(under.owner('POST', `/v1/releases/${releaseId}/pause`));
    expect(await look()).toEqual(['ota_release_stopped', 'ota_release_stopped']);
    await good(under.owner('POST', `/v1/releases/${releaseId}/resume`));
    expect(await look()).toEqual([200, 200]);
    await change(under, vehicle, 'refund');
    expect(await look()).toEqual(['ota_right_ended', 'ota_right_ended']);
  });

  test('a download goes on where it ended, tells what is there, and says where a range is outside', async (context) => {
    const under = await open(context);
    const { content } = await released(under);
    const vehicle = await vehicleWithRight(under);
    const offer = await ask(under, packageWanted(vehicle));
    const proof = { 'vehicle-proof': proofOf(vehicle, offer) };
    const head = await fetchFrom(under, offer.url!, proof, 'HEAD');
    const etag = String(head.headers.etag);
    expect([head.status, head.headers['content-length'], head.bytes.length]).toEqual([200, '200000', 0]);
    const part = await fetchFrom(under, offer.url!, { ...proof, range: 'bytes=150000-', 'if-range': etag });
    expect([part.status, part.headers['content-range']]).toEqual([206, 'bytes 150000-199999/200000']);
    expect(part.bytes.equals(content.subarray(150_000))).toBe(true);
    const other = await fetchFrom(under, offer.url!, { ...proof, range: 'bytes=1-', 'if-range': '"x"' });
    expect([other.status, other.bytes.length]).toEqual([200, 200_000]);
    const last = await fetchFrom(under, offer.url!, { ...proof, range: 'bytes=-10' });
    expect(last.bytes.equals(content.subarray(-10))).toBe(true);
    const outside = await fetchFrom(under, offer.url!, { ...proof, range: 'bytes=200000-' });
    expect([outside.status, outside.headers['content-range']]).toEqual([416, 'bytes */200000']);
  });

  test('what vehicles report is what is shown, with its history, and a report that is no newer changes nothing', async (context) => {
    const under = await open(context);
    const { id } = await released(under);
    const vehicle = await vehicleWithRight(under);
    await ask(under, packageWanted(vehicle));
    await report(under, vehicle, 5, [{ partNumber: 'adas.lane', version: '1.4.0' }]);
    await report(under, vehicle, 5, []);
    const shown = await good(under.owner('GET', `/v1/vehicles/${vehicle.vin}/software`));
    expect(shown).toMatchObject({ counter: 5, installed: [{ partNumber: 'adas.lane', version: '1.4.0' }] });
    expect(under.memory.lines().map(({ event }) => event)).toContain('manifest_not_newer');
    await report(under, vehicle, 6, []);
    const history = await good<{ data: object[] }>(
      under.owner('GET', `/v1/vehicles/${vehicle.vin}/installs`),
    );
    expect(history.data).toMatchObject([
      { versionBefore: '1.4.0', version: null },
      { versionBefore: null, version: '1.4.0' },
    ]);
    const requests = await good<{ data: object[] }>(under.owner('GET', '/v1/ota/requests'));
    expect(requests.data).toMatchObject([
      { packageId: id, state: 'offered', installedAt: expect.any(String) as string },
    ]);
  });
});

test('what a vehicle holds counts as of when it said so, however late that could be worked on', async (context) => {
  const held: Held[] = [];
  const onHeld = (one: Held): Promise<void> => Promise.resolve(void held.push(one));
  api = await openApi(await stores.open('sqlite', context), { onHeld });
  const vehicle = await vehicleWithRight(api);
  const atMs = Date.now() - HOUR_MS;
  await report(api, vehicle, 1, [], atMs);
  expect(held).toMatchObject([{ vehicleId: vehicle.vin, counter: 1, heardMs: atMs }]);
});

class LineUnderTest implements VehicleLine {
  readonly handlers = new Map<string, (uplink: Uplink) => Promise<void>>();
  readonly pushed: Parameters<VehicleLine['push']>[0][] = [];
  isUp = true;

  push(message: Parameters<VehicleLine['push']>[0]): Promise<boolean> {
    if (this.isUp) this.pushed.push(message);
    return Promise.resolve(this.isUp);
  }

  handle(kind: string, handler: (uplink: Uplink) => Promise<void>): void {
    this.handlers.set(kind, handler);
  }

  onConnected(): void {
    // Nobody connects here.
  }

  presenceOf(): { readonly connected: boolean; readonly sinceMs: null } {
    return { connected: false, sinceMs: null };
  }
}

async function report(
  under: ApiUnderTest,
  vehicle: VehicleWithRight,
  counter: number,
  installed: object[] = [{ partNumber: 'base.os', version: '7.1' }],
  atMs = Date.now(),
): Promise<void> {
  const document = signedBy(vehicle, 'state', { counter, installed });
  const { vin: vehicleId, certificateId } = vehicle;
  await under.ota.take({
    vehicleId,
    certificateId,
    kind: 'state',
    atMs,
    body: Buffer.from(JSON.stringify(document)),
  });
}
