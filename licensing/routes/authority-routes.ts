// Who signs certificates, and what was revoked: for everybody who has to check one.

import type { FastifyInstance } from 'fastify';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { route } from '../../platform/http/route.ts';
import { CryptoBusy } from '../pki/pki-crypto.ts';
import { licensingProblem } from './licensing-error-codes.ts';
import type { LicensingRoutesPorts } from './ports.ts';
import { certificatePem, keyAlgorithm } from './schemas/parts.ts';

const TAG = 'certificate-authorities';
const CRYPTO_BUSY_RETRY_S = 2;

const authorityParams = z.strictObject({ algorithm: keyAlgorithm });

const authorityView = z
  .strictObject({
    algorithm: keyAlgorithm,
    rootCertificate: certificatePem,
    issuingCertificate: certificatePem,
    crlUrl: z.string().meta({ description: 'Where its revocation list is, as certificates say it' }),
  })
  .meta({ id: 'CertificateAuthority' });

export function authorityRoutes(
  app: FastifyInstance,
  { office, revocationLists }: LicensingRoutesPorts,
): void {
  route(app, {
    method: 'GET',
    path: '/v1/certificate-authorities/{algorithm}',
    operationId: 'getCertificateAuthority',
    tag: TAG,
    summary: 'Show root and issuing authority of an algorithm',
    scope: 'public',
    params: authorityParams,
    response: { 200: authorityView },
    errors: ['crypto_busy', 'store_unavailable'],
    handle: ({ params: { algorithm } }) =>
      unlessBusy(async () => {
        const { rootPem, issuingPem } = await office.authorities.of(algorithm);
        const crlUrl = office.crlUrl(algorithm);
        return {
          status: 200,
          body: { algorithm, rootCertificate: rootPem, issuingCertificate: issuingPem, crlUrl },
        };
      }),
  });

  route(app, {
    method: 'GET',
    path: '/v1/certificate-authorities/{algorithm}/crl',
    operationId: 'getRevocationList',
    tag: TAG,
    summary: 'The revocation list of an algorithm’s issuing authority, DER (RFC 5280)',
    scope: 'public',
    params: authorityParams,
    response: {},
    file: { contentType: 'application/pkix-crl', description: 'The list' },
    errors: ['crypto_busy', 'store_unavailable'],
    handle: ({ params: { algorithm } }) =>
      unlessBusy(async () => {
        const authority = await office.authorities.of(algorithm);
        const der = await revocationLists.of(authority, office.now());
        return { file: { name: `${algorithm}.crl`, content: Readable.from([Buffer.from(der)]) } };
      }),
  });
}

async function unlessBusy<Answer>(work: () => Promise<Answer>) {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CryptoBusy)) throw error;
    return licensingProblem('crypto_busy', {}, CRYPTO_BUSY_RETRY_S);
  }
}
