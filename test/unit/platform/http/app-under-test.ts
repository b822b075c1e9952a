// An HTTP app with parts that a test can look into, and readers for it.

import { type FastifyInstance } from 'fastify';
import { onTestFinished } from 'vitest';
import { createHttpApp, type HttpAppOptions } from '../../../../platform/http/app.ts';
import { type SessionView } from '../../../../platform/http/session-routes.ts';
import { Journal } from '../../../../platform/observe/journal.ts';
import { Metrics } from '../../../../platform/observe/metrics.ts';
import { memoryLog, type MemoryLog } from '../observe/memory-log.ts';

export const OWNER_KEY = 'csk_live_testtest_abcdefghijklmnopqrstuvwxyz234567';
export const AUTHORIZATION = { authorization: `Bearer ${OWNER_KEY}` };

export interface AppUnderTest {
  readonly app: FastifyInstance;
  readonly journal: Journal;
  readonly memory: MemoryLog;
  /** Ids that were asked to be closed. */
  readonly closed: string[];
}

/** `change` may add routes, before the app is used. */
export function appUnderTest(
  options: Partial<HttpAppOptions> & { open?: readonly SessionView[] } = {},
  change: (app: FastifyInstance) => void = () => undefined,
): AppUnderTest {
  const memory = memoryLog('debug');
  const journal = new Journal(memory.log);
  const closed: string[] = [];
  const { open = [], ...rest } = options;
  const app = createHttpApp({
    journal,
    metrics: new Metrics({ version: '1.2.3', node: 'node-1' }),
    readiness: [],
    ownerKey: OWNER_KEY,
    version: '1.2.3',
    sessions: {
      all: () => open,
      close: (id) => open.some((session) => session.id === id) && closed.push(id) > 0,
    },
    ...rest,
  });
  change(app);
  onTestFinished(() => app.close());
  return { app, journal, memory, closed };
}

/** Listens on a free port of the loopback and gives its address. */
export async function listening(app: FastifyInstance): Promise<string> {
  return app.listen({ host: '127.0.0.1', port: 0 });
}
