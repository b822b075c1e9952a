// A grant with all its keys, of which every part can be made wrong.

import { makeActivation } from '../../../../licensing/grants/format/activation-string.ts';
import type {
  ActivationPayload,
  GrantDocument,
  SoftRight,
} from '../../../../licensing/grants/format/documents.ts';
import { type GrantHeader, makeEnvelope } from '../../../../licensing/grants/format/envelope.ts';
import { type DocumentKeyPair, makeDocumentKey } from '../../../../licensing/grants/format/signature.ts';
import type { Receiver } from '../../../../licensing/grants/format/take-grant.ts';
import { type KeyAlgorithm, type KeyPair, makeKeyPair } from '../../../../licensing/pki/keys.ts';

export const NOW_S = 1_795_290_000;

export const HEADER: GrantHeader = {
  ...{ grantId: 'gra_1', certID: 'cert_1', vin: 'LSVAA4182E2184847', partNumber: 'ADAS-01', seq: 7 },
  ...{ iat: NOW_S, nbf: NOW_S, ttl: 2_592_000, state: 'active' },
};

export const RIGHT: SoftRight = {
  ...{ partNumber: 'ADAS-01', version: '1.4.0', versionRule: 'at_least', functions: ['lane', '泊车'] },
  ...{ startsAt: NOW_S, endsAt: null, uses: 5, leaseId: 'gra_1', entitlementId: 'ent_1', correction: null },
};

export const ACTIVATION: ActivationPayload = {
  ...{ v: 1, instruction: 'activate', partNumber: 'ADAS-01', version: '1.4.0', functions: ['lane', '泊车'] },
  ...{ durationS: null, count: 5, vin: HEADER.vin, grantId: 'gra_1', seq: 7, notAfter: null },
};

export interface Keys {
  readonly vehicle: KeyPair;
  readonly grant: DocumentKeyPair & { readonly kid: string };
  readonly activation: DocumentKeyPair;
}

export function newKeys(algorithm: KeyAlgorithm): Keys {
  const cloud = algorithm === 'rsa' ? 'es256' : 'sm2';
  return {
    vehicle: makeKeyPair(algorithm, 2048),
    grant: { kid: 'grant-1', ...makeDocumentKey(cloud) },
    activation: makeDocumentKey(cloud),
  };
}

export interface Changes {
  readonly header?: Partial<GrantHeader>;
  readonly right?: Partial<SoftRight>;
  readonly activation?: Partial<ActivationPayload>;
}

export function grantWith({ vehicle, grant, activation }: Keys, changes: Changes = {}): GrantDocument {
  const inside = {
    softRight: { ...RIGHT, ...changes.right },
    activation: makeActivation({ ...ACTIVATION, ...changes.activation }, activation),
  };
  return makeEnvelope({ ...HEADER, ...changes.header }, inside, { vehicle, grant });
}

export function receiverOf(keys: Keys, differs: Partial<Receiver> = {}): Receiver {
  return {
    vin: HEADER.vin,
    keyOf: (certID) => (certID === HEADER.certID ? keys.vehicle : undefined),
    grantKeys: [keys.grant],
    activationKeys: [keys.activation],
    lastSeqOf: () => 6,
    nowS: NOW_S,
    ...differs,
  };
}

export const bytesOf = (document: object): Buffer => Buffer.from(JSON.stringify(document));
