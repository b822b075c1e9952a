// A worker that no longer turns its loop: it is ended and started again; where it cannot be ended, because it hangs in
// machine code, the process ends for its supervisor to start it again. Until then the others serve.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WORKER_END_MS, WORKER_STUCK_MS, WORKER_WATCH_PERIOD_MS } from '../../config/limits.ts';
import type { LogLine } from '../support/caster-process.ts';
import { type FaultyCaster, startFaultyCaster } from './faulty-caster.ts';
import { type Field, fieldConfig, openField } from './field.ts';
import { until } from './until.ts';

const HUNG = 1;
const NOTICED_WITHIN_MS = WORKER_STUCK_MS + 2 * WORKER_WATCH_PERIOD_MS + 2000;

let endable: { readonly caster: FaultyCaster; readonly field: Field };
let unendable: { readonly caster: FaultyCaster; readonly field: Field };

async function startStreaming(): Promise<{ readonly caster: FaultyCaster; readonly field: Field }> {
  const caster = await startFaultyCaster({ config: fieldConfig(1) });
  const field = openField(caster.ready.ntrip, { mountpoints: 1, rovers: 12, intervalMs: 100 });
  await field.flowing();
  return { caster, field };
}

const servedBy = (worker: number, log: readonly LogLine[]): LogLine[] =>
  log.filter((line) => line.event === 'session_opened' && line['worker'] === worker);

beforeAll(async () => {
  endable = await startStreaming();
  unendable = await startStreaming();
  await endable.caster.suffer({ worker: HUNG, fault: 'block', ms: 10 * WORKER_STUCK_MS });
  await unendable.caster.suffer({ worker: HUNG, fault: 'hang', seconds: 60 });
});

afterAll(async () => {
  await Promise.all([endable, unendable].map(({ field }) => field.stop()));
  await endable.caster.stop();
  await unendable.caster.kill();
});

describe('a worker that hangs', () => {
  test.concurrent(
    'is named, ended and started again, and its rovers find others',
    async () => {
      const { caster, field } = endable;
      const line = await caster.waitFor('worker_stuck', undefined, NOTICED_WITHIN_MS);
      expect(line).toMatchObject({ level: 'error', worker: HUNG });
      const lost = await caster.waitFor('worker_lost');
      expect(lost).toMatchObject({ worker: HUNG });
      await field.flowing();
      expect(field.mistakes()).toEqual([]);
      expect(servedBy(HUNG, caster.log).length).toBe(Number(lost['rovers']) + Number(lost['bases']));
    },
    NOTICED_WITHIN_MS + 15_000,
  );

  test.concurrent(
    'takes the process with it where nothing else helps, which says so first',
    async () => {
      const { caster } = unendable;
      let hasEnded = false;
      caster.process.once('exit', () => (hasEnded = true));
      await caster.waitFor('worker_unstoppable', undefined, NOTICED_WITHIN_MS + WORKER_END_MS);
      expect(caster.log.map(({ event }) => event)).toContain('worker_stuck');
      await until(
        () => hasEnded,
        () => 'the process has ended',
        3000,
      );
    },
    NOTICED_WITHIN_MS + WORKER_END_MS + 15_000,
  );
});
