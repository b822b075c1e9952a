// A few days of two customers and of the operator's own bases, made from a seed: sessions across midnights and the end of
// a month, windows that were written again with other figures, names that try what a name can do. And what of it counts,
// found by plain loops that know nothing of SQL.

import type { ChargeRow, UsageRow, UsageTotals } from '../../../caster/metering/usage-row.ts';
import { chargeRow, usageRow } from '../../support/meter-rows.ts';

/** The month ends within the range. */
export const FIRST_AT_MS = Date.UTC(2026, 10, 29, 20, 0, 0);
export const LAST_AT_MS = Date.UTC(2026, 11, 2, 4, 0, 0);
const WINDOW_MS = 10_000;

/** Device names that would be something else than a name if they got into SQL, CSV or HTML as they are. */
export const NASTY = [
  `' OR 1 = 1 --`,
  `\\' OR '1' = '1`,
  `{fromMs}`,
  `"); DROP TABLE usage; --`,
  `=HYPERLINK("x")`,
  `<script>alert(1)</script>`,
  `基准站, "7"\n`,
];

export type Random = (below: number) => number;

/** mulberry32: whole numbers from 0 to just below. */
export function randomFrom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

export interface Owners {
  readonly customers: readonly [string, string];
}

export interface Metered {
  /** All that was ever written, in any order, some of it outdated. */
  readonly written: { readonly usage: readonly UsageRow[]; readonly charges: readonly ChargeRow[] };
  /** Of each key what counts. */
  readonly usage: readonly UsageRow[];
  readonly charges: readonly ChargeRow[];
}

const COUNTS = [
  'bytes',
  'epochs',
  'frames',
  'epochsDropped',
  'framesDropped',
  'activeSeconds',
  'durationMs',
] as const satisfies readonly (keyof UsageTotals)[];

export function meteredRows(seed: number, { customers }: Owners): Metered {
  const random = randomFrom(seed);
  const usage: UsageRow[] = [];
  const outdated: UsageRow[] = [];
  for (let session = 0; session < 60; session++) {
    for (const row of sessionRows(random, session, customers)) {
      const isRewritten = random(8) === 0;
      usage.push(isRewritten ? { ...row, revision: 1 + random(3) } : row);
      // What it replaces may have begun at another time, and been of other figures.
      if (isRewritten) {
        const otherMs = row.windowStartedAtMs - 7_200_000 + random(14_400_000);
        outdated.push({ ...row, windowStartedAtMs: otherMs, delta: deltas(random) });
      }
    }
  }
  const charges = chargeRows(
    random,
    usage.filter(({ customerId }) => customerId !== ''),
  );
  const replaced = charges
    .filter(({ revision }) => revision > 0)
    .map((row) => ({ ...row, revision: 0, amountMicros: row.amountMicros + 5n }));
  return {
    written: {
      usage: shuffled(random, [...usage, ...outdated]),
      charges: shuffled(random, [...charges, ...replaced]),
    },
    usage,
    charges,
  };
}

function sessionRows(random: Random, number: number, customers: Owners['customers']): UsageRow[] {
  // Ids sort by age in life; here some do not, since no figure may hang on that.
  const id = `ses_${String((number * 37) % 60).padStart(4, '0')}`;
  const owner = random(8) === 0 ? 2 : random(2);
  const isOfOperator = owner === 2;
  const app = isOfOperator ? '' : `app_${owner}${random(3)}`;
  const startedAtMs = FIRST_AT_MS + random(LAST_AT_MS - FIRST_AT_MS - 3_600_000);
  const windows = 1 + random(25);
  const given: Partial<UsageRow> = {
    customerId: isOfOperator ? '' : customers[owner]!,
    appId: app,
    accountId: isOfOperator ? '' : `acc_${app}_${random(3)}`,
    account: isOfOperator ? `base-${random(2)}` : `rover-${random(3)}`,
    device: number % 4 === 0 ? NASTY[(number / 4) % NASTY.length]! : `dev-${random(4)}`,
    serviceSpecId: `spec_${random(2)}`,
    billingPlanId: isOfOperator ? '' : `plan_${random(2)}`,
    role: isOfOperator ? 'base' : 'rover',
    node: `node-${random(2)}`,
    mountpoint: `BASE${random(3)}`,
    shape: ['', 'constellations=GPS', 'constellations=GAL,GPS level=4'][number % 3]!,
  };
  const rows: UsageRow[] = [];
  let total = zero();
  for (let window = 0; window < windows; window++) {
    const isLast = window === windows - 1 && random(4) > 0;
    const delta = deltas(random);
    // The last window is corrected by what was never acknowledged.
    if (isLast && random(2) === 0) Object.assign(delta, { bytes: -1 - random(500) });
    total = plus(total, delta);
    // Windows end with their session, and now and then a clock is set.
    const windowStartedAtMs = startedAtMs + window * WINDOW_MS * (1 + random(2));
    rows.push(
      usageRow(id, window, {
        ...given,
        sessionStartedAtMs: startedAtMs,
        windowStartedAtMs,
        windowEndedAtMs: windowStartedAtMs + WINDOW_MS,
        delta,
        total,
        isLast,
        reason: isLast ? 'peer_closed' : '',
      }),
    );
  }
  return rows;
}

