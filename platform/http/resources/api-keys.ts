// API keys: who may ask this interface what. Nobody gives a role that has a scope he lacks, and a customer's keys stay
// that customer's.

import { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { API_KEY_OVERLAP_MS_MAX } from '../../../config/limits.ts';
import { pageBy } from '../../store/page.ts';
import { visible, type Actor } from '../actor.ts';
import { pageAnswer } from '../list-answer.ts';
import { problem, type Problem } from '../problem.ts';
import { mayGive, ROLES, type Role } from '../roles.ts';
import { route } from '../route.ts';
import {
  addressRanges,
  givenTime,
  idParams,
  idText,
  listOf,
  many,
  nameText,
  storePageQuery,
} from '../schemas.ts';
import {
  API_KEY_EXAMPLE,
  apiKeySchema,
  findApiKey,
  makeApiKey,
  NEW_API_KEY_EXAMPLE,
  newApiKeySchema,
  noteOf,
  roleName,
  showApiKey,
} from './api-key-record.ts';

const OF_KEYS = { tag: 'api-keys', errors: ['api_key_not_found'] } as const;

export function apiKeyRoutes(app: FastifyInstance): void {
  readRoutes(app);
  createRoute(app);
  updateRoute(app);
  rotateRoute(app);
  revokeRoute(app);
}

function readRoutes(app: FastifyInstance): void {
  const { store } = app.api;

  route(app, {
    ...OF_KEYS,
    method: 'GET',
    path: '/v1/api-keys',
    operationId: 'listApiKeys',
    summary: 'API keys, without their secrets',
    scope: 'keys:read',
    query: z.strictObject({ customerId: many(idText), role: many(roleName), ...storePageQuery }),
    response: { 200: listOf(apiKeySchema) },
    errors: [],
    handle: async ({ actor, query }) => {
      let rows = store.db.selectFrom('api_keys').selectAll().where(visible(actor));
      if (query.customerId !== undefined) rows = rows.where('customer_id', 'in', query.customerId);
      if (query.role !== undefined) rows = rows.where('role', 'in', query.role);
      return pageAnswer(await pageBy(rows, query), showApiKey);
    },
  });

  route(app, {
    ...OF_KEYS,
    method: 'GET',
    path: '/v1/api-keys/{id}',
    operationId: 'getApiKey',
    summary: 'One API key, without its secret',
    scope: 'keys:read',
    params: idParams,
    response: { 200: apiKeySchema },
    examples: { response: { 200: API_KEY_EXAMPLE } },
    handle: async ({ actor, params }) => {
      const row = await findApiKey(store, store.db, actor, params.id);
      return row === undefined ? problem('api_key_not_found') : { status: 200, body: showApiKey(row) };
    },
  });
}

const settings = {
  ipRanges: addressRanges.nullable().meta({ description: 'Addresses it may come from; null is anywhere' }),
  expiresAt: givenTime.nullable().meta({ description: 'When it stops; null is never' }),
};

function createRoute(app: FastifyInstance): void {
  route(app, {
    ...OF_KEYS,
    method: 'POST',
    path: '/v1/api-keys',
    operationId: 'createApiKey',
    summary: 'Make an API key; the answer shows it once',
    description:
      'A customer’s key makes keys of that customer only. Without customerId an operator’s key makes one that sees all.',
    scope: 'keys:write',
    body: z.strictObject({
      name: nameText,
      role: roleName,
      customerId: idText.nullish(),
      ipRanges: settings.ipRanges.optional(),
      expiresAt: settings.expiresAt.optional(),
    }),
    response: { 201: newApiKeySchema },
    errors: ['customer_not_found', 'role_not_allowed'],
    examples: {
      body: { name: 'shop', role: 'agent', customerId: 'cus_2k6eqtq3h5w7yz2a', ipRanges: ['203.0.113.0/24'] },
      response: { 201: NEW_API_KEY_EXAMPLE },
    },
    handle: ({ actor, body, audit, change }) => {
      const customerId = body.customerId ?? actor.customerId;
      const refusal = roleRefusal(actor, body.role, customerId);
      if (refusal !== undefined) return refusal;
      return change(async (tx) => {
        if (customerId !== null) {
          const found = await tx
            .selectFrom('customers')
            .select('id')
            .where('id', '=', customerId)
            .executeTakeFirst();
          const isForeign = actor.customerId !== null && actor.customerId !== customerId;
          if (found === undefined || isForeign)
            return problem('customer_not_found', { param: '/customerId' });
        }
        const { row, text } = makeApiKey({
          customer_id: customerId,
          name: body.name,
          role: body.role,
          ip_ranges: jsonOf(body.ipRanges),
          expires_at: body.expiresAt ?? null,
        });
        await tx.insertInto('api_keys').values(row).execute();
        audit(noteOf(row, { after: showApiKey(row) }));
        return { status: 201, body: { ...showApiKey(row), key: text } };
      });
    },
  });
}

function updateRoute(app: FastifyInstance): void {
  route(app, {
    ...OF_KEYS,
    method: 'PATCH',
    path: '/v1/api-keys/{id}',
    operationId: 'updateApiKey',
    summary: 'Change name, addresses or end of an API key; its role never changes',
    scope: 'keys:write',
    params: idParams,
    body: z.strictObject({
      name: nameText.optional(),
      ipRanges: settings.ipRanges.optional(),
      expiresAt: settings.expiresAt.optional(),
    }),
    response: { 200: apiKeySchema },
    errors: ['api_key_not_found', 'role_not_allowed'],
    examples: { body: { expiresAt: '2027-01-01T00:00:00Z' }, response: { 200: API_KEY_EXAMPLE } },
    handle: async ({ actor, params, body, audit, change }) => {
      const answer = await change(async (tx) => {
        const before = await findApiKey(app.api.store, tx, actor, params.id);
        if (before === undefined) return problem('api_key_not_found');
        const refusal = roleRefusal(actor, before.role as Role, before.customer_id);
        if (refusal !== undefined) return refusal;
        const after = {
          ...before,
          name: body.name ?? before.name,
          ip_ranges: body.ipRanges === undefined ? before.ip_ranges : jsonOf(body.ipRanges),
          expires_at: body.expiresAt === undefined ? before.expires_at : body.expiresAt,
        };
        const { name, ip_ranges, expires_at } = after;
        await tx
          .updateTable('api_keys')
          .set({ name, ip_ranges, expires_at })
          .where('id', '=', before.id)
          .execute();
        audit(noteOf(before, { before: showApiKey(before), after: showApiKey(after) }));
        return { status: 200, body: showApiKey(after) };
      });
      app.api.changes.publish({ kind: 'api_key', id: params.id });
      return answer;
    },
  });
}

const OVERLAP_S_DEFAULT = 86_400;

function rotateRoute(app: FastifyInstance): void {
  route(app, {
    ...OF_KEYS,
    method: 'POST',
    path: '/v1/api-keys/{id}/rotate',
    operationId: 'rotateApiKey',
    summary: 'Make a key that follows this one, which works on for a while',
    description: 'The new key has the name, role, customer and addresses of the old one. It is shown once.',
    scope: 'keys:write',
    params: idParams,
    body: z.strictObject({
      overlapS: z
        .int()
        .min(0)
        .max(API_KEY_OVERLAP_MS_MAX / 1000)
        .default(OVERLAP_S_DEFAULT)
        .meta({ description: 'Seconds that the old key still works; 0 ends it at once' }),
      expiresAt: settings.expiresAt.optional(),
    }),
    response: { 201: newApiKeySchema },
    errors: ['api_key_not_found', 'role_not_allowed', 'key_not_active'],
    examples: { body: { overlapS: 3600 }, response: { 201: NEW_API_KEY_EXAMPLE } },
    handle: async ({ actor, params, body, audit, change }) => {
      const answer = await change(async (tx) => {
        const old = await findApiKey(app.api.store, tx, actor, params.id);
        if (old === undefined) return problem('api_key_not_found');
        const refusal = roleRefusal(actor, old.role as Role, old.customer_id);
        if (refusal !== undefined) return refusal;
        const { status } = showApiKey(old);
        if (status !== 'active') return problem('key_not_active', { detail: `it is ${status}` });
        const { row, text } = makeApiKey({ ...old, expires_at: body.expiresAt ?? null });
        const endMs = Date.now() + body.overlapS * 1000;
        const expires_at = Math.min(endMs, old.expires_at ?? Infinity);
        await tx.insertInto('api_keys').values(row).execute();
        await tx.updateTable('api_keys').set({ expires_at }).where('id', '=', old.id).execute();
        audit(noteOf(row, { after: showApiKey(row) }));
        audit(noteOf(old, { before: showApiKey(old), after: showApiKey({ ...old, expires_at }) }));
        return { status: 201, body: { ...showApiKey(row), key: text } };
      });
      app.api.changes.publish({ kind: 'api_key', id: params.id });
      return answer;
    },
  });
}

function revokeRoute(app: FastifyInstance): void {
  route(app, {
    ...OF_KEYS,
    method: 'POST',
    path: '/v1/api-keys/{id}/revoke',
    operationId: 'revokeApiKey',
    summary: 'End an API key at once and for good',
    scope: 'keys:write',
    params: idParams,
    response: { 200: apiKeySchema },
    errors: ['api_key_not_found', 'role_not_allowed'],
    examples: { response: { 200: { ...API_KEY_EXAMPLE, status: 'revoked' } } },
    handle: async ({ actor, params, audit, change }) => {
      const answer = await change(async (tx) => {
        const before = await findApiKey(app.api.store, tx, actor, params.id);
        if (before === undefined) return problem('api_key_not_found');
        const refusal = roleRefusal(actor, before.role as Role, before.customer_id);
        if (refusal !== undefined) return refusal;
        // Again is no error, and moves no time.
        const after = { ...before, revoked_at: before.revoked_at ?? Date.now() };
        await tx
          .updateTable('api_keys')
          .set({ revoked_at: after.revoked_at })
          .where('id', '=', before.id)
          .execute();
        audit(noteOf(before, { before: showApiKey(before), after: showApiKey(after) }));
        return { status: 200, body: showApiKey(after) };
      });
      app.api.changes.publish({ kind: 'api_key', id: params.id });
      return answer;
    },
  });
}

/** Why `actor` may not have a key of this role for this customer; undefined where he may. */
function roleRefusal(actor: Actor, role: Role, customerId: string | null): Problem | undefined {
  if (!mayGive(actor.role, role)) {
    return problem('role_not_allowed', { detail: `the key in use is ${actor.role}`, param: '/role' });
  }
  if (ROLES[role].customerOnly && customerId === null) {
    const detail = `a key of the role ${role} belongs to a customer`;
    return problem('invalid_body', {
      detail,
      param: '/customerId',
      errors: [{ param: '/customerId', detail }],
    });
  }
  return undefined;
}

function jsonOf(ranges: readonly string[] | null | undefined): string | null {
  return ranges === undefined || ranges === null ? null : JSON.stringify(ranges);
}
