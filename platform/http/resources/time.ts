// `GET /v1/time`: for devices without a clock, before they sign.

import { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { route } from '../route.ts';
import { timeText } from '../schemas.ts';

const serverTime = z
  .strictObject({
    time: timeText,
    unixSeconds: z.int().meta({ description: 'What a signature RC1 takes' }),
    unixMs: z.int(),
  })
  .meta({ id: 'ServerTime' });

export function timeRoute(app: FastifyInstance): void {
  route(app, {
    method: 'GET',
    path: '/v1/time',
    operationId: 'getTime',
    tag: 'time',
    summary: 'What time it is here',
    scope: 'public',
    response: { 200: serverTime },
    errors: [],
    examples: {
      response: { 200: { time: '2026-11-22T09:20:00.125Z', unixSeconds: 1795339200, unixMs: 1795339200125 } },
    },
    handle: () => {
      const unixMs = Date.now();
      const body = { time: new Date(unixMs).toISOString(), unixSeconds: Math.floor(unixMs / 1000), unixMs };
      return { status: 200, body };
    },
  });
}
