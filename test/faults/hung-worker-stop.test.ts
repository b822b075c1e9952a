// A caster that is told to stop while one of its workers hangs in machine code: it ends all the same, soon after the
// time that its sessions were given.

import { expect, test } from 'vitest';
import { WORKER_END_MS, WORKER_LAST_WORD_MS } from '../../config/limits.ts';
import { startFaultyCaster } from './faulty-caster.ts';
import { until } from './until.ts';

const DRAIN_MS = 1000;
const ENDED_WITHIN_MS = DRAIN_MS + WORKER_LAST_WORD_MS + WORKER_END_MS + 5000;

test(
  'a caster with a worker that cannot be ended obeys SIGTERM',
  async () => {
    const caster = await startFaultyCaster({
      config: { streamWorkers: 2, timing: { drainMs: DRAIN_MS } },
    });
    let hasEnded = false;
    caster.process.once('exit', () => (hasEnded = true));
    try {
      await caster.suffer({ worker: 1, fault: 'hang', seconds: 120 });
      caster.process.kill('SIGTERM');
      await until(
        () => hasEnded,
        () => 'the process has ended',
        ENDED_WITHIN_MS,
      );
      expect(caster.log.map(({ event }) => event)).toContain('stopped');
    } finally {
      await caster.kill();
    }
  },
  ENDED_WITHIN_MS + 15_000,
);
