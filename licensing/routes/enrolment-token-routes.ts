// Enrolment tokens: made, listed, withdrawn. The token itself is shown once.

import type { FastifyInstance } from 'fastify';
import { type Actor, visible } from '../../platform/http/actor.ts';
import { pageAnswer } from '../../platform/http/list-answer.ts';
import { problem } from '../../platform/http/problem.ts';
import { route } from '../../platform/http/route.ts';
import { deleted, idParams } from '../../platform/http/schemas.ts';
import { hashOfSecret } from '../../platform/secrets/secret-hash.ts';
import { newId } from '../../platform/store/id.ts';
import { pageBy } from '../../platform/store/page.ts';
import type { Kysely } from '../../platform/store/sql.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { EnrolmentTokensTable } from '../../platform/store/tables/pki-tables.ts';
import { newEnrolmentToken } from '../pki/enrolment-token.ts';
import { licensingProblem } from './licensing-error-codes.ts';
import type { LicensingRoutesPorts } from './ports.ts';
import {
  enrolmentTokenFilters,
  enrolmentTokenList,
  enrolmentTokenWithToken,
  newEnrolmentTokenBody,
  viewOfEnrolmentToken,
} from './schemas/enrolment-token.ts';

const TAG = 'enrolment-tokens';
const KIND = 'enrolment_token';

export function enrolmentTokenRoutes(app: FastifyInstance, { store, office }: LicensingRoutesPorts): void {
  route(app, {
    method: 'POST',
    path: '/v1/enrolment-tokens',
    operationId: 'createEnrolmentToken',
    tag: TAG,
    summary: 'Let one vehicle have its first certificate; the token is shown this once',
    scope: 'vehicles:write',
    body: newEnrolmentTokenBody,
    response: { 201: enrolmentTokenWithToken },
    errors: ['customer_not_found'],
    examples: { body: { vehicleId: 'LSVAA4182E2184847' } },
    handle: async ({ actor, body, change, audit }) => {
      const token = newEnrolmentToken();
      return await change(async (tx) => {
        const customerId = body.customerId ?? actor.customerId;
        if (!(await mayBeFor(tx, actor, customerId)))
          return problem('customer_not_found', { param: '/customerId' });
        const nowMs = office.now();
        const row: EnrolmentTokensTable = {
          id: newId('enr'),
          customer_id: customerId,
          vehicle_id: body.vehicleId,
          token_hash: hashOfSecret(token),
          expires_at: nowMs + 1000 * body.validSeconds,
          used_at: null,
          certificate_id: null,
          created_at: nowMs,
        };
        await tx.insertInto('enrolment_tokens').values(row).execute();
        const view = viewOfEnrolmentToken(row);
        audit({ target: { kind: KIND, id: row.id }, customerId, after: view });
        return { status: 201, body: { ...view, token } };
      });
    },
  });

  route(app, {
    method: 'GET',
    path: '/v1/enrolment-tokens',
    operationId: 'listEnrolmentTokens',
    tag: TAG,
    summary: 'List enrolment tokens, without the tokens themselves',
    scope: 'vehicles:read',
    query: enrolmentTokenFilters,
    response: { 200: enrolmentTokenList },
    errors: [],
    handle: async ({ actor, query: { vehicleId, ...request } }) => {
      let rows = store.db.selectFrom('enrolment_tokens').selectAll().where(visible(actor));
      if (vehicleId !== undefined) rows = rows.where('vehicle_id', '=', vehicleId);
      return pageAnswer(await pageBy(rows, request), viewOfEnrolmentToken);
    },
  });

  route(app, {
    method: 'DELETE',
    path: '/v1/enrolment-tokens/{id}',
    operationId: 'deleteEnrolmentToken',
    tag: TAG,
    summary: 'Withdraw an enrolment token; a certificate that was issued for it stays',
    scope: 'vehicles:write',
    params: idParams,
    response: { 200: deleted },
    errors: ['enrolment_token_not_found'],
    handle: ({ actor, params: { id }, change, audit }) =>
      change(async (tx) => {
        const query = tx
          .selectFrom('enrolment_tokens')
          .selectAll()
          .where('id', '=', id)
          .where(visible(actor));
        const row = await query.executeTakeFirst();
        if (row === undefined) return licensingProblem('enrolment_token_not_found');
        await tx.deleteFrom('enrolment_tokens').where('id', '=', id).execute();
        audit({ target: { kind: KIND, id }, customerId: row.customer_id, before: viewOfEnrolmentToken(row) });
        return { status: 200, body: { id, deleted: true } };
      }),
  });
}

async function mayBeFor(db: Kysely<Tables>, actor: Actor, customerId: string | null): Promise<boolean> {
  if (customerId === actor.customerId) return true;
  if (actor.customerId !== null || customerId === null) return false;
  const found = await db.selectFrom('customers').select('id').where('id', '=', customerId).executeTakeFirst();
  return found !== undefined;
}
