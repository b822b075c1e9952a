// Asks judge_charges.py, a second calculation in another language by another hand.

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import type { BillingPlan } from '../../../../caster/accounts/billing-plan.ts';
import type { ChargeRow, UsageRow } from '../../../../caster/metering/usage-row.ts';

export interface JudgedCharges {
  /** Key, amount, units, units before and after, period. */
  readonly charges: readonly (readonly [string, string, number, number, number, string])[];
  /** `<customer> <currency>` -> micro-units. */
  readonly balances: Readonly<Record<string, string>>;
}

/** `rows` in the order in which they were delivered. */
export function judgeCharges(
  plans: ReadonlyMap<string, BillingPlan>,
  rows: readonly UsageRow[],
): JudgedCharges {
  const { status, stdout, stderr } = spawnSync(
    'python3',
    [path.join(import.meta.dirname, 'judge_charges.py')],
    {
      input: JSON.stringify({ plans: Object.fromEntries(plans), rows }),
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    },
  );
  if (status !== 0) throw new Error(`judge_charges.py: ${stderr}`);
  return JSON.parse(stdout) as JudgedCharges;
}

/** A charge as the judge writes it. */
export function asJudged(row: ChargeRow): JudgedCharges['charges'][number] {
  return [row.key, String(row.amountMicros), row.units, row.unitsBefore, row.unitsAfter, row.periodKey];
}
