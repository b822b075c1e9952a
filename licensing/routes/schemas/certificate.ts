// Certificates as they are asked for and shown.

import { z } from 'zod';
import { idText, listOf, storePageQuery, timeOf, timeText } from '../../../platform/http/schemas.ts';
import { readBase64url } from '../../../platform/secrets/base64url.ts';
import type { CertificatesTable } from '../../../platform/store/tables/pki-tables.ts';
import type { Authority } from '../../pki/authorities.ts';
import { stateOf } from '../../pki/certificate-records.ts';
import { REVOCATION_REASONS } from '../../pki/revocation-reason.ts';
import { certificatePem, customer, keyAlgorithm, requestPem, vehicleIdText } from './parts.ts';

export const challengeAsk = z
  .strictObject({ vehicleId: vehicleIdText })
  .meta({ id: 'NewCertificateChallenge' });

export const challengeView = z
  .strictObject({
    challenge: z.string().meta({ description: 'Goes into the attribute challengePassword of the request' }),
    expiresAt: timeText,
  })
  .meta({ id: 'CertificateChallenge' });

export const newCertificate = z
  .strictObject({ vehicleId: vehicleIdText, request: requestPem })
  .meta({ id: 'NewCertificate' });

export const newEnrolment = z
  .strictObject({
    vehicleId: vehicleIdText,
    request: requestPem,
    token: z.string().min(1).max(200).meta({ description: 'The enrolment token' }),
  })
  .meta({ id: 'NewEnrolment' });

export const renewal = z
  .strictObject({
    request: requestPem,
    proof: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,1000}$/, 'must be base64url')
      .refine((text) => readBase64url(text) !== undefined, 'must be base64url')
      .meta({
        description:
          'The old key’s signature over the DER of the request (RSA PKCS #1 v1.5 with SHA-256, or SM2 with SM3 as DER), base64url',
      }),
  })
  .meta({ id: 'CertificateRenewal' });

export const revocation = z
  .strictObject({
    reason: z.enum(REVOCATION_REASONS).default('unspecified').meta({ description: 'As RFC 5280 names it' }),
  })
  .meta({ id: 'CertificateRevocation' });

export const certificateView = z
  .strictObject({
    id: z.string().meta({ description: 'The certificate id' }),
    customerId: customer,
    vehicleId: z.string(),
    algorithm: keyAlgorithm,
    serial: z.string().meta({ description: 'Hex' }),
    state: z.enum(['active', 'superseded', 'revoked', 'expired']).meta({
      description: 'superseded: renewed, and good for the vehicle until revokedAt',
    }),
    keyFingerprint: z.string().meta({ description: 'SHA-256 of its SubjectPublicKeyInfo, hex' }),
    notBefore: timeText,
    notAfter: timeText,
    replaces: z.string().nullable().meta({ description: 'The certificate that it renewed' }),
    revokedAt: timeText.nullable(),
    revokedReason: z.string().nullable(),
    certificate: certificatePem,
    createdAt: timeText,
  })
  .meta({ id: 'Certificate' });

export const issuedView = z
  .strictObject({
    ...certificateView.shape,
    issuingCertificate: certificatePem,
    rootCertificate: certificatePem,
  })
  .meta({ id: 'IssuedCertificate' });

export const certificateList = listOf(certificateView).meta({ id: 'CertificateList' });

export const certificateFilters = z.strictObject({
  ...storePageQuery,
  vehicleId: vehicleIdText.optional(),
  customerId: idText.optional(),
  serial: z
    .string()
    .regex(/^[0-9a-f]{2,40}$/, 'must be hex in lower case')
    .optional(),
});

export function viewOfCertificate(row: CertificatesTable, nowMs: number): z.input<typeof certificateView> {
  return {
    id: row.id,
    customerId: row.customer_id,
    vehicleId: row.vehicle_id,
    algorithm: row.algorithm,
    serial: row.serial,
    state: stateOf(row, nowMs),
    keyFingerprint: row.key_fingerprint,
    notBefore: timeOf(row.not_before),
    notAfter: timeOf(row.not_after),
    replaces: row.replaces,
    revokedAt: timeOf(row.revoked_at),
    revokedReason: row.revoked_reason,
    certificate: row.certificate,
    createdAt: timeOf(row.created_at),
  };
}

export function viewOfIssued(
  row: CertificatesTable,
  nowMs: number,
  { issuingPem, rootPem }: Authority,
): z.input<typeof issuedView> {
  return { ...viewOfCertificate(row, nowMs), issuingCertificate: issuingPem, rootCertificate: rootPem };
}
