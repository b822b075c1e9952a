// An HTTP app with parts that a test can look into, and readers for it.

import { type FastifyInstance } from 'fastify';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { createHttpApp, type HttpAppOptions } from '../../../../platform/http/app.ts';
import { LocalBus } from '../../../../platform/bus/local-bus.ts';
import { type ChangePort } from '../../../../platform/http/change-port.ts';
import { secretsUnder } from '../../../../platform/secrets/sealed-box.ts';
import { openStore, type Store } from '../../../../platform/store/store.ts';
import { Journal } from '../../../../platform/observe/journal.ts';
import { Metrics } from '../../../../platform/observe/metrics.ts';
import { memoryLog, type MemoryLog } from '../observe/memory-log.ts';

export const OWNER_KEY = 'csk_live_testtest_abcdefghijklmnopqrstuvwxyz234567';
export const AUTHORIZATION = { authorization: `Bearer ${OWNER_KEY}` };

export interface AppUnderTest {
  readonly app: FastifyInstance;
  readonly journal: Journal;
  readonly memory: MemoryLog;
  readonly store: Store;
  readonly changes: ChangePort;
}

/** `change` may add routes, before the app is used. */
export async function appUnderTest(
  options: Partial<HttpAppOptions> = {},
  change: (app: FastifyInstance) => void = () => undefined,
): Promise<AppUnderTest> {
  const memory = memoryLog('debug');
  const journal = new Journal(memory.log);
  const store = options.store ?? (await temporaryStore());
  const changes = options.changes ?? new LocalBus();
  const app = createHttpApp({
    journal,
    store,
    changes,
    sealer: secretsUnder(randomBytes(32)),
    checksAnswers: true,
    metrics: new Metrics({ version: '1.2.3', node: 'node-1' }),
    readiness: [],
    ownerKey: OWNER_KEY,
    version: '1.2.3',
    ...options,
  });
  change(app);
  onTestFinished(() => app.close());
  return { app, journal, memory, store, changes };
}

/** Listens on a free port of the loopback and gives its address. */
export async function listening(app: FastifyInstance): Promise<string> {
  return app.listen({ host: '127.0.0.1', port: 0 });
}

/** A store of its own, gone after the test. */
export async function temporaryStore(): Promise<Store> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'rovercast-test-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const opened = await openStore({ url: 'test.db', dataDir });
  if (!opened.ok) throw new Error(opened.problem.message);
  onTestFinished(() => opened.store.close());
  return opened.store;
}
