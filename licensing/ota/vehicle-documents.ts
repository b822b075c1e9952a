// Who really sent a document: it names a certificate, which must be good, the vehicle's, and the one whose key signed it.
// The same way for uplinks and for what comes by HTTP.

import type { Store } from '../../platform/store/store.ts';
import type { CertificatesTable } from '../../platform/store/tables/pki-tables.ts';
import { type DocumentSchema, readSignedJson, type Signed } from '../grants/format/signed-json.ts';
import { findCertificate, stateOf } from '../pki/certificate-records.ts';
import { spkiOf } from '../pki/certificate.ts';
import type { KeyAlgorithm } from '../pki/keys.ts';
import { readPem } from '../pki/pem.ts';

export const DOCUMENT_REFUSALS = [
  'vehicle_document_invalid',
  'vehicle_signature_wrong',
  'certificate_unknown',
  'certificate_other_vehicle',
  'certificate_revoked',
  'certificate_expired',
] as const;

export type DocumentRefusal = (typeof DOCUMENT_REFUSALS)[number];

export type CheckedDocument<T> =
  | { readonly ok: true; readonly document: T; readonly certificate: CertificatesTable }
  | { readonly ok: false; readonly reason: DocumentRefusal; readonly detail?: string };

/** Verifies in the crypto pool: SM2 takes milliseconds. */
export type VerifyDocument = (ask: {
  readonly key: { readonly algorithm: KeyAlgorithm; readonly spki: Uint8Array };
  readonly document: Signed;
}) => Promise<boolean>;

export interface DocumentReaderParts {
  readonly store: Store;
  readonly verify: VerifyDocument;
  readonly now: () => number;
}

interface Head {
  readonly certID: string;
  readonly vin: string;
}

/** `from` is who is known to have brought it. */
export async function readVehicleDocument<T extends Head>(
  { store, verify, now }: DocumentReaderParts,
  bytes: Uint8Array,
  schema: DocumentSchema<T>,
  from?: { readonly vehicleId: string },
): Promise<CheckedDocument<T>> {
  const read = readSignedJson(bytes, schema);
  if (!read.ok) return { ok: false, reason: 'vehicle_document_invalid', detail: read.reason };
  const { document } = read;
  const row = await findCertificate(store.db, document.certID);
  if (row === undefined) return { ok: false, reason: 'certificate_unknown' };
  if (row.vehicle_id !== document.vin || (from !== undefined && from.vehicleId !== document.vin))
    return { ok: false, reason: 'certificate_other_vehicle' };
  const der = readPem('CERTIFICATE', row.certificate);
  if (der === undefined) throw new Error(`the certificate ${row.id} in the store is damaged`);
  const key = { algorithm: row.algorithm, spki: spkiOf(der) };
  if (!(await verify({ key, document }))) return { ok: false, reason: 'vehicle_signature_wrong' };
  const state = stateOf(row, now());
  if (state === 'revoked') return { ok: false, reason: 'certificate_revoked' };
  if (state === 'expired') return { ok: false, reason: 'certificate_expired' };
  return { ok: true, document, certificate: row };
}
