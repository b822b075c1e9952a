// What of grants takes milliseconds: one piece of work makes a whole grant. It runs in the crypto pool; this file is both
// what the pool's threads run and what the main thread asks for.

import { spkiOf } from '../pki/certificate.ts';
import type { KeyAlgorithm } from '../pki/keys.ts';
import { makeActivation } from './format/activation-string.ts';
import type { ActivationPayload, SoftRight } from './format/documents.ts';
import { type GrantHeader, makeEnvelope, type NamedSigningKey } from './format/envelope.ts';
import {
  type DocumentKeyPair,
  makeDocumentKey,
  type SigningKey,
  type VerifyingKey,
} from './format/signature.ts';
import { type Signed, signJson, verifyJson } from './format/signed-json.ts';

export interface GrantAsk {
  readonly header: GrantHeader;
  readonly softRight: SoftRight;
  readonly activation: ActivationPayload;
  /** The vehicle's, DER: issued here, so that its key was judged before. */
  readonly certificate: Uint8Array;
  readonly algorithm: KeyAlgorithm;
  readonly grantKey: NamedSigningKey;
  readonly activationKey: NamedSigningKey;
}

export interface SignAsk {
  readonly key: SigningKey;
  readonly document: object;
}

export interface VerifyAsk {
  /** Has been through readPublicKey or readVerifyingKey. */
  readonly key: VerifyingKey;
  readonly document: Signed;
}

/** Rejects with CryptoBusy where too much waits already. */
export interface GrantsCrypto {
  /** The document as it is sent, JSON. */
  makeGrant(ask: GrantAsk): Promise<string>;
  /** The document with its `sig`, JSON. */
  signDocument(ask: SignAsk): Promise<string>;
  verifySigned(ask: VerifyAsk): Promise<boolean>;
  makeSigningKey(algorithm: DocumentKeyPair['algorithm']): Promise<DocumentKeyPair>;
}

/** The work itself, by the names of GrantsCrypto. */
export const GRANTS_WORK = {
  makeGrant: (ask: GrantAsk): string => {
    const { header, softRight, activation, certificate, algorithm, grantKey, activationKey } = ask;
    const inside = { softRight, activation: makeActivation(activation, activationKey) };
    const vehicle = { algorithm, spki: spkiOf(certificate) };
    return JSON.stringify(makeEnvelope(header, inside, { vehicle, grant: grantKey }));
  },

  signDocument: ({ key, document }: SignAsk): string => JSON.stringify(signJson(key, document)),

  verifySigned: ({ key, document }: VerifyAsk): boolean => verifyJson(key, document),

  makeSigningKey: (algorithm: DocumentKeyPair['algorithm']): DocumentKeyPair => makeDocumentKey(algorithm),
};
