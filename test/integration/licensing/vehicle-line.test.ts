// The vehicle's line with a real server's broker: mutual authentication with both algorithms, messages that wait until
// they are acknowledged, and brokers that are not who they should be.

import { getEventListeners, once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { KEY_ALGORITHMS, type KeyAlgorithm } from '../../../licensing/pki/keys.ts';
import { CertificateModule } from '../../../licensing/vehicle/certificates/certificate-module.ts';
import { connectVehicle } from '../../../licensing/vehicle/line/mqtt-connection.ts';
import { ReconnectPace } from '../../../licensing/vehicle/line/reconnect-pace.ts';
import { VehicleLineToCloud } from '../../../licensing/vehicle/line/vehicle-line.ts';
import { StateStore } from '../../../licensing/vehicle/rights/state-store.ts';
import { RightClock } from '../../../licensing/vehicle/rights/right-clock.ts';
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
  readonly trust: Trust;
  readonly line: VehicleLineToCloud;
  /** The next event of this name that is told; those before do not count. */
  readonly next: (event: string) => Promise<Readonly<Record<string, unknown>>>;
}

interface CarOptions {
  /** PEM that its line trusts; the server's own RSA root where nothing is said. */
  readonly ca?: string;
  /** Its line gets its trust only when this resolves. */
  readonly trustWaitsFor?: Promise<unknown>;
}

/** An enrolled vehicle. */
async function car(algorithm: KeyAlgorithm, { ca, trustWaitsFor }: CarOptions = {}): Promise<Car> {
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
    trust: async () => {
      await trustWaitsFor;
      return trust;
    },
    onMessage: () => Promise.resolve(),
    onConnected: () => undefined,
    tell: (event, fields = {}) => heard.get(event)?.(fields),
    pace: new ReconnectPace(() => 0),
  });
  lines.push(line);
  return {
    ...{ vin, certificates, store, trust, line, uplinks: new Uplinks(certificates, new RightClock(0)) },
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
    const { line, next } = await car(algorithm, { ca: foreign.rootCertificate });
    const failed = next('connect_failed');
    line.start();
    expect((await failed)['reason']).toMatch(/certificate|issuer|signature/);
  });

  test('a vehicle whose certificate is revoked loses its line at once and is not let in again', async () => {
    const { vin, certificates, line, next } = await car(algorithm);
    const connected = next('connected');
    line.start();
    await connected;
    const disconnected = next('disconnected');
    const failed = next('connect_failed');
    await ask('POST', `/v1/certificates/${certificates.certificateId}/revoke`, {});
    await disconnected;
    const ended = await caster.waitFor('vehicle_disconnected', ({ vehicle }) => vehicle === vin);
    expect(ended['reason']).toBe('certificate_revoked');
    expect((await failed)['reason']).toMatch(/not authorized/i);
  });

  test('a line that is stopped while it still waits for what to trust ends without a connection', async () => {
    const trusted = Promise.withResolvers<undefined>();
    const { line } = await car(algorithm, { trustWaitsFor: trusted.promise });
    line.start();
    const stopped = line.stop();
    trusted.resolve(undefined);
    await stopped;
    expect(line.isConnected).toBe(false);
  });

  test('connections that fail leave nothing on the signal that would have stopped them', async () => {
    const { certificates, trust } = await car(algorithm);
    const { signal } = new AbortController();
    const connect = (broker: object): Promise<unknown> => {
      const document = { ...trust.document, broker: { ...trust.document.broker, ...broker } };
      const onMessage = (): Promise<void> => Promise.resolve();
      return connectVehicle({ certificates, trust: { ...trust, document }, onMessage, signal });
    };
    const nobody = createServer().listen(0, '127.0.0.1');
    await once(nobody, 'listening');
    const { port } = nobody.address() as AddressInfo;
    nobody.close();
    for (let tries = 0; tries < 3; tries += 1)
      await expect(connect({ port, tokenPort: port })).rejects.toThrow('ECONNREFUSED');
    await ask('POST', `/v1/certificates/${certificates.certificateId}/revoke`, {});
    await expect(connect({})).rejects.toThrow(/not authorized/i);
    await expect.poll(() => getEventListeners(signal, 'abort')).toEqual([]);
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

test('a line that is stopped between handshake and CONNECT ends', async () => {
  const { certificates, line } = await car('sm2');
  const connectToken = certificates.connectToken.bind(certificates);
  const stopped = new Promise<void>((resolve, reject) => {
    vi.spyOn(certificates, 'connectToken').mockImplementation((exporter) => {
      line.stop().then(resolve, reject);
      return connectToken(exporter);
    });
  });
  line.start();
  await stopped;
  expect(line.isConnected).toBe(false);
});
