// The broker with real peers: Debian's MQTT clients with a vehicle's certificate, and what each refusal is called.

import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Uplink } from '../../../licensing/broker/vehicle-line.ts';
import { type BrokerHouse, type EnrolledVehicle, openBrokerHouse } from '../../support/broker-house.ts';
import { makeCertificate } from '../../support/certificates.ts';
import { mosquittoPub, mosquittoSub, whyNoMosquitto } from '../../support/mosquitto.ts';
import { useTempFolder } from '../../support/temp-folder.ts';
import { connackTo, openTls, passwordFor } from '../../support/token-vehicle.ts';

const WAIT = { timeout: 10_000, interval: 20 };
const DAY_MS = 86_400_000;
const noMosquitto = whyNoMosquitto();
const folder = useTempFolder();

let house: BrokerHouse;
let shiftMs = 0;
let car: EnrolledVehicle;
let other: EnrolledVehicle;
const ups: Uplink[] = [];

beforeAll(async () => {
  house = await openBrokerHouse({ now: () => Date.now() + shiftMs });
  house.line.handle('state', (uplink) => {
    ups.push(uplink);
    return Promise.resolve();
  });
  car = await house.enrol('LSVAA4182E2000001');
  other = await house.enrol('LSVAA4182E2000002');
});
afterAll(async () => await house.stop());

/** Reasons of refusals since this was taken; the events of one address are sampled, the counts are not. */
function refusals(): () => string[] {
  const before = new Map(house.link.refusals);
  return () =>
    [...house.link.refusals].flatMap(([reason, count]) =>
      Array.from({ length: count - (before.get(reason) ?? 0) }, () => reason),
    );
}

const down = (vehicle: EnrolledVehicle, rest: string): string =>
  `v1/vehicles/${vehicle.vehicleId}/down/${rest}`;
const up = (vehicle: EnrolledVehicle, kind: string): string => `v1/vehicles/${vehicle.vehicleId}/up/${kind}`;

