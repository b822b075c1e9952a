// A cloud that signs whatever it is told to, and a car on a disk of its own, without a network between them.

import { makeActivation } from '../../../../licensing/grants/format/activation-string.ts';
import type { GrantContent, GrantDocument } from '../../../../licensing/grants/format/documents.ts';
import { makeEnvelope, type NamedSigningKey } from '../../../../licensing/grants/format/envelope.ts';
import { makeDocumentKey } from '../../../../licensing/grants/format/signature.ts';
import { signJson } from '../../../../licensing/grants/format/signed-json.ts';
import { newSerial } from '../../../../licensing/pki/certificate.ts';
import { type KeyAlgorithm, type KeyPair, makeKeyPair } from '../../../../licensing/pki/keys.ts';
import { pemOf } from '../../../../licensing/pki/pem.ts';
import { PKI_WORK } from '../../../../licensing/pki/pki-crypto.ts';
import { CertificateModule } from '../../../../licensing/vehicle/certificates/certificate-module.ts';
import { keptKeyOf, writeIdentity } from '../../../../licensing/vehicle/certificates/identity.ts';
import { SealedFiles } from '../../../../licensing/vehicle/storage/sealed-files.ts';
import { Vehicle, type VehicleOptions } from '../../../../licensing/vehicle/vehicle.ts';
import type { VehicleEvent } from '../../../../licensing/vehicle/vehicle-event.ts';
import { FailingDisk } from './failing-disk.ts';

const DEVICE_KEY = Buffer.alloc(32, 5);
const DAY_S = 86_400;

/** What a test says of a grant; the rest is an ordinary one. */
export interface GrantSpec {
  readonly seq: number;
  readonly grantId?: string;
  readonly state?: 'active' | 'revoked';
  readonly partNumber?: string;
  readonly version?: string;
  readonly versionRule?: 'at_least' | 'exact';
  readonly startsAt?: number;
  readonly endsAt?: number | null;
  readonly uses?: number | null;
  readonly leaseId?: string;
  readonly ttl?: number;
  readonly vin?: string;
  readonly certID?: string;
  readonly iat?: number;
  readonly seenCounter?: number;
  /** Changes the inside before it is encrypted. */
  readonly inside?: (
    inside: Pick<GrantContent, 'softRight' | 'activation'>,
  ) => Pick<GrantContent, 'softRight' | 'activation'>;
}

export class Cloud {
  readonly algorithm: KeyAlgorithm;
  readonly #authorities;
  grantKey: NamedSigningKey & { readonly spki: Uint8Array };
  readonly activationKey: NamedSigningKey & { readonly spki: Uint8Array };

  constructor(algorithm: KeyAlgorithm) {
    this.algorithm = algorithm;
    this.#authorities = PKI_WORK.makeAuthorities({ algorithm, nowMs: Date.now() - 1000 });
    const kind = algorithm === 'rsa' ? 'es256' : 'sm2';
    this.grantKey = { ...makeDocumentKey(kind), kid: 'grant-1' };
    this.activationKey = { ...makeDocumentKey(kind), kid: 'activation-1' };
  }

  /** Signs with a new key from now on, and trusts the old one no longer. */
  rotate(): void {
    const kind = this.algorithm === 'rsa' ? 'es256' : 'sm2';
    this.grantKey = { ...makeDocumentKey(kind), kid: 'grant-2' };
  }

  certificate(vehicleId: string, key: KeyPair): { vehicle: string; issuing: string; root: string } {
    const { root, issuing } = this.#authorities;
    const nowMs = Math.floor(Date.now() / 1000) * 1000;
    const facts = {
      ...{ vehicleId, key, serial: newSerial(), crlUrl: 'http://pki.example.com/crl' },
      ...{ notBeforeMs: nowMs - 3_600_000, notAfterMs: nowMs + 100 * DAY_S * 1000 },
    };
    const issuer = {
      key: { algorithm: this.algorithm, pkcs8: issuing.pkcs8 },
      certificate: issuing.certificate,
    };
    return {
      vehicle: pemOf('CERTIFICATE', PKI_WORK.issue({ facts, issuer })),
      issuing: pemOf('CERTIFICATE', issuing.certificate),
      root: pemOf('CERTIFICATE', root.certificate),
    };
  }

  trust(): string {
    const algorithm = this.algorithm === 'rsa' ? ('ES256' as const) : ('SM2SM3' as const);
    const named = ({ kid, spki }: { kid: string; spki: Uint8Array }) => {
      return { kid, algorithm, spki: Buffer.from(spki).toString('base64url') };
    };
    const document = {
      ...{ v: 1, typ: 'trust', algorithm: this.algorithm, issuedAt: Math.floor(Date.now() / 1000) },
      ...{ grantKeys: [named(this.grantKey)], activationKeys: [named(this.activationKey)] },
      ...{ broker: { host: '127.0.0.1', port: 1, tokenPort: 1 }, otaRootUrl: 'http://ota.example.com/root' },
    };
    const { pkcs8 } = this.#authorities.issuing;
    return JSON.stringify(signJson({ algorithm: this.algorithm, pkcs8 }, document));
  }

