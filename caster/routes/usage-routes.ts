// What was used: summed up, over time, and the rows behind it. Every figure is added up from the same rows.

import type { FastifyInstance } from 'fastify';
import { USAGE_SERIES_POINTS_MAX } from '../../config/limits.ts';
import { listAnswer } from '../../platform/http/list-answer.ts';
import { problem, type Problem } from '../../platform/http/problem.ts';
import { route } from '../../platform/http/route.ts';
import { usageOfDays, wholeDays } from '../metering/days/read-days.ts';
import { fieldsOf, usageByGroups } from '../metering/queries/usage-groups.ts';
import { usageOverTime } from '../metering/queries/usage-series.ts';
import { sessionsOfUsage } from '../metering/queries/usage-sessions.ts';
import { windowsOfUsage } from '../metering/queries/usage-windows.ts';
import type { ClickHouseProblem } from '../metering/sink/clickhouse.ts';
import { METER_ERRORS, meterProblem } from './meter-problem.ts';
import type { CasterRoutesPorts } from './ports.ts';
import { filterOf, viewOfRange } from './schemas/metered.ts';
import {
  seriesQuery,
  seriesView,
  usageList,
  usageQuery,
  usageRowsQuery,
  usageSessionList,
  usageWindowList,
  viewOfGroup,
  viewOfPoint,
  viewOfUsageSession,
  viewOfWindow,
} from './schemas/usage.ts';

const OF_USAGE = { method: 'GET', tag: 'usage', scope: 'usage:read', errors: METER_ERRORS } as const;

export function usageRoutes(app: FastifyInstance, { metering, store }: CasterRoutesPorts): void {
  const { clickhouse } = metering;
  const isOff = clickhouse.kind === 'off';

  function refused(
    found: ClickHouseProblem | { readonly ok: false; readonly reason: 'invalid_cursor' },
    requestId: string,
  ): Problem {
    if (found.reason === 'invalid_cursor') return problem('invalid_cursor', { param: 'cursor' });
    return meterProblem(found, app.api.journal, requestId);
  }

  route(app, {
    ...OF_USAGE,
    path: '/v1/usage',
    operationId: 'sumUsage',
    summary: 'What was used, added up by one or two things, with the totals of all of it',
    description:
      'A window of a session (10 s as a rule) belongs to the time at which it began, and comes in when it has ended. ' +
      'Bases and rovers are added up together unless `role` or `groupBy` tell them apart. Where metering.url is off there ' +
      'are daily totals only: of whole days (UTC), by customer, app, account, mountpoint, role, day and month.',
    query: usageQuery,
    response: { 200: usageList },
    handle: async ({ actor, query: { groupBy, limit, cursor, ...asked }, requestId }) => {
      const wanted = filterOf(actor, asked, Date.now());
      const filter = isOff ? wholeDays(wanted) : wanted;
      const ask = { filter, groupBy, limit, cursor };
      const found = isOff ? await usageOfDays(store, ask) : await usageByGroups(clickhouse, ask);
      if (!found.ok) return refused(found, requestId);
      const fields = fieldsOf(groupBy);
      const { status, body } = listAnswer(
        found.groups.map((group) => viewOfGroup(fields, group)),
        found.nextCursor,
      );
      return { status, body: { ...body, ...viewOfRange(filter), totals: found.totals } };
    },
  });

  route(app, {
    ...OF_USAGE,
    path: '/v1/usage/series',
    operationId: 'usageOverTime',
    summary: 'What was used over time: a point for every step, zero where nothing was',
    description: `At most ${USAGE_SERIES_POINTS_MAX} points.`,
    query: seriesQuery,
    response: { 200: seriesView },
    handle: async ({ actor, query: { step, ...asked }, requestId }) => {
      const filter = filterOf(actor, asked, Date.now());
      const found = await usageOverTime(clickhouse, filter, step);
      if (!found.ok) {
        if (found.reason !== 'too_many_points') return refused(found, requestId);
        const detail = `step is too small: from and to would be more than ${USAGE_SERIES_POINTS_MAX} apart`;
        return problem('invalid_parameter', { param: 'step', detail });
      }
      const points = found.points.map(viewOfPoint);
      const { totals } = found;
      return {
        status: 200,
        body: { object: 'usage_series' as const, step, ...viewOfRange(filter), points, totals },
      };
    },
  });

  route(app, {
    ...OF_USAGE,
    path: '/v1/usage/sessions',
    operationId: 'listUsageSessions',
    summary: 'The sessions behind a sum of usage, each with what it used within the range',
    description: 'Latest begun first. Also of sessions that go on.',
    query: usageRowsQuery,
    response: { 200: usageSessionList },
    handle: async ({ actor, query: { limit, cursor, order, ...asked }, requestId }) => {
      const filter = filterOf(actor, asked, Date.now());
      const found = await sessionsOfUsage(clickhouse, { filter, order, limit, cursor });
      if (!found.ok) return refused(found, requestId);
      const { status, body } = listAnswer(found.sessions.map(viewOfUsageSession), found.nextCursor);
      return { status, body: { ...body, ...viewOfRange(filter), totals: found.totals } };
    },
  });

  route(app, {
    ...OF_USAGE,
    path: '/v1/usage/windows',
    operationId: 'listUsageWindows',
    summary: 'The rows that every figure of usage is added up from: each window of each session',
    description: 'Latest begun session first, and of each session its last window first.',
    query: usageRowsQuery,
    response: { 200: usageWindowList },
    handle: async ({ actor, query: { limit, cursor, order, ...asked }, requestId }) => {
      const filter = filterOf(actor, asked, Date.now());
      const found = await windowsOfUsage(clickhouse, { filter, order, limit, cursor });
      if (!found.ok) return refused(found, requestId);
      const { status, body } = listAnswer(found.windows.map(viewOfWindow), found.nextCursor);
      return { status, body: { ...body, ...viewOfRange(filter) } };
    },
  });
}
