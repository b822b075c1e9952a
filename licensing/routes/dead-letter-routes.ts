// What the queue could not get done: shown to operators, and tried again when they say so.

import type { FastifyInstance } from 'fastify';
import { pageAnswer } from '../../platform/http/list-answer.ts';
import { route } from '../../platform/http/route.ts';
import { idParams } from '../../platform/http/schemas.ts';
import { pageBy } from '../../platform/store/page.ts';
import { retryDeadLetter } from '../entitlements/dead-letters.ts';
import type { EntitlementRoutesPorts } from './entitlement-ports.ts';
import { licensingProblem } from './licensing-error-codes.ts';
import {
  deadLetterFilters,
  deadLetterList,
  deadLetterRetried,
  viewOfDeadLetter,
} from './schemas/entitlement.ts';

const TAG = 'dead-letters';

export function deadLetterRoutes(app: FastifyInstance, { store, outbox }: EntitlementRoutesPorts): void {
  route(app, {
    method: 'GET',
    path: '/v1/dead-letters',
    operationId: 'listDeadLetters',
    tag: TAG,
    summary: 'List what the queue gave up, and why',
    scope: 'entitlements:read',
    operatorsOnly: true,
    query: deadLetterFilters,
    response: { 200: deadLetterList },
    errors: [],
    handle: async ({ query: { topic, ...request } }) => {
      let rows = store.db.selectFrom('dead_letters').selectAll();
      if (topic !== undefined) rows = rows.where('topic', '=', topic);
      return pageAnswer(await pageBy(rows, request), viewOfDeadLetter);
    },
  });

  route(app, {
    method: 'POST',
    path: '/v1/dead-letters/{id}/retry',
    operationId: 'retryDeadLetter',
    tag: TAG,
    summary: 'Put a dead letter back into the queue',
    scope: 'entitlements:write',
    operatorsOnly: true,
    params: idParams,
    response: { 200: deadLetterRetried },
    errors: ['dead_letter_not_found'],
    handle: async ({ params: { id }, change, audit }) => {
      const answer = await change(async (tx) => {
        const retried = await retryDeadLetter(tx, id, Date.now());
        if (retried === undefined) return licensingProblem('dead_letter_not_found');
        audit({ target: { kind: 'dead_letter', id }, after: retried });
        return { status: 200, body: { id, ...retried } };
      });
      if ('status' in answer) outbox.wake();
      return answer;
    },
  });
}
