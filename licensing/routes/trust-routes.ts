// What vehicles trust: the signed document for them, and the keys of the cloud for the operator, who may change them.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { pageAnswer } from '../../platform/http/list-answer.ts';
import { route } from '../../platform/http/route.ts';
import { storePageQuery } from '../../platform/http/schemas.ts';
import { pageBy } from '../../platform/store/page.ts';
import type { Store } from '../../platform/store/store.ts';
import type { SigningKeys } from '../grants/signing-keys.ts';
import type { TrustDesk } from '../grants/trust.ts';
import { CryptoBusy } from '../pki/pki-crypto.ts';
import { licensingProblem } from './licensing-error-codes.ts';
import { rotation, signingKeyList, signingKeyView, viewOfSigningKey } from './schemas/grant.ts';
import { keyAlgorithm } from './schemas/parts.ts';

const TAG = 'signing-keys';
const CRYPTO_BUSY_RETRY_S = 2;

const trustQuery = z.strictObject({ algorithm: keyAlgorithm.meta({ description: 'Of the vehicle’s key' }) });

const trustedKeys = z.array(
  z.strictObject({ kid: z.string(), algorithm: z.enum(['ES256', 'SM2SM3']), spki: z.string() }),
);

const trustView = z
  .strictObject({
    v: z.literal(1),
    typ: z.literal('trust'),
    algorithm: keyAlgorithm,
    issuedAt: z.int().meta({ description: 'Seconds since 1970' }),
    grantKeys: trustedKeys,
    activationKeys: trustedKeys,
    broker: z.strictObject({
      host: z.string(),
      port: z.int(),
      tokenPort: z.int(),
      ca: z.string().optional().meta({ description: 'PEM of what its certificate comes from' }),
    }),
    otaRootUrl: z.string(),
    sig: z.string().meta({ description: 'By the issuing authority of this algorithm: docs/grants.md' }),
  })
  .meta({ id: 'Trust' });

export interface TrustPorts {
  readonly store: Store;
  readonly keys: SigningKeys;
  readonly trust: TrustDesk;
  readonly now: () => number;
}

export function trustRoutes(app: FastifyInstance, { store, keys, trust, now }: TrustPorts): void {
  route(app, {
    method: 'GET',
    path: '/v1/trust',
    operationId: 'getTrust',
    tag: TAG,
    summary: 'What a vehicle may trust beside its root: signed by the issuing authority of its algorithm',
    scope: 'public',
    query: trustQuery,
    response: { 200: trustView },
    errors: ['crypto_busy', 'store_unavailable'],
    handle: ({ query: { algorithm } }) =>
      unlessBusy(async () => ({
        status: 200 as const,
        body: trustView.parse(JSON.parse(await trust.of(algorithm))),
      })),
  });

  route(app, {
    method: 'GET',
    path: '/v1/signing-keys',
    operationId: 'listSigningKeys',
    tag: TAG,
    summary: 'List the keys that sign grants and activation strings, the public parts',
    scope: 'vehicles:read',
    operatorsOnly: true,
    query: z.strictObject(storePageQuery),
    response: { 200: signingKeyList },
    errors: [],
    handle: async ({ query }) =>
      pageAnswer(await pageBy(store.db.selectFrom('signing_keys').selectAll(), query), viewOfSigningKey),
  });

  route(app, {
    method: 'POST',
    path: '/v1/signing-keys/rotate',
    operationId: 'rotateSigningKey',
    tag: TAG,
    summary:
      'Sign with a new key from now on; vehicles trust the old one for 30 days more, unless it was given away',
    scope: 'vehicles:write',
    operatorsOnly: true,
    body: rotation,
    response: { 201: signingKeyView },
    errors: ['crypto_busy'],
    handle: ({ body: { purpose, algorithm, isCompromised }, change, audit }) =>
      unlessBusy(async () => {
        const draft = await keys.rotate(purpose, algorithm, { nowMs: now(), isCompromised });
        const answer = await change(async (tx) => {
          const view = viewOfSigningKey(await draft.record(tx));
          audit({ target: { kind: 'signing_key', id: view.id }, after: { ...view, isCompromised } });
          return { status: 201 as const, body: view };
        });
        trust.forget();
        return answer;
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
