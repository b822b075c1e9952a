// Who streams now, and the owner's way to end one of them. What a session is, the routes learn from a port: sockets
// and threads are none of their business.

import { type FastifyInstance } from 'fastify';
import { type Journal } from '../observe/journal.ts';
import { pageOf, readPageRequest, type Listed } from './list-page.ts';
import { gateHook } from './gate-hook.ts';
import { addressOf } from './peer-address.ts';
import { sendProblem } from './problem.ts';
import { readQuery } from './query.ts';

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

export function sessionRoutes(app: FastifyInstance, { sessions, journal }: SessionOptions): void {
  app.get(
    '/v1/sessions',
    { onRequest: gateHook({ scope: 'sessions:read', operatorsOnly: true }) },
    (request, reply) => {
      const query = readQuery(request.query, [...FILTERS, 'limit', 'cursor']);
      if (!query.ok) return sendProblem(reply, query.code, query.details);
      const { limit, cursor, ...filters } = query.values;
      const asked = readPageRequest(limit, cursor);
      if (!asked.ok) return sendProblem(reply, asked.code, asked.details);
      const { entries, nextCursor } = pageOf(matching(sessions.all(), filters), asked);
      const data = entries.map(toJson);
      return reply.send({ object: 'list', data, hasMore: nextCursor !== undefined, nextCursor });
    },
  );

  app.post<{ Params: { id: string } }>(
    '/v1/sessions/:id/close',
    { onRequest: gateHook({ scope: 'sessions:close', operatorsOnly: true }) },
    (request, reply) => {
      const { id } = request.params;
      if (!sessions.close(id)) return sendProblem(reply, 'session_not_found');
      journal.record('info', 'session_close_asked', {
        session: id,
        address: addressOf(request),
        requestId: request.id,
      });
      return reply.code(202).send({ id, status: 'closing' });
    },
  );
}

function* matching(
  sessions: Iterable<SessionView>,
  filters: Readonly<Record<(typeof FILTERS)[number], readonly string[]>>,
): Generator<SessionView> {
  for (const session of sessions) {
    const fits = FILTERS.every((name) => {
      const value = session[name];
      return filters[name].length === 0 || (value !== undefined && filters[name].includes(value));
    });
    if (fits) yield session;
  }
}

function toJson(session: SessionView): object {
  const { id, role, mountpoint, account, address, userAgent, version, secure, startedAtMs } = session;
  return {
    id,
    role,
    mountpoint,
    account,
    address,
    userAgent,
    ntripVersion: version,
    tls: secure,
    startedAt: new Date(startedAtMs).toISOString(),
  };
}
