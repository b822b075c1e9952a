// Asks judge.py, a second calculation in another language by another hand.

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { type PlanCalendar, type Tariff } from '../../../../caster/metering/rating/tariff.ts';

export interface JudgedCases {
  readonly rates: readonly { readonly tariff: Tariff; readonly units: number }[];
  readonly lefts: readonly { readonly tariff: Tariff; readonly before: number; readonly micros: string }[];
  readonly periods: readonly (PlanCalendar & { readonly atMs: number; readonly activatedAtMs: number })[];
}

export interface Judgement {
  readonly rates: readonly string[];
  readonly lefts: readonly number[];
  /** Start and end in ms, and key. */
  readonly periods: readonly (readonly [number, number, string])[];
}

/** Why there is no judge here; undefined where there is. */
export function whyNoJudge(): string | undefined {
  const { status } = spawnSync('python3', [
    '-c',
    'import zoneinfo; zoneinfo.ZoneInfo("Australia/Lord_Howe")',
  ]);
  return status === 0 ? undefined : 'python3 with its time zones is not installed';
}

export function judge(cases: JudgedCases): Judgement {
  const { status, stdout, stderr } = spawnSync('python3', [path.join(import.meta.dirname, 'judge.py')], {
    input: JSON.stringify(cases),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`judge.py: ${stderr}`);
  return JSON.parse(stdout) as Judgement;
}
