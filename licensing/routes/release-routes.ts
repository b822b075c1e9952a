// Releases: which package goes out, to how many of those who are entitled to it, and whether it does at the moment. An
// aborted one is over for good; vehicles that have its package keep it.

import type { FastifyInstance } from 'fastify';
import { visible } from '../../platform/http/actor.ts';
import { pageAnswer } from '../../platform/http/list-answer.ts';
import { route } from '../../platform/http/route.ts';
import { idParams } from '../../platform/http/schemas.ts';
import { newId } from '../../platform/store/id.ts';
import { pageBy } from '../../platform/store/page.ts';
import { locked } from '../../platform/store/row-lock.ts';
import type { ReleasesTable } from '../../platform/store/tables/ota-tables.ts';
import { licensingProblem } from './licensing-error-codes.ts';
import type { LicensingRoutesPorts } from './ports.ts';
import {
  newRelease,
  releaseChange,
  releaseFilters,
  releaseList,
  releaseView,
  viewOfRelease,
} from './schemas/package.ts';

const TAG = 'releases';
const KIND = 'release';

type State = ReleasesTable['state'];

interface Step {
  readonly step: string;
  readonly operationId: string;
  readonly from: readonly State[];
  readonly to: State;
  readonly summary: string;
}

const STEPS = [
  {
    ...{ step: 'resume', operationId: 'resumeRelease', from: ['draft', 'paused'], to: 'active' },
    summary: 'Let vehicles have it, for the first time or again',
  },
  {
    ...{ step: 'pause', operationId: 'pauseRelease', from: ['active'], to: 'paused' },
    summary: 'Hold it: nobody is offered it, and downloads end at their next piece',
  },
  {
    ...{ step: 'abort', operationId: 'abortRelease', from: ['draft', 'active', 'paused'], to: 'aborted' },
    summary: 'End it for good',
  },
] as const satisfies readonly Step[];

export function releaseRoutes(app: FastifyInstance, { store }: LicensingRoutesPorts): void {
  route(app, {
    method: 'POST',
    path: '/v1/releases',
    operationId: 'createRelease',
    tag: TAG,
    summary: 'Release a package to those who are entitled to it',
    scope: 'packages:write',
    body: newRelease,
    response: { 201: releaseView },
    errors: ['package_not_found', 'package_not_ready', 'release_exists'],
    handle: ({ actor, body, change, audit }) =>
      change(async (tx) => {
        const query = tx
          .selectFrom('packages')
          .selectAll()
          .where('id', '=', body.packageId)
          .where(visible(actor));
        const found = await locked(store.dialect, tx, query).executeTakeFirst();
        if (found === undefined) return licensingProblem('package_not_found', { param: '/packageId' });
        if (found.state !== 'ready') return licensingProblem('package_not_ready');
        const running = await tx
          .selectFrom('releases')
          .select('id')
          .where('package_id', '=', found.id)
          .where('state', '<>', 'aborted')
          .executeTakeFirst();
        if (running !== undefined)
          return licensingProblem('release_exists', { detail: `it is ${running.id}` });
        const nowMs = Date.now();
        const row: ReleasesTable = {
          id: newId('rel'),
          customer_id: found.customer_id,
          package_id: found.id,
          part_number: found.part_number,
          state: body.state,
          share_percent: body.sharePercent,
          created_at: nowMs,
          changed_at: nowMs,
        };
        await tx.insertInto('releases').values(row).execute();
        const view = viewOfRelease(row);
        audit({ target: { kind: KIND, id: row.id }, customerId: row.customer_id, after: view });
        return { status: 201, body: view };
      }),
  });

  route(app, {
    method: 'GET',
    path: '/v1/releases',
    operationId: 'listReleases',
    tag: TAG,
    summary: 'List releases',
    scope: 'packages:read',
    query: releaseFilters,
    response: { 200: releaseList },
    errors: [],
    handle: async ({ actor, query: { partNumber, packageId, state, ...request } }) => {
      let rows = store.db.selectFrom('releases').selectAll().where(visible(actor));
      if (partNumber !== undefined) rows = rows.where('part_number', '=', partNumber);
      if (packageId !== undefined) rows = rows.where('package_id', '=', packageId);
      if (state !== undefined) rows = rows.where('state', '=', state);
      return pageAnswer(await pageBy(rows, request), viewOfRelease);
    },
  });

  route(app, {
    method: 'GET',
    path: '/v1/releases/{id}',
    operationId: 'getRelease',
    tag: TAG,
    summary: 'Show a release',
    scope: 'packages:read',
    params: idParams,
    response: { 200: releaseView },
    errors: ['release_not_found'],
    handle: async ({ actor, params: { id } }) => {
      const query = store.db.selectFrom('releases').selectAll().where('id', '=', id).where(visible(actor));
      const row = await query.executeTakeFirst();
      return row === undefined
        ? licensingProblem('release_not_found')
        : { status: 200, body: viewOfRelease(row) };
    },
  });

  route(app, {
    method: 'PATCH',
    path: '/v1/releases/{id}',
    operationId: 'updateRelease',
    tag: TAG,
    summary: 'Change how many vehicles get it',
    scope: 'packages:write',
    params: idParams,
    body: releaseChange,
    response: { 200: releaseView },
    errors: ['release_not_found', 'release_state_wrong'],
    handle: ({ actor, params: { id }, body, change, audit }) =>
      change(async (tx) => {
        const query = tx.selectFrom('releases').selectAll().where('id', '=', id).where(visible(actor));
        const row = await locked(store.dialect, tx, query).executeTakeFirst();
        if (row === undefined) return licensingProblem('release_not_found');
        if (row.state === 'aborted')
          return licensingProblem('release_state_wrong', { detail: 'it is aborted' });
        const changed = { share_percent: body.sharePercent, changed_at: Date.now() };
        await tx.updateTable('releases').set(changed).where('id', '=', id).execute();
        const [before, view] = [viewOfRelease(row), viewOfRelease({ ...row, ...changed })];
        audit({ target: { kind: KIND, id }, customerId: row.customer_id, before, after: view });
        return { status: 200, body: view };
      }),
  });

  for (const { step, operationId, from, to, summary } of STEPS) {
    route(app, {
      method: 'POST',
      path: `/v1/releases/{id}/${step}`,
      ...{ operationId, summary },
      tag: TAG,
      scope: 'packages:write',
      params: idParams,
      response: { 200: releaseView },
      errors: ['release_not_found', 'release_state_wrong'],
      handle: ({ actor, params: { id }, change, audit }) =>
        change(async (tx) => {
          const query = tx.selectFrom('releases').selectAll().where('id', '=', id).where(visible(actor));
          const row = await locked(store.dialect, tx, query).executeTakeFirst();
          if (row === undefined) return licensingProblem('release_not_found');
          if (!(from as readonly State[]).includes(row.state))
            return licensingProblem('release_state_wrong', { detail: `it is ${row.state}` });
          const changed = { state: to, changed_at: Date.now() };
          await tx.updateTable('releases').set(changed).where('id', '=', id).execute();
          const [before, view] = [viewOfRelease(row), viewOfRelease({ ...row, ...changed })];
          audit({ target: { kind: KIND, id }, customerId: row.customer_id, before, after: view });
          return { status: 200, body: view };
        }),
    });
  }
}
