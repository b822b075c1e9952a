// `GET /v1/events`: what happens, as it happens, as server-sent events. Each message's data is one event as JSON; its
// id can be given back as Last-Event-ID. An event `gap` says that some in between are gone.

import { type FastifyInstance } from 'fastify';
import { type EventFeed } from './event-feed.ts';
import { EVENT_FIELDS, makeEventFilter } from './event-filter.ts';
import { gateHook } from './gate-hook.ts';
import { addressOf } from './peer-address.ts';
import { sendProblem } from './problem.ts';
import { invalidParameter, readQuery, type BadRequest } from './query.ts';

export interface EventOptions {
  readonly feed: EventFeed;
}

export function eventRoutes(app: FastifyInstance, { feed }: EventOptions): void {
  app.get(
    '/v1/events',
    { onRequest: gateHook({ scope: 'events:read', operatorsOnly: true }), exposeHeadRoute: false },
    (request, reply) => {
      const query = readQuery(request.query, ['topics', ...EVENT_FIELDS]);
      if (!query.ok) return sendProblem(reply, query.code, query.details);
      const resumed = readLastEventId(request.headers['last-event-id']);
      if (!resumed.ok) return sendProblem(reply, resumed.code, resumed.details);
      const refusal = feed.refusal();
      if (refusal !== undefined) return sendProblem(reply.header('retry-after', '5'), refusal);

      reply.hijack();
      const response = reply.raw;
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) response.setHeader(name, value);
      }
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        // Ends the connection with the stream.
        connection: 'close',
        // A buffering proxy (nginx) would keep events back.
        'x-accel-buffering': 'no',
      });
      feed.add({
        response,
        filter: makeEventFilter(query.values),
        afterId: resumed.afterId,
        address: addressOf(request),
        requestId: request.id,
      });
      return reply;
    },
  );
}

type LastEventId = { readonly ok: true; readonly afterId: number | undefined } | BadRequest;

function readLastEventId(header: string | string[] | undefined): LastEventId {
  if (header === undefined) return { ok: true, afterId: undefined };
  const id = String(header);
  if (/^\d{1,16}$/.test(id)) return { ok: true, afterId: Number(id) };
  return invalidParameter('Last-Event-ID', 'must be the id of an event, or 0 for all that are kept');
}
