// Licence grants for tests: an office over a real store, a line to vehicles that keeps what is pushed, and a vehicle that
// opens it and answers.

import { randomBytes } from 'node:crypto';
import { afterEach, type TestContext } from 'vitest';
import { makeVehicleCertificate, newSerial } from '../../licensing/pki/certificate.ts';
import type { Uplink, VehicleLine } from '../../licensing/broker/vehicle-line.ts';
import type { CorrectionLogin } from '../../licensing/entitlements/correction-port.ts';
import type { Held } from '../../licensing/ota/manifests.ts';
import { Authorities } from '../../licensing/pki/authorities.ts';
import { fingerprintOf, type KeyAlgorithm, type KeyPair, makeKeyPair } from '../../licensing/pki/keys.ts';
import { pemOf } from '../../licensing/pki/pem.ts';
import { PKI_WORK } from '../../licensing/pki/pki-crypto.ts';
import type { ReceiptDocument } from '../../licensing/grants/format/documents.ts';
import { signJson } from '../../licensing/grants/format/signed-json.ts';
import { takeGrant, type TakenGrant } from '../../licensing/grants/format/take-grant.ts';
import { GRANTS_WORK, type GrantsCrypto } from '../../licensing/grants/grants-crypto.ts';
import { GrantOffice } from '../../licensing/grants/grant-office.ts';
import { SigningKeys } from '../../licensing/grants/signing-keys.ts';
import { LocalBus } from '../../platform/bus/local-bus.ts';
import type { QueueEntry } from '../../platform/bus/queue.ts';
import { Journal } from '../../platform/observe/journal.ts';
import { secretsUnder } from '../../platform/secrets/sealed-box.ts';
import { newId } from '../../platform/store/id.ts';
import type { Dialect, Store } from '../../platform/store/store.ts';
import type { GrantsTable } from '../../platform/store/tables/grant-tables.ts';
import { memoryLog } from '../unit/platform/observe/memory-log.ts';
import { addVehicle, type Asked, grant, VEHICLE } from './entitlements.ts';
import { useStores } from './use-stores.ts';

const DAY_MS = 86_400_000;

/** On the thread of the test, and in turns: nothing may count on an answer at once. */
export function grantsHere(): GrantsCrypto {
  const inTurn = async <T>(work: () => T): Promise<T> => {
    await new Promise(setImmediate);
    return work();
  };
  return {
    makeGrant: (ask) => inTurn(() => GRANTS_WORK.makeGrant(ask)),
    signDocument: (ask) => inTurn(() => GRANTS_WORK.signDocument(ask)),
    verifySigned: (ask) => inTurn(() => GRANTS_WORK.verifySigned(ask)),
    makeSigningKey: (algorithm) => inTurn(() => GRANTS_WORK.makeSigningKey(algorithm)),
  };
}

export interface VehicleUnderTest {
  readonly key: KeyPair;
  readonly certificateId: string;
}

export class GrantsUnderTest {
  readonly office: GrantOffice;
  readonly keys: SigningKeys;
  readonly authorities: Authorities;
  readonly bus = new LocalBus();
  readonly memory = memoryLog('debug');
  readonly pushed: { vehicleId: string; body: string }[] = [];
  /** False: the broker is away. */
  isBrokerThere = true;
  nowMs = 1_795_290_000_000;
  login: CorrectionLogin | null = null;
  readonly #store: Store;
  #hear: (entry: QueueEntry) => Promise<void> = () => Promise.reject(new Error('not started'));
  #receipt: (uplink: Uplink) => Promise<void> = () => Promise.reject(new Error('not started'));
  #connected: (vehicleId: string) => void = () => undefined;

  constructor(store: Store, masterKey: Uint8Array = randomBytes(32)) {
    this.#store = store;
    const crypto = grantsHere();
    const secrets = secretsUnder(masterKey);
    const pki = {
      prove: () => Promise.reject(new Error('not here')),
      issue: () => Promise.reject(new Error('not here')),
      makeCrl: () => Promise.reject(new Error('not here')),
      makeAuthorities: (ask: Parameters<typeof PKI_WORK.makeAuthorities>[0]) =>
        Promise.resolve(PKI_WORK.makeAuthorities(ask)),
    };
    this.authorities = new Authorities({ store, secrets, crypto: pki });
    this.keys = new SigningKeys({ store, secrets, crypto });
    const line: Pick<VehicleLine, 'push' | 'handle' | 'onConnected'> = {
      push: ({ vehicleId, body }) => {
        if (this.isBrokerThere) this.pushed.push({ vehicleId, body });
        return Promise.resolve(this.isBrokerThere);
      },
      handle: (_, handler) => void (this.#receipt = handler),
      onConnected: (listener) => void (this.#connected = listener),
    };
    this.office = new GrantOffice({
      ...{ store, crypto, line, bus: this.bus, keys: this.keys, journal: new Journal(this.memory.log) },
      queue: {
        consume: (_, handler) => {
          this.#hear = handler;
          return { stop: () => Promise.resolve() };
        },
      },
      correctionLoginFor: () => Promise.resolve(this.login),
      now: () => this.nowMs,
      resendMs: 1000,
    });
    this.office.start();
  }

  /** A new certificate of the vehicle; those before end, or are good for a day more. */
  async certify(
    algorithm: KeyAlgorithm,
    { vehicleId = VEHICLE, isRenewal = false }: { vehicleId?: string; isRenewal?: boolean } = {},
  ): Promise<VehicleUnderTest> {
    const key = makeKeyPair(algorithm, 2048);
    const authority = await this.authorities.of(algorithm);
    const serial = newSerial();
    const times = { notBeforeMs: this.nowMs - DAY_MS, notAfterMs: this.nowMs + 365 * DAY_MS };
    const facts = { ...{ vehicleId, serial, key, crlUrl: 'http://pki.example.com/crl' }, ...times };
    const certificate = pemOf('CERTIFICATE', makeVehicleCertificate(facts, authority.issuer));
    const id = newId('cert');
    await this.#store.write(async (tx) => {
      const endsAt = isRenewal ? this.nowMs + DAY_MS : this.nowMs;
      await tx
        .updateTable('certificates')
        .set({ revoked_at: endsAt, revoked_reason: 'superseded' })
        .where('vehicle_id', '=', vehicleId)
        .execute();
      await tx
        .insertInto('certificates')
        .values({
          ...{ id, vehicle_id: vehicleId, customer_id: null, authority_id: authority.id, algorithm },
          ...{ serial: serial.toString('hex'), key_fingerprint: fingerprintOf(key.spki), certificate },
          ...{ not_before: times.notBeforeMs, not_after: times.notAfterMs, replaces: null },
          ...{ revoked_at: null, revoked_reason: null, created_at: this.nowMs },
        })
        .execute();
    });
    return { key, certificateId: id };
  }

