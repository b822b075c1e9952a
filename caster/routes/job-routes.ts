// How far bulk jobs are, and what became of each of their rows.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type Actor, visible } from '../../platform/http/actor.ts';
import { LIST_SCAN_ROWS_MAX } from '../../config/limits.ts';
import { listAnswer, pageAnswer } from '../../platform/http/list-answer.ts';
import { problem } from '../../platform/http/problem.ts';
import { route } from '../../platform/http/route.ts';
import { flagText, idParams, pageQuery, storePageQuery } from '../../platform/http/schemas.ts';
import { pageBy } from '../../platform/store/page.ts';
import type { Store } from '../../platform/store/store.ts';
import type { JobsTable } from '../../platform/store/tables.ts';
import { casterProblem } from './caster-error-codes.ts';
import { csvFile } from './csv-file.ts';
import type { CasterRoutesPorts } from './ports.ts';
import { jobList, jobRowList, jobView, viewOfJob, viewOfJobRow } from './schemas/job.ts';

const TAG = 'bulk';
const COLUMNS = ['row', 'ok', 'target', 'code', 'detail'] as const;
const CSV_ROWS_AT_ONCE = 1000;

export function jobRoutes(app: FastifyInstance, { store }: CasterRoutesPorts): void {
  route(app, {
    method: 'GET',
    path: '/v1/jobs',
    operationId: 'listJobs',
    tag: TAG,
    summary: 'List bulk jobs',
    scope: 'jobs:read',
    query: z.strictObject({ ...storePageQuery, state: z.enum(['running', 'done', 'failed']).optional() }),
    response: { 200: jobList },
    errors: [],
    handle: async ({ actor, query }) => {
      let rows = store.db.selectFrom('jobs').selectAll().where(visible(actor));
      if (query.state !== undefined) rows = rows.where('state', '=', query.state);
      return pageAnswer(await pageBy(rows, query), viewOfJob);
    },
  });

  route(app, {
    method: 'GET',
    path: '/v1/jobs/{id}',
    operationId: 'getJob',
    tag: TAG,
    summary: 'Show how far a bulk job is',
    scope: 'jobs:read',
    params: idParams,
    response: { 200: jobView },
    errors: ['job_not_found'],
    handle: async ({ actor, params }) => {
      const job = await findJob(store, actor, params.id);
      return job === undefined ? casterProblem('job_not_found') : { status: 200, body: viewOfJob(job) };
    },
  });

  route(app, {
    method: 'GET',
    path: '/v1/jobs/{id}/rows',
    operationId: 'listJobRows',
    tag: TAG,
    summary: 'What became of each row of a bulk job',
    description: 'With ok a page may be short although hasMore is true, as in GET /v1/accounts.',
    scope: 'jobs:read',
    params: idParams,
    query: z.strictObject({ ...pageQuery, ok: flagText.optional() }),
    response: { 200: jobRowList },
    errors: ['job_not_found'],
    handle: async ({ actor, params: { id }, query: { ok, limit, cursor } }) => {
      const job = await findJob(store, actor, id);
      if (job === undefined) return casterProblem('job_not_found');
      const after = cursor === undefined ? -1 : rowOfCursor(cursor);
      if (after === undefined) return problem('invalid_cursor', { param: 'cursor' });
      // Rows have no gaps: so many are looked through for one page, however rare those are that fit.
      const end = after + LIST_SCAN_ROWS_MAX;
      let query = store.db
        .selectFrom('job_rows')
        .select(COLUMNS)
        .where('job_id', '=', id)
        .where('row', '>', after)
        .where('row', '<=', end);
      if (ok !== undefined) query = query.where('ok', '=', ok ? 1 : 0);
      const found = await query
        .orderBy('row')
        .limit(limit + 1)
        .execute();
      const rows = found.slice(0, limit);
      const isLast = found.length <= limit && end >= job.done + job.failed - 1;
      const last = found.length > limit ? rows.at(-1)!.row : end;
      return listAnswer(rows.map(viewOfJobRow), isLast ? null : cursorOfRow(last));
    },
  });

  route(app, {
    method: 'GET',
    path: '/v1/jobs/{id}/rows.csv',
    operationId: 'exportJobRows',
    tag: TAG,
    summary: 'The rows of a bulk job as CSV',
    scope: 'jobs:read',
    params: idParams,
    response: {},
    file: { contentType: 'text/csv; charset=utf-8', description: COLUMNS.join(',') },
    errors: ['job_not_found'],
    handle: async ({ actor, params: { id } }) => {
      if ((await findJob(store, actor, id)) === undefined) return casterProblem('job_not_found');
      const pageAfter = (after: number) =>
        store.db
          .selectFrom('job_rows')
          .select(COLUMNS)
          .where('job_id', '=', id)
          .where('row', '>', after)
          .orderBy('row')
          .limit(CSV_ROWS_AT_ONCE)
          .execute();
      async function* pages() {
        for (let after = -1; ;) {
          const page = await pageAfter(after);
          yield page.map(({ row, ok, target, code, detail }) => [row, ok === 1, target, code, detail]);
          if (page.length < CSV_ROWS_AT_ONCE) return;
          after = page.at(-1)!.row;
        }
      }
      return csvFile(`${id}.csv`, COLUMNS, pages());
    },
  });
}

async function findJob(store: Store, actor: Actor, id: string): Promise<JobsTable | undefined> {
  return await store.db
    .selectFrom('jobs')
    .selectAll()
    .where('id', '=', id)
    .where(visible(actor))
    .executeTakeFirst();
}

function rowOfCursor(cursor: string): number | undefined {
  const parts = /^row\.(\d{1,9})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  return parts === null ? undefined : Number(parts[1]);
}

function cursorOfRow(row: number): string {
  return Buffer.from(`row.${row}`).toString('base64url');
}
