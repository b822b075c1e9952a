// Whether the process lives, whether it is ready, and its metrics. They need no key and are cheap: load balancers and
// supervisors ask every second.

import { type FastifyInstance } from 'fastify';
import { type Metrics } from '../observe/metrics.ts';

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

export function healthRoutes(app: FastifyInstance, { readiness, metrics, version }: HealthOptions): void {
  app.get('/livez', () => ({ status: 'live', version }));

  app.get('/readyz', (_request, reply) => {
    const checks = readiness.map((one) => ({ name: one.name, ...one.check() }));
    const ready = checks.every(({ ok }) => ok);
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not_ready', checks });
  });

  app.get('/metrics', async (_request, reply) => {
    const text = await metrics.text();
    return reply.type(metrics.contentType).send(text);
  });
}
