// What is done to an app as a whole: a new secret, suspended, reinstated, deleted.

import type { FastifyInstance } from 'fastify';
import { route } from '../../platform/http/route.ts';
import { deleted, idParams } from '../../platform/http/schemas.ts';
import { appSecretContext, newAppSecret } from '../accounts/app-secret.ts';
import { emptyApp, findApp } from '../accounts/records/app-records.ts';
import { casterProblem } from './caster-error-codes.ts';
import type { CasterRoutesPorts } from './ports.ts';
import { appView, appWithSecret, secretRotation, viewOfApp } from './schemas/app.ts';

const TAG = 'apps';

export function appActionRoutes(app: FastifyInstance, ports: CasterRoutesPorts): void {
  const { store, bus, secrets } = ports;

  route(app, {
    method: 'POST',
    path: '/v1/apps/{id}/rotate-secret',
    operationId: 'rotateAppSecret',
    tag: TAG,
    summary: 'Give an app a new secret; the old one, and streams that it signed, go on for overlapS seconds',
    scope: 'apps:write',
    params: idParams,
    body: secretRotation,
    response: { 200: appWithSecret },
    errors: ['app_not_found'],
    handle: async ({ actor, params: { id }, body: { overlapS }, change, audit }) => {
      const secret = newAppSecret();
      const answer = await change(async (tx) => {
        const row = await findApp(store, tx, actor, id);
        if (row === undefined) return casterProblem('app_not_found');
        const nowMs = Date.now();
        const changed = {
          secret_sealed: secrets.seal(secret, appSecretContext(id)),
          previous_secret_sealed: overlapS === 0 ? null : row.secret_sealed,
          previous_secret_until: overlapS === 0 ? null : nowMs + overlapS * 1000,
          updated_at: nowMs,
        };
        await tx.updateTable('apps').set(changed).where('id', '=', id).execute();
        const view = viewOfApp({ ...row, ...changed });
        audit({ target: { kind: 'app', id }, customerId: row.customer_id, after: { overlapS } });
        return { status: 200, body: { ...view, appSecret: secret } };
      });
      if ('status' in answer) bus.publish({ kind: 'app', id });
      return answer;
    },
  });

  statusRoute(app, ports, {
    name: 'suspend',
    operationId: 'suspendApp',
    status: 'suspended',
    summary: 'Suspend an app: nobody logs in by it, and its streams end within a second',
  });
  statusRoute(app, ports, {
    name: 'reinstate',
    operationId: 'reinstateApp',
    status: 'active',
    summary: 'Set a suspended app active again',
  });

  route(app, {
    method: 'DELETE',
    path: '/v1/apps/{id}',
    operationId: 'deleteApp',
    tag: TAG,
    summary: 'Delete an app with its accounts and devices',
    description:
      'The app is suspended first. Where the deletion is cut short, the rest is there, suspended: delete again.',
    scope: 'apps:write',
    params: idParams,
    response: { 200: deleted },
    errors: ['app_not_found'],
    handle: async ({ actor, params: { id }, change, audit }) => {
      const row = await findApp(store, store.db, actor, id);
      if (row === undefined) return casterProblem('app_not_found');
      await store.db.updateTable('apps').set({ status: 'suspended' }).where('id', '=', id).execute();
      bus.publish({ kind: 'app', id });
      await emptyApp(store, id);
      const answer = await change(async (tx) => {
        await tx.deleteFrom('apps').where('id', '=', id).execute();
        audit({ target: { kind: 'app', id }, customerId: row.customer_id, before: viewOfApp(row) });
        return { status: 200, body: { id, deleted: true } };
      });
      bus.publish({ kind: 'accounts_of_app', id });
      bus.publish({ kind: 'app', id });
      return answer;
    },
  });
}

interface StatusRoute {
  readonly name: 'suspend' | 'reinstate';
  readonly operationId: string;
  readonly status: 'active' | 'suspended';
  readonly summary: string;
}

function statusRoute(
  app: FastifyInstance,
  { store, bus }: CasterRoutesPorts,
  { name, operationId, status, summary }: StatusRoute,
): void {
  route(app, {
    method: 'POST',
    path: `/v1/apps/{id}/${name}`,
    operationId,
    tag: TAG,
    summary,
    scope: 'apps:write',
    params: idParams,
    response: { 200: appView },
    errors: ['app_not_found'],
    handle: async ({ actor, params: { id }, change, audit }) => {
      const answer = await change(async (tx) => {
        const row = await findApp(store, tx, actor, id);
        if (row === undefined) return casterProblem('app_not_found');
        const changed = { status, updated_at: row.status === status ? row.updated_at : Date.now() };
        await tx.updateTable('apps').set(changed).where('id', '=', id).execute();
        audit({
          target: { kind: 'app', id },
          customerId: row.customer_id,
          before: { status: row.status },
          after: { status },
        });
        return { status: 200, body: viewOfApp({ ...row, ...changed }) };
      });
      if ('status' in answer) bus.publish({ kind: 'app', id });
      return answer;
    },
  });
}