  grant(car: Car, spec: GrantSpec): Buffer {
    return Buffer.from(JSON.stringify(this.grantDocument(car, spec)));
  }

  grantDocument(car: Car, spec: GrantSpec): GrantDocument {
    const nowS = Math.floor(Date.now() / 1000);
    const { seq, state = 'active', partNumber = 'P-1', version = '1.0', uses = null, endsAt = null } = spec;
    const { vin = car.vin, certID = car.certID, iat = nowS, ttl = 30 * DAY_S } = spec;
    const grantId = spec.grantId ?? `grn_${partNumber}_${seq}`;
    const functions = ['heated seats'];
    const instruction = state === 'active' ? ('activate' as const) : ('deactivate' as const);
    const activation = makeActivation(
      {
        ...{ v: 1, instruction, partNumber, version, functions, durationS: null, count: uses },
        ...{ vin, grantId, seq, notAfter: endsAt },
      },
      this.activationKey,
    );
    const softRight = {
      ...{ partNumber, version, versionRule: spec.versionRule ?? ('at_least' as const), functions },
      ...{ startsAt: spec.startsAt ?? nowS - 10, endsAt, uses, leaseId: spec.leaseId ?? 'lease-1' },
      ...{ entitlementId: 'ent_1', correction: null },
    };
    const inside = { softRight, activation };
    return makeEnvelope(
      {
        grantId,
        certID,
        vin,
        partNumber,
        seq,
        iat,
        nbf: iat,
        ttl,
        state,
        seenCounter: spec.seenCounter ?? 0,
      },
      spec.inside?.(inside) ?? inside,
      { vehicle: car.key, grant: this.grantKey },
    );
  }

  /** A signed answer, such as `uses_taken`. */
  answer(fields: object): Buffer {
    return Buffer.from(JSON.stringify(signJson(this.grantKey, { ...fields, kid: this.grantKey.kid })));
  }
}

export interface Receipt {
  readonly typ: string;
  readonly grantId: string;
  readonly result: string;
  readonly reason: string | null;
  readonly counter: number;
}

export class Car {
  readonly vin: string;
  readonly certID: string;
  readonly key: KeyPair;
  readonly disk = new FailingDisk();
  readonly clock = { wallMs: Date.now(), steadyMs: 0 };
  readonly events: VehicleEvent[] = [];
  readonly #options: Partial<VehicleOptions>;
  vehicle: Vehicle;

  constructor(
    cloud: Cloud,
    vin: string,
    options: Partial<VehicleOptions> = {},
    server = 'http://127.0.0.1:1',
  ) {
    this.vin = vin;
    this.certID = `cert_${vin}`;
    this.key = makeKeyPair(cloud.algorithm, 2048);
    this.#options = options;
    const { vehicle: certificate, issuing, root } = cloud.certificate(vin, this.key);
    const files = this.files();
    writeIdentity(files, {
      ...{ v: 1, vehicleId: vin, server, algorithm: cloud.algorithm, root },
      current: {
        ...{ id: this.certID, key: keptKeyOf(this.key), certificate, issuing },
        ...{ notBeforeMs: Date.now() - 3_600_000, notAfterMs: Date.now() + 100 * DAY_S * 1000 },
      },
      ...{ previous: null, pending: null },
    });
    files.write('trust', Buffer.from(cloud.trust()));
    this.vehicle = this.boot();
  }

  files(): SealedFiles {
    return new SealedFiles('/car/records', DEVICE_KEY, this.disk.files);
  }

  /** Starts it from what the disk has. */
  boot(): Vehicle {
    const files = this.files();
    const certificates = CertificateModule.open(files);
    const folder = {
      folder: '/car',
      key: DEVICE_KEY,
      files,
      certificates: certificates!,
      close: () => undefined,
    };
    const vehicle = Vehicle.open(folder, {
      tell: (event, fields) => this.events.push({ event, ...fields }),
      clock: { wall: () => this.clock.wallMs, steady: () => this.clock.steadyMs },
      connects: false,
      ...this.#options,
    });
    if (vehicle === undefined) throw new Error('the state does not open');
    this.vehicle = vehicle;
    vehicle.resume();
    return vehicle;
  }

  /** Time goes on, and the car looks at it. */
  pass(ms: number): void {
    this.clock.wallMs += ms;
    this.clock.steadyMs += ms;
    this.vehicle.settle();
  }

  functions(partNumber = 'P-1'): readonly string[] {
    return this.vehicle.software(partNumber).functions();
  }

  /** Everything that waits to go up. */
  sent(): Receipt[] {
    return this.vehicle.state.outbox.map(({ body }) => JSON.parse(body) as Receipt);
  }

  receipts(): string[] {
    return this.sent()
      .filter(({ typ }) => typ === 'receipt')
      .map(({ grantId, result, reason }) => `${grantId} ${result}${reason === null ? '' : ` ${reason}`}`);
  }

  /** Reasons of what was refused, in order. */
  refused(): unknown[] {
    return this.events.filter(({ event }) => event === 'grant_refused').map((event) => event['reason']);
  }
}
