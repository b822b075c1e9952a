// The forms of the documents that grants, receipts and trust are made of, and what every uplink of a vehicle has in
// common. Times are whole seconds since 1970. Fields that a later version adds are let pass: they are signed like the rest.

import { z } from 'zod';
import { SIGNATURE_ALGORITHMS } from './signature.ts';

const text = z.string().min(1).max(200);
const seconds = z.int().min(0);
const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/);
/** Grows with each document of its kind. */
const counter = z.int().min(0);

export const partNumberForm = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/);

/** To be spread into the schema of each uplink; `typ` says which it is. */
export const UPLINK_HEAD = {
  v: z.literal(1),
  certID: text,
  vin: text,
  at: seconds,
  sig: base64url,
} as const;

export const GRANT_KEY_ALGORITHMS = ['RSA-OAEP-256', 'SM2-GMT0009'] as const;

export const grantDocument = z.looseObject({
  v: z.literal(1),
  typ: z.literal('soft-right'),
  grantId: text,
  certID: text,
  vin: text,
  partNumber: text,
  seq: z.int().min(1),
  iat: seconds,
  nbf: seconds,
  /** Seconds from iat on for which it may be used offline; not when the right ends. */
  ttl: z.int().min(1),
  keyAlg: z.enum(GRANT_KEY_ALGORITHMS),
  encAlg: z.literal('A128GCM'),
  kid: text,
  sigAlg: z.enum(SIGNATURE_ALGORITHMS).extract(['ES256', 'SM2SM3']),
  state: z.enum(['active', 'revoked']),
  /** The greatest counter that the cloud has seen of this vehicle: storage with a smaller one was put back. */
  seenCounter: counter.optional(),
  encrySoftRight: base64url,
  asyAESKey: base64url,
  sig: base64url,
});
export type GrantDocument = z.infer<typeof grantDocument>;

export const softRight = z.looseObject({
  partNumber: text,
  version: text,
  versionRule: z.enum(['at_least', 'exact']),
  functions: z.array(text).max(100),
  startsAt: seconds,
  endsAt: seconds.nullable(),
  uses: z.int().min(0).nullable(),
  leaseId: text,
  entitlementId: text,
  correction: z
    .looseObject({
      host: text,
      port: z.int().min(1).max(65_535),
      tls: z.boolean(),
      mountpoint: text,
      username: text,
      password: text,
    })
    .nullable(),
});
export type SoftRight = z.infer<typeof softRight>;

/** What encrySoftRight holds. */
export const grantContent = z.looseObject({
  softRight,
  activation: z.string().max(8192),
  vin: text,
  certID: text,
  grantId: text,
  seq: z.int().min(1),
});
export type GrantContent = z.infer<typeof grantContent>;

export const activationPayload = z.looseObject({
  v: z.literal(1),
  instruction: z.enum(['activate', 'deactivate']),
  partNumber: text,
  version: text,
  functions: z.array(text).max(100),
  durationS: seconds.nullable(),
  count: z.int().min(0).nullable(),
  vin: text,
  grantId: text,
  /** Of the grant: the software takes none below the greatest that it has obeyed. */
  seq: z.int().min(1),
  notAfter: seconds.nullable(),
});
export type ActivationPayload = z.infer<typeof activationPayload>;

export const RECEIPT_RESULTS = [
  'activated',
  'stored',
  'waits_for_package',
  'deactivated',
  'refused',
] as const;

export const receiptDocument = z.looseObject({
  ...UPLINK_HEAD,
  typ: z.literal('receipt'),
  grantId: text,
  seq: z.int().min(1),
  partNumber: text,
  result: z.enum(RECEIPT_RESULTS),
  reason: text.nullable(),
  installedVersion: text.nullable(),
  counter,
});
export type ReceiptDocument = z.infer<typeof receiptDocument>;

const trustedKey = z.looseObject({ kid: text, algorithm: z.enum(['ES256', 'SM2SM3']), spki: base64url });

/** What a vehicle trusts beside its root, signed by the issuing authority of its algorithm. */
export const trustDocument = z.looseObject({
  v: z.literal(1),
  typ: z.literal('trust'),
  algorithm: z.enum(['rsa', 'sm2']),
  issuedAt: seconds,
  grantKeys: z.array(trustedKey).max(100),
  activationKeys: z.array(trustedKey).max(100),
  broker: z.looseObject({
    host: text,
    port: z.int().min(0).max(65_535),
    tokenPort: z.int().min(0).max(65_535),
  }),
  otaRootUrl: text,
  sig: base64url,
});
export type TrustDocument = z.infer<typeof trustDocument>;
