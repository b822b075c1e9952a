// The vehicle's line with a real server's broker: mutual authentication with both algorithms, messages that wait until
// they are acknowledged, and brokers that are not who they should be.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KEY_ALGORITHMS, type KeyAlgorithm } from '../../../licensing/pki/keys.ts';
import { CertificateModule } from '../../../licensing/vehicle/certificates/certificate-module.ts';
import { ReconnectPace } from '../../../licensing/vehicle/line/reconnect-pace.ts';
import { VehicleLineToCloud } from '../../../licensing/vehicle/line/vehicle-line.ts';
import { StateStore } from '../../../licensing/vehicle/rights/state-store.ts';
import { Uplinks } from '../../../licensing/vehicle/rights/uplinks.ts';
import { SealedFiles } from '../../../licensing/vehicle/storage/sealed-files.ts';
import type { Trust } from '../../../licensing/vehicle/trust.ts';
import { type CasterProcess, OWNER_KEY, startCasterProcess } from '../../support/caster-process.ts';
import { FailingDisk } from '../../unit/licensing/vehicle/failing-disk.ts';

const BROKER = { ROVERCAST_MQTTS_PORT: '0', ROVERCAST_MQTTS_TOKEN_PORT: '0' };
let caster: CasterProcess;
let count = 0;
const lines: VehicleLineToCloud[] = [];
beforeAll(async () => {
  caster = await startCasterProcess({ env: BROKER });
});
afterAll(async () => {
  for (const line of lines) await line.stop();
  await caster.stop();
});

async function ask(method: string, path: string, body?: object): Promise<Record<string, string>> {
  const answer = await fetch(`http://127.0.0.1:${caster.ready.http}${path}`, {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${OWNER_KEY}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()) as Record<string, string>;
}

interface Car {
  readonly vin: string;
  readonly certificates: CertificateModule;
  readonly store: StateStore;
  readonly uplinks: Uplinks;
  readonly line: VehicleLineToCloud;
  /** The next event of this name that is told; those before do not count. */
  readonly next: (event: string) => Promise<Readonly<Record<string, unknown>>>;
}

/** An enrolled vehicle whose line trusts `ca`; the server's own RSA root where nothing is said. */
async function car(algorithm: KeyAlgorithm, ca?: string): Promise<Car> {
  count += 1;
  const vin = `LSVLINE${String(count).padStart(10, '0')}`;
  const { token } = await ask('POST', '/v1/enrolment-tokens', { vehicleId: vin });
  const files = new SealedFiles('/car', Buffer.alloc(32, 1), new FailingDisk().files);
  const certificates = CertificateModule.open(files)!;
  const server = `http://127.0.0.1:${caster.ready.http}`;
  const enrolled = await certificates.enrol({ server, vehicleId: vin, algorithm, token: token! });
  if (!enrolled.ok) throw new Error(enrolled.reason);
  const store = StateStore.open(files)!;
  const { rootCertificate } = await ask('GET', '/v1/certificate-authorities/rsa');
  const broker = { host: '127.0.0.1', port: caster.ready.mqtts!, tokenPort: caster.ready.mqttsToken! };
  const trust = {
    document: { broker },
    ...{ grantKeys: [], activationKeys: [], brokerCa: ca ?? rootCertificate },
  } as unknown as Trust;
  const heard = new Map<string, (fields: Readonly<Record<string, unknown>>) => void>();
  const line = new VehicleLineToCloud({
    ...{ certificates, store },
    trust: () => Promise.resolve(trust),
    onMessage: () => Promise.resolve(),
    onConnected: () => undefined,
    tell: (event, fields = {}) => heard.get(event)?.(fields),
    pace: new ReconnectPace(() => 0),
  });
  lines.push(line);
  return {
    ...{ vin, certificates, store, line, uplinks: new Uplinks(certificates, Date.now) },
    next: (event) => new Promise((resolve) => heard.set(event, resolve)),
  };
}

describe.each(KEY_ALGORITHMS)('with a key of %s', (algorithm) => {
  test('a vehicle and the broker know each other, and what waits goes up and is acknowledged', async () => {
    const { vin, line, next, store, uplinks } = await car(algorithm);
    for (let report = 0; report < 3; report += 1) {
      store.change((state) => uplinks.claimWanted(state, `request-${report}`));
    }
    const connected = next('connected');
    line.start();
    await connected;
    const seen = await caster.waitFor('vehicle_connected', ({ vehicle }) => vehicle === vin);
    expect(seen).toMatchObject({ vehicle: vin, way: algorithm === 'rsa' ? 'certificate' : 'token' });
    await expect.poll(() => store.state.outbox).toEqual([]);
  });

  test('a broker whose certificate comes from another root is given no word', async () => {
    const other = await startCasterProcess();
    const address = `http://127.0.0.1:${other.ready.http}/v1/certificate-authorities/rsa`;
    const foreign = (await (await fetch(address)).json()) as { rootCertificate: string };
    await other.stop();
    const { line, next } = await car(algorithm, foreign.rootCertificate);
    const failed = next('connect_failed');
    line.start();
    expect((await failed)['reason']).toMatch(/certificate|issuer|signature/);
  });

  test('a vehicle whose certificate is revoked loses its line at once and is not let in again', async () => {
    const { certificates, line, next } = await car(algorithm);
    const connected = next('connected');
    line.start();
    await connected;
    const disconnected = next('disconnected');
    const failed = next('connect_failed');
    await ask('POST', `/v1/certificates/${certificates.certificateId}/revoke`, {});
    await disconnected;
    await failed;
  });
});

test('a vehicle comes back by itself when its connection breaks', async () => {
  const { line, next } = await car('sm2');
  const connected = next('connected');
  line.start();
  await connected;
  const again = next('connected');
  line.reconnect();
  await again;
  expect(line.isConnected).toBe(true);
});
