// Who streams on this node now, and the way to end one of them; who did before, and how it ended.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type Actor, visible } from '../../platform/http/actor.ts';
import { listAnswer, pageAnswer } from '../../platform/http/list-answer.ts';
import { pageOf } from '../../platform/http/list-page.ts';
import { problem } from '../../platform/http/problem.ts';
import { route } from '../../platform/http/route.ts';
import { idParams, storePageQuery } from '../../platform/http/schemas.ts';
import type { OpenSession } from '../accounts/open-sessions.ts';
import { scanPage } from '../accounts/records/scan-page.ts';
import { scanOfClosedSessions } from '../accounts/records/session-filter.ts';
import { casterProblem } from './caster-error-codes.ts';
import { closedSessionFilterOf } from './closed-session-selection.ts';
import type { CasterRoutesPorts } from './ports.ts';
import {
  closedSessionFilters,
  closedSessionList,
  closedSessionView,
  closingReason,
  sessionClosing,
  sessionFilters,
  sessionList,
  sessionView,
  viewOfClosedSession,
  viewOfSession,
} from './schemas/session.ts';

const TAG = 'sessions';
const FILTERS = [
  'role',
  'account',
  'accountId',
  'appId',
  'device',
  'mountpoint',
  'address',
  'customerId',
] as const;

type Filters = Readonly<Partial<Record<(typeof FILTERS)[number], readonly string[] | undefined>>>;
type Sees = (session: OpenSession) => boolean;

export function sessionRoutes(app: FastifyInstance, { store, sessions }: CasterRoutesPorts): void {
  /** A customer sees the sessions of his accounts, and the bases on his mountpoints. */
  async function seenBy(actor: Actor): Promise<Sees> {
    if (actor.customerId === null) return () => true;
    const rows = await store.db.selectFrom('mountpoints').select('name').where(visible(actor)).execute();
    const mountpoints = new Set(rows.map(({ name }) => name));
    return (session) =>
      session.role === 'base' ? mountpoints.has(session.mountpoint) : session.customerId === actor.customerId;
  }

  route(app, {
    method: 'GET',
    path: '/v1/sessions',
    operationId: 'listSessions',
    tag: TAG,
    summary: 'Who streams now, oldest first',
    description:
      'Of several nodes each tells of its own sessions. Counters are of this moment; they are null where the thread ' +
      'that streams is too busy to tell within two seconds.',
    scope: 'sessions:read',
    query: sessionFilters,
    response: { 200: sessionList },
    errors: [],
    handle: async ({ actor, query: { limit, cursor, ...filters } }) => {
      const found = matching(sessions.all(), filters, await seenBy(actor));
      const page = pageOf(found, { limit, cursor });
      if (!page.ok) return problem('invalid_cursor', { param: 'cursor' });
      const facts = await sessions.facts(page.rows.map(({ id }) => id));
      return listAnswer(
        page.rows.map((session, index) => viewOfSession(session, facts[index], sessions.health(session.id))),
        page.nextCursor,
      );
    },
  });

  route(app, {
    method: 'GET',
    path: '/v1/sessions/{id}',
    operationId: 'getSession',
    tag: TAG,
    summary: 'Show a running session',
    scope: 'sessions:read',
    params: idParams,
    response: { 200: sessionView },
    errors: ['session_not_found'],
    handle: async ({ actor, params }) => {
      const session = sessions.get(params.id);
      if (session === undefined || !(await seenBy(actor))(session)) return problem('session_not_found');
      const [facts] = await sessions.facts([session.id]);
      return { status: 200, body: viewOfSession(session, facts, sessions.health(session.id)) };
    },
  });

  route(app, {
    method: 'POST',
    path: '/v1/sessions/{id}/close',
    operationId: 'closeSession',
    tag: TAG,
    summary: 'End a session; the device may come back',
    scope: 'sessions:close',
    params: idParams,
    body: closingReason,
    response: { 202: sessionClosing },
    errors: ['session_not_found'],
    handle: async ({ actor, params: { id }, body, audit, address: from, requestId }) => {
      const session = sessions.get(id);
      if (session === undefined || !(await seenBy(actor))(session)) return problem('session_not_found');
      if (!sessions.close(id)) return problem('session_not_found');
      app.api.journal.record('info', 'session_close_asked', { session: id, address: from, requestId });
      const { account, mountpoint, address } = session;
      audit({
        target: { kind: 'session', id },
        customerId: session.customerId ?? actor.customerId,
        before: { account, mountpoint, address },
        after: { reason: body.reason ?? null },
      });
      return { status: 202, body: { id, status: 'closing' as const } };
    },
  });

  route(app, {
    method: 'GET',
    path: '/v1/closed-sessions',
    operationId: 'listClosedSessions',
    tag: TAG,
    summary: 'Sessions that have ended, with the reason, latest begun first',
    description: 'A page may be short although hasMore is true, as in GET /v1/accounts.',
    scope: 'sessions:read',
    query: z.strictObject({ ...storePageQuery, ...closedSessionFilters }),
    response: { 200: closedSessionList },
    errors: [],
    handle: async ({ actor, query }) => {
      const scan = scanOfClosedSessions(store, closedSessionFilterOf(actor, query));
      return pageAnswer(await scanPage(store.db, scan, query), viewOfClosedSession);
    },
  });

  route(app, {
    method: 'GET',
    path: '/v1/closed-sessions/{id}',
    operationId: 'getClosedSession',
    tag: TAG,
    summary: 'Show a session that has ended',
    scope: 'sessions:read',
    params: idParams,
    response: { 200: closedSessionView },
    errors: ['closed_session_not_found'],
    handle: async ({ actor, params }) => {
      const row = await store.db
        .selectFrom('closed_sessions')
        .selectAll()
        .where('id', '=', params.id)
        .where(visible(actor))
        .executeTakeFirst();
      if (row === undefined) return casterProblem('closed_session_not_found');
      return { status: 200, body: viewOfClosedSession(row) };
    },
  });
}

function* matching(sessions: Iterable<OpenSession>, filters: Filters, sees: Sees): Generator<OpenSession> {
  for (const session of sessions) {
    const fits = FILTERS.every((name) => {
      const wanted = filters[name];
      const value = session[name];
      return wanted === undefined || (typeof value === 'string' && wanted.includes(value));
    });
    if (fits && sees(session)) yield session;
  }
}
