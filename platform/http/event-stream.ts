// The head of an answer that goes on as server-sent events (WHATWG HTML §9.2).

import type { FastifyReply } from 'fastify';
import type { ServerResponse } from 'node:http';

export const EVENT_STREAM_TYPE = 'text/event-stream';

/** From now on the response is the caller's, who must end it. */
export function beginEventStream(reply: FastifyReply): ServerResponse {
  reply.hijack();
  const response = reply.raw;
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) response.setHeader(name, value);
  }
  return response.writeHead(200, {
    'content-type': `${EVENT_STREAM_TYPE}; charset=utf-8`,
    // Ends the connection with the stream.
    connection: 'close',
    // A buffering proxy (nginx) would keep events back.
    'x-accel-buffering': 'no',
  });
}
