// `GET /v1/events`: what happens, as it happens, as server-sent events. Each message's data is one event as JSON; its
// id can be given back as Last-Event-ID. An event `gap` says that some in between are gone.

import { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type EventFeed } from './event-feed.ts';
import { type EVENT_FIELDS, makeEventFilter, type EventFilter } from './event-filter.ts';
import { beginEventStream, EVENT_STREAM_TYPE } from './event-stream.ts';
import { problem } from './problem.ts';
import { route } from './route.ts';
import { many } from './schemas.ts';

export interface EventOptions {
  readonly feed: EventFeed;
}

const text = many(z.string().max(300));

const filters = z.strictObject({
  topics: text.meta({ description: 'Names of events or their beginnings: `session` is all of sessions' }),
  account: text,
  mountpoint: text,
  address: text,
  reason: text,
} satisfies Record<(typeof EVENT_FIELDS)[number] | 'topics', typeof text>);

const NO_EVENT_ID = 'Last-Event-ID must be the id of an event, or 0 for all that are kept';

export function eventRoutes(app: FastifyInstance, { feed }: EventOptions): void {
  route(app, {
    method: 'GET',
    path: '/v1/events',
    operationId: 'followEvents',
    tag: 'events',
    summary: 'Live events as they happen, as server-sent events',
    description: 'Goes on until one side ends it. With Last-Event-ID it begins behind that event.',
    scope: 'events:read',
    operatorsOnly: true,
    query: filters,
    response: {},
    file: { contentType: EVENT_STREAM_TYPE, description: 'One event as JSON a message' },
    errors: ['too_many_event_readers', 'shutting_down'],
    handle: ({ query, request, reply, address, requestId }) => {
      const last = request.headers['last-event-id'];
      if (last !== undefined && !/^\d{1,16}$/.test(String(last))) {
        return problem('invalid_parameter', { param: 'Last-Event-ID', detail: NO_EVENT_ID });
      }
      const refusal = feed.refusal();
      if (refusal !== undefined) return problem(refusal, {}, 5);
      const filter = makeEventFilter(asLists(query));
      const afterId = last === undefined ? undefined : Number(last);
      feed.add({ response: beginEventStream(reply), filter, afterId, address, requestId });
      return { streaming: true };
    },
  });
}

function asLists(query: z.output<typeof filters>): EventFilter {
  const { topics = [], account = [], mountpoint = [], address = [], reason = [] } = query;
  return { topics, account, mountpoint, address, reason };
}