  /** As the queue hands it on; the revision is only for people to see. */
  hear(entitlementId: string): Promise<void> {
    return this.#hear({ id: newId('obx'), body: JSON.stringify({ entitlementId, revision: 1 }) });
  }

  connect(vehicleId = VEHICLE): void {
    this.#connected(vehicleId);
  }

  /** What the vehicle finds in a document that was pushed. */
  async opened(
    body: string,
    { key, certificateId }: VehicleUnderTest,
    { vehicleId = VEHICLE, lastSeq = 0 } = {},
  ): Promise<TakenGrant> {
    const rows = await this.keys.trusted(key.algorithm, this.nowMs);
    const keysFor = (purpose: string) =>
      rows
        .filter((row) => row.purpose === purpose)
        .map((row) => ({ kid: row.id, algorithm: row.algorithm, spki: Buffer.from(row.spki, 'base64url') }));
    return takeGrant(Buffer.from(body), {
      vin: vehicleId,
      keyOf: (certID) => (certID === certificateId ? key : undefined),
      ...{ grantKeys: keysFor('grant'), activationKeys: keysFor('activation') },
      lastSeqOf: () => lastSeq,
      nowS: Math.floor(this.nowMs / 1000),
    });
  }

  /** Sends a receipt for the last document that was pushed, signed by `vehicle`. */
  async receipt(
    vehicle: VehicleUnderTest,
    differs: Partial<ReceiptDocument> = {},
    { vehicleId = VEHICLE, body = undefined as Uint8Array | undefined } = {},
  ): Promise<void> {
    const grant = JSON.parse(this.pushed.at(-1)?.body ?? '{}') as { grantId: string; seq: number };
    const document = {
      ...{ v: 1, typ: 'receipt', certID: vehicle.certificateId, vin: VEHICLE, at: 1_795_290_001 },
      ...{ grantId: grant.grantId, seq: grant.seq, partNumber: 'SW-100', result: 'activated', reason: null },
      ...{ installedVersion: '1.0', counter: 1, ...differs },
    };
    const bytes = body ?? Buffer.from(JSON.stringify(signJson(vehicle.key, document)));
    await this.#receipt({
      vehicleId,
      certificateId: vehicle.certificateId,
      kind: 'receipt',
      atMs: this.nowMs,
      body: bytes,
    });
  }

  /** What the vehicle says to hold: number by part. */
  async held(
    rights: Readonly<Record<string, number>> | undefined,
    differs: Partial<Held> = {},
  ): Promise<void> {
    const listed = rights && Object.entries(rights).map(([partNumber, seq]) => ({ partNumber, seq }));
    const said = { vehicleId: VEHICLE, counter: 9, rights: listed, isBehind: false, heardMs: this.nowMs };
    await this.office.hearOfHeld({ ...said, ...differs });
  }

  events(name: string): Record<string, unknown>[] {
    return this.memory.lines().filter(({ event }) => event === name);
  }
}

/** Offices over stores of their own; they end with the test. */
export function useGrantOffices() {
  const stores = useStores();
  const offices: GrantsUnderTest[] = [];
  afterEach(async () => {
    for (const under of offices.splice(0)) await under.office.stop();
  });
  /** Several over one store are several processes. */
  const officeOver = (store: Store): GrantsUnderTest => {
    const under = new GrantsUnderTest(store, Buffer.alloc(32, 7));
    offices.push(under);
    return under;
  };
  const open = async (
    dialect: Dialect,
    context: TestContext,
  ): Promise<{ readonly store: Store; readonly under: GrantsUnderTest }> => {
    const store = await stores.open(dialect, context);
    await addVehicle(store);
    return { store, under: officeOver(store) };
  };
  return { open, officeOver };
}

/** Entitlements begin when the office's clock says so. */
export function bought(store: Store, under: GrantsUnderTest, asked: Asked = {}): Promise<string> {
  return grant(store, { nowMs: under.nowMs, ...asked });
}

export async function rows(store: Store): Promise<GrantsTable[]> {
  return await store.db.selectFrom('grants').selectAll().orderBy('seq').execute();
}

export async function stateAndSeq(store: Store): Promise<string[]> {
  return (await rows(store)).map((row) => `${row.seq} ${row.right_state} ${row.state}`);
}