function chargeRows(random: Random, usage: readonly UsageRow[]): ChargeRow[] {
  const units = new Map<string, number>();
  return usage.flatMap((row) => {
    if (random(5) === 0) return [];
    const currency = row.billingPlanId === 'plan_0' ? 'EUR' : 'CNY';
    const periodKey = `month/${new Date(row.windowStartedAtMs).toISOString().slice(0, 7)}-01`;
    const counter = `${row.customerId}/${row.billingPlanId}/${periodKey}`;
    const before = units.get(counter) ?? 0;
    units.set(counter, before + row.delta.bytes);
    return [
      chargeRow(`${row.sessionId}/${row.window}/${row.billingPlanId}`, {
        ...ownerOf(row),
        revision: random(8) === 0 ? 2 : 0,
        kind: random(20) === 0 ? 'period' : 'usage',
        sessionId: row.sessionId,
        window: row.window,
        mountpoint: row.mountpoint,
        node: row.node,
        currency,
        // Beyond what a number of JavaScript holds exactly.
        amountMicros: BigInt(random(1_000_000)) * 30_000_000_001n - 7n,
        // A plan may be changed, and charges of before did not say it.
        counts: (['bytes', 'bytes', 'epochs', ''] as const)[row.window % 4]!,
        units: row.delta.bytes,
        periodKey,
        unitsBefore: before,
        unitsAfter: before + row.delta.bytes,
        dayAtMs: row.sessionStartedAtMs,
        chargedAtMs: row.windowEndedAtMs + random(1000),
      }),
    ];
  });
}

function ownerOf(row: UsageRow): Partial<ChargeRow> {
  const { customerId, appId, accountId, account, device, serviceSpecId, billingPlanId } = row;
  return { customerId, appId, accountId, account, device, serviceSpecId, billingPlanId };
}

function deltas(random: Random): UsageTotals {
  return {
    bytes: random(100_000),
    epochs: random(11),
    frames: random(80),
    epochsDropped: random(3),
    framesDropped: random(20),
    activeSeconds: random(11),
    durationMs: 9_000 + random(1001),
  };
}

export function zero(): UsageTotals {
  return {
    ...{
      bytes: 0,
      epochs: 0,
      frames: 0,
      epochsDropped: 0,
      framesDropped: 0,
      activeSeconds: 0,
      durationMs: 0,
    },
  };
}

export function plus(a: UsageTotals, b: UsageTotals): UsageTotals {
  const sum = { ...a } as Record<keyof UsageTotals, number>;
  for (const name of COUNTS) sum[name] += b[name];
  return sum;
}

/** What an answer should say of these rows together. */
export function sumOf(rows: readonly UsageRow[]): UsageTotals & { sessions: number; windows: number } {
  let sum = zero();
  for (const { delta } of rows) sum = plus(sum, delta);
  return { ...sum, sessions: new Set(rows.map(({ sessionId }) => sessionId)).size, windows: rows.length };
}

/** Amounts by currency, in order of the currencies. */
export function moneyOf(
  rows: readonly ChargeRow[],
): { currency: string; amountMicros: string; charges: number }[] {
  const currencies = [...new Set(rows.map(({ currency }) => currency))].toSorted();
  return currencies.map((currency) => {
    const some = rows.filter((row) => row.currency === currency);
    let sum = 0n;
    for (const { amountMicros } of some) sum += amountMicros;
    return { currency, amountMicros: String(sum), charges: some.length };
  });
}

function shuffled<Value>(random: Random, values: readonly Value[]): Value[] {
  const all = [...values];
  for (let index = all.length - 1; index > 0; index--) {
    const other = random(index + 1);
    [all[index], all[other]] = [all[other]!, all[index]!];
  }
  return all;
}
