// Service specs: made, listed, changed, deleted. A change reaches running streams by the bus.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type Actor, visible } from '../../platform/http/actor.ts';
import { pageAnswer } from '../../platform/http/list-answer.ts';
import { route } from '../../platform/http/route.ts';
import { deleted, idParams, idText, storePageQuery } from '../../platform/http/schemas.ts';
import { newId } from '../../platform/store/id.ts';
import { pageBy } from '../../platform/store/page.ts';
import { locked } from '../../platform/store/row-lock.ts';
import type { Kysely } from '../../platform/store/sql.ts';
import type { Store } from '../../platform/store/store.ts';
import type { ServiceSpecsTable, Tables } from '../../platform/store/tables.ts';
import { readServiceSpec } from '../accounts/service-spec.ts';
import { casterProblem } from './caster-error-codes.ts';
import { merge } from './merge.ts';
import { ownerFor } from './owner.ts';
import type { CasterRoutesPorts } from './ports.ts';
import {
  changedServiceSpec,
  newServiceSpec,
  serviceSpecChange,
  serviceSpecList,
  serviceSpecView,
  viewOfServiceSpec,
} from './schemas/service-spec.ts';

const TAG = 'service-specs';
const KIND = 'service_spec';

export function serviceSpecRoutes(app: FastifyInstance, { store, bus }: CasterRoutesPorts): void {
  route(app, {
    method: 'POST',
    path: '/v1/service-specs',
    operationId: 'createServiceSpec',
    tag: TAG,
    summary: 'Make a service spec',
    scope: 'specs:write',
    body: newServiceSpec,
    response: { 201: serviceSpecView },
    errors: ['customer_not_found'],
    examples: { body: { name: 'Precise farming', constellations: ['GPS', 'GAL', 'BDS'], msmLevelMax: 4 } },
    handle: ({ actor, body, change, audit }) =>
      change(async (tx) => {
        const { name, customerId, ...spec } = body;
        const owner = await ownerFor(tx, actor, customerId);
        if (!owner.ok) return owner.problem;
        const nowMs = Date.now();
        const row = {
          id: newId('spec'),
          customer_id: owner.customerId,
          name,
          spec: JSON.stringify(spec),
          created_at: nowMs,
          updated_at: nowMs,
        };
        await tx.insertInto('service_specs').values(row).execute();
        const view = viewOfServiceSpec(row);
        audit({ target: { kind: KIND, id: row.id }, customerId: row.customer_id, after: view });
        return { status: 201, body: view };
      }),
  });

  route(app, {
    method: 'GET',
    path: '/v1/service-specs',
    operationId: 'listServiceSpecs',
    tag: TAG,
    summary: 'List service specs',
    scope: 'specs:read',
    query: z.strictObject({ ...storePageQuery, customerId: idText.optional() }),
    response: { 200: serviceSpecList },
    errors: [],
    handle: async ({ actor, query: { customerId, ...request } }) => {
      let rows = store.db.selectFrom('service_specs').selectAll().where(visible(actor));
      if (customerId !== undefined) rows = rows.where('customer_id', '=', customerId);
      return pageAnswer(await pageBy(rows, request), viewOfServiceSpec);
    },
  });

  route(app, {
    method: 'GET',
    path: '/v1/service-specs/{id}',
    operationId: 'getServiceSpec',
    tag: TAG,
    summary: 'Show a service spec',
    scope: 'specs:read',
    params: idParams,
    response: { 200: serviceSpecView },
    errors: ['service_spec_not_found'],
    handle: async ({ actor, params }) => {
      const row = await findSpec(store, store.db, actor, params.id);
      if (row === undefined) return casterProblem('service_spec_not_found');
      return { status: 200, body: viewOfServiceSpec(row) };
    },
  });

  route(app, {
    method: 'PATCH',
    path: '/v1/service-specs/{id}',
    operationId: 'updateServiceSpec',
    tag: TAG,
    summary: 'Change a service spec; running streams follow within a second',
    scope: 'specs:write',
    params: idParams,
    body: serviceSpecChange,
    response: { 200: serviceSpecView },
    errors: ['service_spec_not_found'],
    handle: async ({ actor, params: { id }, body, change, audit }) => {
      const answer = await change(async (tx) => {
        const row = await findSpec(store, tx, actor, id);
        if (row === undefined) return casterProblem('service_spec_not_found');
        const { name = row.name, ...content } = body;
        const merged = merge(changedServiceSpec, readServiceSpec(row.spec), content);
        if (!merged.ok) return merged.problem;
        const changed = { name, spec: JSON.stringify(merged.value), updated_at: Date.now() };
        await tx.updateTable('service_specs').set(changed).where('id', '=', id).execute();
        const view = viewOfServiceSpec({ ...row, ...changed });
        audit({
          target: { kind: KIND, id },
          customerId: row.customer_id,
          before: viewOfServiceSpec(row),
          after: view,
        });
        return { status: 200, body: view };
      });
      if ('status' in answer) bus.publish({ kind: 'spec', id });
      return answer;
    },
  });

  route(app, {
    method: 'DELETE',
    path: '/v1/service-specs/{id}',
    operationId: 'deleteServiceSpec',
    tag: TAG,
    summary: 'Delete a service spec that nobody has any more',
    scope: 'specs:write',
    params: idParams,
    response: { 200: deleted },
    errors: ['service_spec_not_found', 'service_spec_in_use'],
    handle: async ({ actor, params: { id }, change, audit }) => {
      const answer = await change(async (tx) => {
        const row = await findSpec(store, tx, actor, id);
        if (row === undefined) return casterProblem('service_spec_not_found');
        for (const table of ['apps', 'accounts'] as const) {
          const user = await tx
            .selectFrom(table)
            .select('id')
            .where('service_spec_id', '=', id)
            .limit(1)
            .executeTakeFirst();
          if (user !== undefined)
            return casterProblem('service_spec_in_use', { detail: `${user.id} has it` });
        }
        await tx.deleteFrom('service_specs').where('id', '=', id).execute();
        audit({ target: { kind: KIND, id }, customerId: row.customer_id, before: viewOfServiceSpec(row) });
        return { status: 200, body: { id, deleted: true } };
      });
      if ('status' in answer) bus.publish({ kind: 'spec', id });
      return answer;
    },
  });
}

/** A `tx` locks the row where others write beside it. */
async function findSpec(
  { dialect }: Pick<Store, 'dialect'>,
  db: Kysely<Tables>,
  actor: Actor,
  id: string,
): Promise<ServiceSpecsTable | undefined> {
  const query = db.selectFrom('service_specs').selectAll().where('id', '=', id).where(visible(actor));
  return await locked(dialect, db, query).executeTakeFirst();
}
