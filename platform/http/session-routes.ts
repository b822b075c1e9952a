// Who streams now, and the owner's way to end one of them. What a session is, the routes learn from a port: sockets
// and threads are none of their business.

import { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type Journal } from '../observe/journal.ts';
import { pageAnswer } from './list-answer.ts';
import { pageOf, type Listed } from './list-page.ts';
import { problem } from './problem.ts';
import { route } from './route.ts';
import { idParams, listOf, many, pageQuery, timeText } from './schemas.ts';

/** What the interface shows of a session, and nothing beyond. */
export interface SessionView extends Listed {
  readonly role: 'rover' | 'base';
  readonly mountpoint: string;
  /** Undefined for bases, and for rovers of an open mountpoint. */
  readonly account: string | undefined;
  /** Of the device, behind whatever trusted proxy. */
  readonly address: string;
  readonly userAgent: string;
  /** Of NTRIP. */
  readonly version: 1 | 2;
  /** Over TLS. */
  readonly secure: boolean;
}

export interface SessionsPort {
  /** Every open session, in any order. */
  all(): Iterable<SessionView>;
  /** Has the session end; false where there is none of this id. */
  close(id: string): boolean;
}

export interface SessionOptions {
  readonly sessions: SessionsPort;
  readonly journal: Journal;
}

const FILTERS = ['role', 'account', 'mountpoint', 'address'] as const;

const filterText = many(z.string().max(256));

const sessionSchema = z
  .strictObject({
    id: z.string(),
    role: z.enum(['rover', 'base']),
    mountpoint: z.string(),
    account: z.string().optional(),
    address: z.string(),
    userAgent: z.string(),
    ntripVersion: z.literal([1, 2]),
    tls: z.boolean(),
    startedAt: timeText,
  })
  .meta({ id: 'Session' });

export function sessionRoutes(app: FastifyInstance, { sessions, journal }: SessionOptions): void {
  route(app, {
    method: 'GET',
    path: '/v1/sessions',
    operationId: 'listSessions',
    tag: 'sessions',
    summary: 'Who streams now, oldest first',
    scope: 'sessions:read',
    operatorsOnly: true,
    query: z.strictObject({
      role: many(z.enum(['rover', 'base'])),
      account: filterText,
      mountpoint: filterText,
      address: filterText,
      ...pageQuery,
    }),
    response: { 200: listOf(sessionSchema) },
    errors: [],
    handle: ({ query }) => pageAnswer(pageOf(matching(sessions.all(), query), query), toJson),
  });

  route(app, {
    method: 'POST',
    path: '/v1/sessions/{id}/close',
    operationId: 'closeSession',
    tag: 'sessions',
    summary: 'End a session',
    scope: 'sessions:close',
    operatorsOnly: true,
    params: idParams,
    response: { 202: z.strictObject({ id: z.string(), status: z.literal('closing') }) },
    errors: ['session_not_found'],
    handle: ({ params: { id }, address, requestId, audit }) => {
      if (!sessions.close(id)) return problem('session_not_found');
      journal.record('info', 'session_close_asked', { session: id, address, requestId });
      audit({ target: { kind: 'session', id } });
      return { status: 202, body: { id, status: 'closing' as const } };
    },
  });
}

function* matching(
  sessions: Iterable<SessionView>,
  filters: Readonly<Partial<Record<(typeof FILTERS)[number], readonly string[] | undefined>>>,
): Generator<SessionView> {
  for (const session of sessions) {
    const fits = FILTERS.every((name) => {
      const value = session[name];
      const wanted = filters[name];
      return wanted === undefined || (value !== undefined && wanted.includes(value));
    });
    if (fits) yield session;
  }
}

function toJson(session: SessionView): z.input<typeof sessionSchema> {
  const { id, role, mountpoint, account, address, userAgent, version, secure, startedAtMs } = session;
  return {
    id,
    role,
    mountpoint,
    ...(account === undefined ? {} : { account }),
    address,
    userAgent,
    ntripVersion: version,
    tls: secure,
    startedAt: new Date(startedAtMs).toISOString(),
  };
}
