// What the cloud answers a vehicle, beside grants: signed by a grant key, and read as strictly as a grant.

import {
  type DocumentSchema,
  readSignedJson,
  type Signed,
  verifyJson,
} from '../../grants/format/signed-json.ts';
import type { NamedVerifyingKey } from '../../grants/format/take-grant.ts';

export interface UsesTaken {
  readonly typ: 'uses_taken';
  readonly leaseId: string;
  readonly counter: number;
}

export interface PackageOfferAnswer {
  readonly typ: 'package_offer';
  readonly requestId: string;
  readonly ok: boolean;
  readonly reason?: string | null;
  readonly metadataUrl?: string | null;
  readonly targetName?: string | null;
  readonly url?: string | null;
  readonly expiresAt?: string | number | null;
}

export interface ClaimCodeAnswer {
  readonly typ: 'claim_code';
  readonly requestId: string;
  readonly code: string;
  readonly expiresAt: string | number;
}

export type ReadAnswer<Answer> =
  | { readonly ok: true; readonly answer: Answer }
  | {
      readonly ok: false;
      readonly reason: 'answer_malformed' | 'answer_forged' | 'answer_of_other_vehicle';
    };

/** Whose signature an answer must have, and for whom it must be where it says so. */
export interface AnswerChecks {
  readonly keys: readonly NamedVerifyingKey[];
  readonly vin: string;
}

type Fields = Readonly<Record<string, unknown>>;

const ANYTHING: DocumentSchema<Fields> = {
  safeParse: (value) => ({ success: true, data: value as Fields }),
};

/** Which key it says to be signed by; nothing is checked yet. */
export function kidOf(bytes: Uint8Array): string | undefined {
  const read = readSignedJson(bytes, ANYTHING);
  const kid: unknown = read.ok ? read.document['kid'] : undefined;
  return typeof kid === 'string' ? kid : undefined;
}

export function readUsesTaken(bytes: Uint8Array, checks: AnswerChecks): ReadAnswer<UsesTaken> {
  return read<UsesTaken>(bytes, checks, 'uses_taken', ({ leaseId, counter }) => {
    return typeof leaseId === 'string' && Number.isSafeInteger(counter);
  });
}

export function readPackageOffer(bytes: Uint8Array, checks: AnswerChecks): ReadAnswer<PackageOfferAnswer> {
  return read<PackageOfferAnswer>(bytes, checks, 'package_offer', ({ requestId, ok }) => {
    return typeof requestId === 'string' && typeof ok === 'boolean';
  });
}

export function readClaimCode(bytes: Uint8Array, checks: AnswerChecks): ReadAnswer<ClaimCodeAnswer> {
  return read<ClaimCodeAnswer>(bytes, checks, 'claim_code', ({ requestId, code }) => {
    return typeof requestId === 'string' && typeof code === 'string';
  });
}

function read<Answer extends { readonly typ: string }>(
  bytes: Uint8Array,
  checks: AnswerChecks,
  typ: string,
  isWhole: (fields: Fields) => boolean,
): ReadAnswer<Answer> {
  const schema: DocumentSchema<Answer> = {
    safeParse(value) {
      const fields = typeof value === 'object' && value !== null ? (value as Fields) : {};
      return fields['typ'] === typ && isWhole(fields)
        ? { success: true, data: value as Answer }
        : { success: false };
    },
  };
  const document = readSignedJson(bytes, schema);
  if (!document.ok) return { ok: false, reason: 'answer_malformed' };
  const signed: Answer & Signed = document.document;
  if (!checks.keys.some((key) => verifyJson(key, signed))) return { ok: false, reason: 'answer_forged' };
  const isForOther = 'vin' in signed && signed.vin !== checks.vin;
  return isForOther ? { ok: false, reason: 'answer_of_other_vehicle' } : { ok: true, answer: signed };
}
