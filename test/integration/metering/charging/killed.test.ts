// A process that charges is killed (SIGKILL) at random moments, starts again, and takes some windows a second time:
// nothing is charged twice, and nothing is left out.

import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Spool } from '../../../../caster/metering/spool/spool.ts';
import { Journal } from '../../../../platform/observe/journal.ts';
import { insertAll } from '../../../../platform/store/insert-all.ts';
import { DIALECTS, useStores } from '../../../support/use-stores.ts';
import { whyNoJudge } from '../../../unit/metering/rating/judge.ts';
import { memoryLog } from '../../../unit/platform/observe/memory-log.ts';
import { chargingCase, CHARGING_SEED, planRows } from './cases.ts';
import { booksOf } from './charging-under-test.ts';
import type { ChargingTask } from './charging-process.ts';
import { judgeCharges } from './judge-charges.ts';

const stores = useStores();

const SESSIONS = 1500;
const KILLS = 15;
const TAKEN_AGAIN = 60;
const TIMEOUT_MS = 120_000;

interface Life {
  /** Windows that it had taken by its end. */
  readonly taken: number;
  readonly isDone: boolean;
}

/** Runs a process and kills it so many ms after it has opened everything; lets it end where nothing is said. */
async function live(task: ChargingTask, killAfterMs: number | undefined): Promise<Life> {
  const child = spawn(
    process.execPath,
    [path.join(import.meta.dirname, 'charging-process.ts'), JSON.stringify(task)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let [taken, isDone] = [task.from, false];
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'open' && killAfterMs !== undefined)
      void sleep(killAfterMs).then(() => child.kill('SIGKILL'));
    else if (line === 'done') isDone = true;
    else if (line !== 'open') taken = Number(line);
  }
  return { taken, isDone };
}

/** Key -> amount of every charge that was sent, and how many came more than once. */
async function sentCharges(dir: string): Promise<{ amounts: Map<string, string>; again: number }> {
  const spool = await Spool.open({
    name: 'usage',
    dir,
    segmentBytes: 1e7,
    bytesMax: 1e9,
    journal: new Journal(memoryLog().log),
  });
  const amounts = new Map<string, string>();
  let again = 0;
  for (;;) {
    const batch = await spool.next({ bytesMax: 1e7, rowsMax: 1e5 });
    if (batch === undefined) return { amounts, again };
    for (const line of batch.parts.flatMap(({ lines }) => lines.toString().trimEnd().split('\n'))) {
      const row = JSON.parse(line) as { charge_key: string; amount_micros: string };
      const before = amounts.get(row.charge_key);
      if (before !== undefined) again += 1;
      // What comes again says the same.
      expect(before ?? row.amount_micros).toBe(row.amount_micros);
      amounts.set(row.charge_key, row.amount_micros);
    }
    spool.done(batch);
  }
}

describe.each(DIALECTS)('on %s', (dialect) => {
  test(
    'killed at random moments, it has charged everything once in the end',
    async (context) => {
      const missing = whyNoJudge();
      context.skip(missing !== undefined, missing);
      const at = await stores.place(dialect, context);
      const store = await stores.open(dialect, context, at);
      const { plans, rows } = chargingCase(CHARGING_SEED, SESSIONS);
      await store.write((tx) => insertAll(store, tx, 'billing_plans', planRows(plans)));
      const task = { at, seed: CHARGING_SEED, sessions: SESSIONS };
      let [taken, killed] = [0, 0];
      for (let kill = 0; kill < KILLS; kill++) {
        // What was taken last may not have been noted by whoever counted.
        const life = await live({ ...task, from: Math.max(0, taken - TAKEN_AGAIN) }, 200 * Math.random());
        taken = life.taken;
        killed += life.isDone ? 0 : 1;
      }
      expect(killed).toBeGreaterThan(KILLS / 2);
      const last = await live({ ...task, from: Math.max(0, taken - TAKEN_AGAIN) }, undefined);
      expect(last).toEqual({ taken: rows.length, isDone: true });
      const judged = judgeCharges(plans, rows);
      expect((await booksOf(store)).balances).toEqual(judged.balances);
      const { amounts } = await sentCharges(path.join(at.dataDir, 'usage'));
      expect([...amounts].toSorted()).toEqual(
        judged.charges.map(([key, amount]) => [key, amount]).toSorted(),
      );
      expect(await store.db.selectFrom('unsent_charges').selectAll().execute()).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