describe.skipIf(noMosquitto !== undefined)('mosquitto’s clients', () => {
  test('publish with a vehicle’s certificate, and the cloud gets it once', async () => {
    const from = ups.length;
    expect(await mosquittoPub(house, car, up(car, 'state'), '{"n":1}')).toBe(0);
    await vi.waitFor(() => expect(ups).toHaveLength(from + 1), WAIT);
    const { vehicleId, certificateId, kind, body } = ups.at(-1)!;
    expect([vehicleId, certificateId, kind]).toEqual([car.vehicleId, car.certificateId, 'state']);
    expect(Buffer.from(body).toString()).toBe('{"n":1}');
  });

  test.each(['0', '2'])('publish with QoS %s, too', async (qos) => {
    const from = ups.length;
    expect(await mosquittoPub(house, car, up(car, 'state'), `{"q":${qos}}`, ['-q', qos])).toBe(0);
    await vi.waitFor(() => expect(ups).toHaveLength(from + 1), WAIT);
  });

  test('get what waited for them, then what comes, in its order', async () => {
    const { vehicleId } = car;
    for (const n of [1, 2, 3]) {
      expect(await house.line.push({ vehicleId, kind: 'grant', body: `{"n":${n}}` })).toBe(true);
    }
    const sub = mosquittoSub(house, car, [down(car, '#')]);
    await vi.waitFor(() => expect(sub.lines).toHaveLength(3), WAIT);
    expect(house.line.presenceOf(vehicleId).connected).toBe(true);
    await house.line.push({ vehicleId, kind: 'ota', body: '{"n":4}' });
    await vi.waitFor(() => expect(sub.lines).toHaveLength(4), WAIT);
    sub.process.kill();
    await sub.ended;
    expect(sub.lines).toEqual([
      ...[1, 2, 3].map((n) => `${down(car, 'grant')} {"n":${n}}`),
      `${down(car, 'ota')} {"n":4}`,
    ]);
    await vi.waitFor(() => expect(house.line.presenceOf(vehicleId).connected).toBe(false), WAIT);
  });

  test('get what waits for other kinds once they subscribe to them', async () => {
    const { vehicleId } = car;
    await house.line.push({ vehicleId, kind: 'claim', body: '{"c":1}' });
    await house.line.push({ vehicleId, kind: 'uses', body: '{"u":1}' });
    const clean = ['-q', '1', '-C', '1'];
    expect(await mosquittoSub(house, car, [down(car, 'uses')], clean).ended).toBe(0);
    const second = mosquittoSub(house, car, [down(car, '+')], clean);
    expect(await second.ended).toBe(0);
    expect(second.lines).toEqual([`${down(car, 'claim')} {"c":1}`]);
  });

  test('with another vehicle’s certificate are refused by name', async () => {
    const since = refusals();
    const thief = { ...other, vehicleId: car.vehicleId };
    expect(await mosquittoPub(house, thief, up(car, 'state'), '{}')).not.toBe(0);
    await vi.waitFor(() => expect(since()).toEqual(['vehicle_id_mismatch']), WAIT);
    const told = house.events.find(({ event }) => event === 'vehicle_refused');
    expect(told?.fields).toMatchObject({ reason: 'vehicle_id_mismatch', vehicle: car.vehicleId });
    const entries = await house.store.db
      .selectFrom('audit_entries')
      .select(['actor', 'after'])
      .where('target_id', '=', car.vehicleId)
      .execute();
    const after = '{"refused":"vehicle_id_mismatch"}';
    expect(entries).toEqual([{ actor: `vehicle ${car.vehicleId}`, after }]);
  });

  test.each<[string, (vehicle: EnrolledVehicle) => string, string[], string]>([
    ['publish to another vehicle’s topic', () => up(other, 'state'), ['-q', '1'], 'foreign_publish'],
    ['publish to their own down', (vehicle) => down(vehicle, 'grant'), ['-q', '1'], 'foreign_publish'],
    ['publish retained', (vehicle) => up(vehicle, 'state'), ['-q', '1', '-r'], 'retained'],
  ])('that %s are closed by name', async (_, topicOf, args, reason) => {
    const since = refusals();
    // It connects anew when it is closed, for as long as it lives.
    const code = await Promise.race([
      mosquittoPub(house, car, topicOf(car), '{}', args),
      vi.waitFor(() => expect(since()).toContain(reason), WAIT),
    ]);
    expect(code).not.toBe(0);
    await vi.waitFor(() => expect(since()).toContain(reason), WAIT);
  });

  test.each<[string, (vehicle: EnrolledVehicle) => string[]]>([
    ['another vehicle’s topic', () => [down(other, 'grant')]],
    ['everything', () => ['#']],
    ['every vehicle', () => ['v1/vehicles/+/down/grant']],
    ['their own and another vehicle’s', (vehicle) => [down(vehicle, '#'), down(other, '#')]],
  ])('that subscribe to %s are closed, and get nothing', async (_, filtersOf) => {
    const since = refusals();
    const sub = mosquittoSub(house, car, filtersOf(car), ['-q', '1', '-c', '-W', '2']);
    await vi.waitFor(() => expect(since()).toContain('foreign_subscribe'), WAIT);
    await house.line.push({ vehicleId: other.vehicleId, kind: 'grant', body: 'secret' });
    sub.process.kill();
    await sub.ended;
    expect(sub.lines).toEqual([]);
  });

  test('with a certificate that has run out get no connection', async () => {
    shiftMs = -3 * DAY_MS;
    const old = await house.enrol('LSVAA4182E2000003');
    shiftMs = 0;
    const since = refusals();
    expect(await mosquittoPub(house, old, up(old, 'state'), '{}')).not.toBe(0);
    await vi.waitFor(() => expect(since()).toContain('certificate_expired'), WAIT);
  });

  test('with a certificate that was not issued here get no connection', async () => {
    const { certFile, keyFile } = makeCertificate(folder, 'stranger');
    const since = refusals();
    const stranger = { vehicleId: car.vehicleId, certFile, keyFile };
    expect(await mosquittoPub(house, stranger, up(car, 'state'), '{}')).not.toBe(0);
    await vi.waitFor(() => expect(since()).toContain('certificate_foreign'), WAIT);
  });

  test('are closed within a second of the revocation, and not let in again', async () => {
    const doomed = await house.enrol('LSVAA4182E2000004');
    const sub = mosquittoSub(house, doomed, [down(doomed, '#')]);
    await vi.waitFor(() => expect(house.line.presenceOf(doomed.vehicleId).connected).toBe(true), WAIT);
    const startMs = performance.now();
    await house.revoke(doomed);
    const isGone = () => {
      expect(house.line.presenceOf(doomed.vehicleId).connected).toBe(false);
    };
    await vi.waitFor(isGone, { timeout: 5000, interval: 5 });
    expect(performance.now() - startMs).toBeLessThan(1000);
    sub.process.kill();
    const endings = house.events.filter(
      ({ event, fields }) => event === 'vehicle_disconnected' && fields['vehicle'] === doomed.vehicleId,
    );
    expect(endings.map(({ fields }) => fields['reason'])).toEqual(['certificate_revoked']);
    const since = refusals();
    expect(await mosquittoPub(house, doomed, up(doomed, 'state'), '{}')).not.toBe(0);
    await vi.waitFor(() => expect(since()).toContain('certificate_revoked'), WAIT);
  });
});

