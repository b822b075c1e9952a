// The broker with all that the main thread does for it, over a store of its own, and vehicles enrolled in it: without the
// HTTP interface and without a caster. For tests and for benches.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LocalBus } from '../../platform/bus/local-bus.ts';
import { Journal, type JournalEvent } from '../../platform/observe/journal.ts';
import { secretsUnder } from '../../platform/secrets/sealed-box.ts';
import { openStore, type Store } from '../../platform/store/store.ts';
import type { CertificatesTable } from '../../platform/store/tables/pki-tables.ts';
import type { VehicleLine } from '../../licensing/broker/vehicle-line.ts';
import { CertificateOffice } from '../../licensing/pki/certificate-office.ts';
import { makeRequest } from '../../licensing/pki/certificate-request.ts';
import { type KeyAlgorithm, type KeyPair, makeKeyPair } from '../../licensing/pki/keys.ts';
import { pemOf } from '../../licensing/pki/pem.ts';
import type { BrokerLink } from '../../workers/broker-link.ts';
import { startCryptoPool } from '../../workers/crypto-pool.ts';
import { openBroker } from '../../workers/open-broker.ts';
import { memoryLog } from '../unit/platform/observe/memory-log.ts';

export interface EnrolledVehicle {
  readonly vehicleId: string;
  readonly certificateId: string;
  readonly serial: string;
  readonly key: KeyPair;
  /** PEM: its certificate and the issuing authority's. */
  readonly chain: string;
  /** PEM. */
  readonly privateKey: string;
  /** Files of the same, for other programs. */
  readonly certFile: string;
  readonly keyFile: string;
}

export interface BrokerHouse {
  readonly line: VehicleLine;
  readonly link: BrokerLink;
  readonly mqtts: number;
  readonly mqttsToken: number;
  /** PEM of the RSA root, and as a file. */
  readonly root: string;
  readonly rootFile: string;
  /** What was told so far. */
  readonly events: readonly JournalEvent[];
  enrol(vehicleId: string, algorithm?: KeyAlgorithm): Promise<EnrolledVehicle>;
  /** By whoever may; tells the broker. */
  revoke(vehicle: EnrolledVehicle, atMs?: number): Promise<void>;
  readonly office: CertificateOffice;
  readonly store: Store;
  /** Puts certificates of new vehicles into the store that were made elsewhere. */
  keep(rows: readonly CertificatesTable[]): Promise<void>;
  stop(): Promise<void>;
}

export interface HouseOptions {
  /** Kept after `stop` where it is given. */
  readonly dataDir?: string;
  readonly now?: () => number;
  readonly certificateMs?: number;
}

const DAY_MS = 86_400_000;
const ROWS_AT_ONCE = 100;

export async function openBrokerHouse(options: HouseOptions = {}): Promise<BrokerHouse> {
  const dataDir = options.dataDir ?? mkdtempSync(path.join(tmpdir(), 'rovercast-broker-'));
  const opening = await openStore({ url: 'rovercast.db', dataDir });
  if (!opening.ok) throw new Error(opening.problem.message);
  const { store } = opening;
  const bus = new LocalBus();
  const journal = new Journal(memoryLog().log);
  const events: JournalEvent[] = [];
  journal.subscribe((event) => void events.push(event));
  const secrets = secretsUnder(Buffer.alloc(32, 5));
  const crypto = startCryptoPool();
  const office = new CertificateOffice({
    ...{ store, secrets, bus, crypto },
    terms: {
      publicUrl: () => 'http://127.0.0.1:8080',
      certificateMs: options.certificateMs ?? DAY_MS,
      renewalGraceMs: DAY_MS,
    },
    ...(options.now === undefined ? {} : { now: options.now }),
  });
  const { rootPem } = await office.authorities.of('rsa');
  const rootFile = path.join(dataDir, 'root.pem');
  writeFileSync(rootFile, rootPem);
  const started = await openBroker(
    {
      dataDir,
      listen: {
        ...{ host: '127.0.0.1', ntripPort: 0, ntripsPort: 'off', httpHost: '127.0.0.1', httpPort: 'off' },
        ...{ mqttsPort: 0, mqttsTokenPort: 0 },
      },
      licensing: {
        certificateDays: 1,
        renewalGraceDays: 1,
        brokerCertificate: 'own',
        payments: { test: false },
      },
    },
    {
      store,
      bus,
      journal,
      secrets,
      crypto,
      metrics: { supply: () => undefined },
      tls: undefined,
      node: undefined,
    },
  );
  if (!started.ok) throw new Error(started.problem.message);
  const { line, link, ready } = started;
  return {
    line,
    link: link!,
    mqtts: ready.mqtts!,
    mqttsToken: ready.mqttsToken!,
    root: rootPem,
    rootFile,
    events,
    office,
    store,
    async keep(rows) {
      for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
        const some = rows.slice(from, from + ROWS_AT_ONCE);
        const vehicles = some.map((row) => ({
          id: row.vehicle_id,
          customer_id: row.customer_id,
          created_at: row.created_at,
        }));
        await store.db.insertInto('vehicles').values(vehicles).execute();
        await store.db.insertInto('certificates').values(some).execute();
      }
    },
    async enrol(vehicleId, algorithm = 'rsa') {
      const key = makeKeyPair(algorithm, 2048);
      const { challenge } = office.challenges.make(vehicleId, office.now());
      const request = pemOf('CERTIFICATE REQUEST', makeRequest(key, vehicleId, challenge));
      const draft = await office.enrol({ vehicleId, request }, { kind: 'factory', customerId: null });
      if (!draft.ok) throw new Error(draft.reason);
      const given = await store.write((tx) => draft.record(tx));
      if (!given.ok) throw new Error(given.reason);
      office.tell(given);
      const { issuingPem } = await office.authorities.of(algorithm);
      const chain = given.row.certificate + issuingPem;
      const privateKey = privatePem(key);
      const [certFile, keyFile] = ['crt', 'key'].map((end) => path.join(dataDir, `${vehicleId}.${end}`));
      writeFileSync(certFile!, chain);
      writeFileSync(keyFile!, privateKey);
      return {
        ...{ vehicleId, key, chain, privateKey },
        ...{ certFile: certFile!, keyFile: keyFile!, certificateId: given.row.id, serial: given.row.serial },
      };
    },
    async revoke({ certificateId: id }, atMs = Date.now()) {
      const changed = { revoked_at: atMs, revoked_reason: 'unspecified' };
      await store.db.updateTable('certificates').set(changed).where('id', '=', id).execute();
      bus.publish({ kind: 'certificate', id });
    },
    async stop() {
      await started.stop();
      await crypto.stop();
      await store.close();
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function privatePem({ pkcs8 }: KeyPair): string {
  const body = Buffer.from(pkcs8)
    .toString('base64')
    .replaceAll(/.{1,64}/g, '$&\n');
  return `-----BEGIN PRIVATE KEY-----\n${body}-----END PRIVATE KEY-----\n`;
}
