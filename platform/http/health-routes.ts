// Whether the process lives, whether it is ready, and its metrics. They need no key and are cheap: load balancers and
// supervisors ask every second.

import { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type Metrics } from '../observe/metrics.ts';
import { plainRoute } from './route.ts';

/** One thing that must hold for the process to be ready. */
export interface ReadinessCheck {
  /** In snake_case: what is looked at, such as `ntrip_listening`. */
  readonly name: string;
  /** Answers at once from what is known; `detail` is for people and is public. */
  check(): { readonly ok: boolean; readonly detail: string };
}

export interface HealthOptions {
  readonly readiness: readonly ReadinessCheck[];
  readonly metrics: Metrics;
  readonly version: string;
}

const liveness = z.strictObject({ status: z.literal('live'), version: z.string() });

function readinessOf<Status extends string>(status: Status) {
  const check = z.strictObject({ name: z.string(), ok: z.boolean(), detail: z.string() });
  return z.strictObject({ status: z.literal(status), checks: z.array(check) });
}

export function healthRoutes(app: FastifyInstance, { readiness, metrics, version }: HealthOptions): void {
  metrics.supply('caster_ready', () =>
    readiness.map((one) => ({ labels: { check: one.name }, value: one.check().ok ? 1 : 0 })),
  );

  plainRoute(
    app,
    {
      path: '/livez',
      operationId: 'getLiveness',
      summary: 'Whether the process turns its loop',
      response: { 200: liveness },
      errors: [],
    },
    (_request, reply) => reply.send({ status: 'live', version }),
  );

  plainRoute(
    app,
    {
      path: '/readyz',
      operationId: 'getReadiness',
      summary: 'Whether the process can do its work, with each thing that must hold',
      response: { 200: readinessOf('ready'), 503: readinessOf('not_ready') },
      errors: [],
    },
    (_request, reply) => {
      const checks = readiness.map((one) => ({ name: one.name, ...one.check() }));
      const ready = checks.every(({ ok }) => ok);
      return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not_ready', checks });
    },
  );

  plainRoute(
    app,
    {
      path: '/metrics',
      operationId: 'getMetrics',
      summary: 'Metrics in the text format of Prometheus',
      response: {},
      file: { contentType: metrics.contentType, description: 'One sample a line' },
      errors: [],
    },
    async (_request, reply) => {
      const text = await metrics.text();
      return reply.type(metrics.contentType).send(text);
    },
  );
}