describe('an SM2 vehicle', () => {
  let sm2: EnrolledVehicle;
  beforeAll(async () => {
    sm2 = await house.enrol('LSVAA4182E2SM2001', 'sm2');
  });

  /** The return code of the CONNACK, and what the refusal is called. */
  async function refusedAs(
    connack: () => Promise<number | undefined>,
  ): Promise<[number | undefined, string[]]> {
    const since = refusals();
    const code = await connack();
    await vi.waitFor(() => expect(since()).not.toEqual([]), WAIT);
    return [code, since()];
  }

  test('is let in by a signature over its TLS connection', async () => {
    const socket = await openTls(house);
    expect(await connackTo(socket, sm2.vehicleId, sm2.vehicleId, passwordFor(socket, sm2))).toBe(0);
    await vi.waitFor(() => expect(house.line.presenceOf(sm2.vehicleId).connected).toBe(true), WAIT);
    socket.destroy();
  });

  test('is refused where its password is replayed on another TLS connection', async () => {
    const first = await openTls(house);
    const password = passwordFor(first, sm2);
    expect(await connackTo(first, sm2.vehicleId, sm2.vehicleId, password)).toBe(0);
    first.destroy();
    const second = await openTls(house);
    const refused = refusedAs(() => connackTo(second, sm2.vehicleId, sm2.vehicleId, password));
    expect(await refused).toEqual([4, ['token_wrong']]);
  });

  test('is refused where its password is replayed on a resumed TLS session', async () => {
    const first = await openTls(house);
    const sessions: Buffer[] = [];
    first.on('session', (session: Buffer) => void sessions.push(session));
    const password = passwordFor(first, sm2);
    expect(await connackTo(first, sm2.vehicleId, sm2.vehicleId, password)).toBe(0);
    await vi.waitFor(() => expect(sessions).not.toEqual([]), WAIT);
    first.destroy();
    const second = await openTls(house, house.mqttsToken, { session: sessions.at(-1) });
    expect(second.isSessionReused()).toBe(true);
    const refused = refusedAs(() => connackTo(second, sm2.vehicleId, sm2.vehicleId, password));
    expect(await refused).toEqual([4, ['token_wrong']]);
  });

  test.each<
    [
      string,
      number,
      string,
      (socket: Awaited<ReturnType<typeof openTls>>) => [string, string, string | undefined],
    ]
  >([
    [
      'as another vehicle',
      2,
      'vehicle_id_mismatch',
      (socket) => {
        const { vehicleId } = car;
        return [vehicleId, vehicleId, passwordFor(socket, sm2, vehicleId)];
      },
    ],
    [
      'with another user name',
      2,
      'vehicle_id_mismatch',
      (socket) => [sm2.vehicleId, 'x', passwordFor(socket, sm2)],
    ],
    ['without a password', 4, 'token_malformed', () => [sm2.vehicleId, sm2.vehicleId, undefined]],
    [
      'with a password that is no token',
      4,
      'token_malformed',
      () => [sm2.vehicleId, sm2.vehicleId, 'secret'],
    ],
    [
      'with a certificate id that is not there',
      5,
      'certificate_unknown',
      (socket) => [
        sm2.vehicleId,
        sm2.vehicleId,
        passwordFor(socket, { ...sm2, certificateId: 'cert_0000000000000000' }),
      ],
    ],
    [
      'with an RSA certificate',
      5,
      'certificate_unknown',
      (socket) => [
        sm2.vehicleId,
        sm2.vehicleId,
        passwordFor(socket, { ...sm2, certificateId: car.certificateId }),
      ],
    ],
  ])('%s is refused by name', async (_, code, reason, answerOf) => {
    const socket = await openTls(house);
    const [clientId, user, password] = answerOf(socket);
    expect(await refusedAs(() => connackTo(socket, clientId, user, password))).toEqual([code, [reason]]);
  });

  test('that is revoked is refused, and its session ends', async () => {
    const doomed = await house.enrol('LSVAA4182E2SM2002', 'sm2');
    const socket = await openTls(house);
    await connackTo(socket, doomed.vehicleId, doomed.vehicleId, passwordFor(socket, doomed));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await house.revoke(doomed);
    await closed;
    const again = await openTls(house);
    const refused = refusedAs(() =>
      connackTo(again, doomed.vehicleId, doomed.vehicleId, passwordFor(again, doomed)),
    );
    expect(await refused).toEqual([5, ['certificate_revoked']]);
  });

  test('cannot fall back to TLS 1.2, whose exporter may be the same twice', async () => {
    await expect(openTls(house, house.mqttsToken, { maxVersion: 'TLSv1.2' })).rejects.toThrow(
      /alert|protocol/i,
    );
  });
});

test('without a client certificate there is no connection on the strict port', async () => {
  const since = refusals();
  // With TLS 1.3 the client hears of it only after its side of the handshake.
  const socket = await openTls(house, house.mqtts);
  await expect(once(socket, 'data')).rejects.toThrow('certificate required');
  await vi.waitFor(() => expect(since()).toContain('certificate_missing'), WAIT);
});

test('the broker that ends is started again, and forgets nothing that it kept', async () => {
  const { vehicleId } = other;
  expect(await house.line.push({ vehicleId, kind: 'uses', body: '{"kept":1}' })).toBe(true);
  const restarts = house.link.restarts;
  await house.link.endWorker();
  expect(house.link.restarts).toBe(restarts + 1);
  const socket = await vi.waitFor(
    () => openTls(house, house.mqtts, { cert: other.chain, key: other.privateKey }),
    WAIT,
  );
  socket.destroy();
  await vi.waitFor(() => expect(house.link.counts?.downsWaiting).toBeGreaterThan(0), WAIT);
});
