// Tests how the ledger becomes rows: windows without gaps whose deltas add up, the same rows again where the spool took
// none, a last window less what was never acknowledged, and what is left of a caster that is gone.

import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { type RecordCounts, SessionCounts } from '../../../../caster/metering/ledger/record-counts.ts';
import type { MeterRows } from '../../../../caster/metering/meter-rows.ts';
import type { SpoolAppend } from '../../../../caster/metering/spool/spool-append.ts';
import type { MeterTable, UsageRow } from '../../../../caster/metering/usage-row.ts';
import { recoverLeftRuns } from '../../../../caster/metering/windows/left-runs.ts';
import { Windows } from '../../../../caster/metering/windows/windows.ts';
import { useTempFolder } from '../../../support/temp-folder.ts';
import { identity, openLedger, type OpenedLedger, TERMS } from '../ledger/open-ledger.ts';

const parent = useTempFolder();
const NO_ROOM: SpoolAppend = { ok: false, reason: 'disk_full', detail: 'the disk of the spool says ENOSPC' };

/** Takes rows as long as it has room, and remembers also those that it did not take. */
class Taker {
  hasRoom = true;
  readonly taken: [MeterTable, MeterRows[MeterTable]][] = [];
  readonly refused: [MeterTable, MeterRows[MeterTable]][] = [];

  append<Table extends MeterTable>(table: Table, rows: readonly MeterRows[Table][]): SpoolAppend {
    for (const row of rows) (this.hasRoom ? this.taken : this.refused).push([table, row]);
    return this.hasRoom ? { ok: true } : NO_ROOM;
  }

  of<Table extends MeterTable>(table: Table): MeterRows[Table][] {
    return this.taken.filter(([name]) => name === table).map(([, row]) => row as MeterRows[Table]);
  }
}

function windowsOver(
  opened: OpenedLedger,
  taker: Taker,
  more: Partial<{ charge: (rows: readonly UsageRow[]) => SpoolAppend }> = {},
): Windows {
  const { reader, journal } = opened;
  // Every session is due whenever it is looked at.
  return new Windows({ reader, node: 'node-1', windowMs: -1, spool: taker, journal, ...more });
}

function begin(opened: OpenedLedger, sessionId: string): { record: number; counts: SessionCounts } {
  const record = opened.ledger.allot(identity(sessionId), TERMS, 0, Date.now())!;
  return { record, counts: new SessionCounts(opened.worker.place(record)) };
}

const use = (counts: RecordCounts, bytes: number, second: number): void => {
  counts.addBytes(bytes);
  counts.addEpoch(2, second * 1000);
};

const END = { reason: 'peer_closed', durationMs: 60_000, unacknowledgedBytes: 0, endedAtMs: Date.now() };

test('windows follow each other without gaps, and their deltas add up to what the session had', async () => {
  const opened = openLedger(parent);
  const taker = new Taker();
  const windows = windowsOver(opened, taker);
  const { record, counts } = begin(opened, 'ses_a');
  for (let n = 0; n < 5; n++) {
    use(counts, 100 + n, n);
    await windows.run();
  }
  opened.ledger.end(record, { ...END, unacknowledgedBytes: 30 });
  await windows.run();
  const rows = taker.of('usage');
  expect(rows.map(({ window, isLast, reason }) => [window, isLast, reason])).toEqual([
    ...[0, 1, 2, 3, 4].map((window) => [window, false, '']),
    [5, true, 'peer_closed'],
  ]);
  expect(rows.map(({ delta }) => delta.bytes)).toEqual([100, 101, 102, 103, 104, -30]);
  expect(rows.at(-1)).toMatchObject({
    total: { bytes: 480, epochs: 5, frames: 10, activeSeconds: 5, durationMs: 60_000 },
    node: 'node-1',
    ...TERMS,
    customerId: 'cus_a',
  });
  for (const [n, row] of rows.entries())
    expect(row.windowStartedAtMs).toBe(rows[n - 1]?.windowEndedAtMs ?? row.sessionStartedAtMs);
  expect(taker.of('sessions')).toMatchObject([
    { sessionId: 'ses_a', total: { bytes: 480 }, unacknowledgedBytes: 30, windows: 6, reason: 'peer_closed' },
  ]);
});

test('a row names the shape that the stream had when its window ended', async () => {
  const opened = openLedger(parent);
  const taker = new Taker();
  const windows = windowsOver(opened, taker);
  const { record, counts } = begin(opened, 'ses_a');
  for (const shape of ['constellations=GPS', 'level=4', '']) {
    opened.ledger.setTerms(record, { ...TERMS, shape });
    use(counts, 100, 1);
    await windows.run();
  }
  opened.ledger.setTerms(record, { ...TERMS, shape: 'interval=5' });
  opened.ledger.end(record, END);
  await windows.run();
  expect(taker.of('usage').map(({ shape }) => shape)).toEqual([
    'constellations=GPS',
    'level=4',
    '',
    'interval=5',
  ]);
  expect(taker.of('sessions').map(({ shape }) => shape)).toEqual(['interval=5']);
});

test('a window that the spool has no room for is offered again as it was, and what came since is in the next', async () => {
  const opened = openLedger(parent);
  const taker = new Taker();
  const windows = windowsOver(opened, taker);
  const { counts } = begin(opened, 'ses_a');
  use(counts, 100, 1);
  taker.hasRoom = false;
  expect(await windows.run()).toBe(false);
  use(counts, 50, 2);
  expect(await windows.run()).toBe(false);
  taker.hasRoom = true;
  expect(await windows.run()).toBe(true);
  await windows.run();
  expect(taker.of('usage').map(({ window, delta }) => [window, delta.bytes])).toEqual([
    [0, 100],
    [1, 50],
  ]);
  expect(taker.refused.map(([, row]) => row)).toEqual([taker.of('usage')[0], taker.of('usage')[0]]);
});

test('a session that ends while the spool has no room gives its rows when there is room again', async () => {
  const opened = openLedger(parent);
  const taker = new Taker();
  const windows = windowsOver(opened, taker);
  const { record, counts } = begin(opened, 'ses_a');
  use(counts, 100, 1);
  taker.hasRoom = false;
  await windows.run();
  use(counts, 50, 2);
  opened.ledger.end(record, END);
  await windows.run();
  taker.hasRoom = true;
  await windows.run();
  await windows.run();
  expect(taker.of('usage').map(({ window, delta, isLast }) => [window, delta.bytes, isLast])).toEqual([
    [0, 100, false],
    [1, 50, true],
  ]);
  expect(taker.of('sessions')).toHaveLength(1);
});

test('what is sold by a plan goes to whoever charges, and is not sealed before that has it', async () => {
  const opened = openLedger(parent);
  const taker = new Taker();
  const offered: UsageRow[] = [];
  let hasRoom = false;
  const windows = windowsOver(opened, taker, {
    charge: (rows) => {
      offered.push(...rows);
      return hasRoom ? { ok: true } : NO_ROOM;
    },
  });
  const { counts } = begin(opened, 'ses_a');
  opened.ledger.allot(identity('ses_free'), { ...TERMS, billingPlanId: '' }, 0, Date.now());
  use(counts, 100, 1);
  await windows.run();
  hasRoom = true;
  await windows.run();
  expect(offered.map(({ sessionId, window, total }) => [sessionId, window, total.bytes])).toEqual([
    ['ses_a', 0, 100],
    ['ses_a', 0, 100],
  ]);
});

test('while whoever charges has no room, the spool is not given the same rows again and again', async () => {
  const opened = openLedger(parent);
  const taker = new Taker();
  let hasRoom = false;
  const windows = windowsOver(opened, taker, { charge: () => (hasRoom ? { ok: true } : NO_ROOM) });
  const { record, counts } = begin(opened, 'ses_a');
  use(counts, 100, 1);
  for (let n = 0; n < 3; n++) expect(await windows.run()).toBe(false);
  opened.ledger.end(record, END);
  for (let n = 0; n < 3; n++) expect(await windows.run()).toBe(false);
  hasRoom = true;
  expect(await windows.run()).toBe(true);
  expect(taker.of('usage').map(({ window, delta }) => [window, delta.bytes])).toEqual([
    [0, 100],
    [1, 0],
  ]);
  expect(taker.of('sessions')).toHaveLength(1);
});

test('sessions of a caster that is gone end by crash when it was last alive, and twice is the same rows', async () => {
  const opened = openLedger(parent);
  const taker = new Taker();
  const windows = windowsOver(opened, taker);
  const { counts } = begin(opened, 'ses_cut');
  const over = begin(opened, 'ses_over');
  use(counts, 100, 1);
  use(over.counts, 10, 1);
  await windows.run();
  use(counts, 50, 2);
  taker.hasRoom = false;
  await windows.run();
  use(counts, 7, 3);
  opened.ledger.end(over.record, END);
  opened.worker.lanes.sayAlive();

  const recover = async (left: Taker, isStopping: boolean): Promise<void> => {
    const { runs, journal } = opened;
    await recoverLeftRuns({
      ...{ dir: runs, current: 'run-2', node: 'node-1', spool: left, journal },
      isStopping: () => isStopping,
    });
  };
  const first = new Taker();
  await recover(first, true);
  expect(existsSync(opened.dir)).toBe(true);
  const second = new Taker();
  await recover(second, false);
  expect(second.taken).toEqual(first.taken);
  expect(existsSync(opened.dir)).toBe(false);
  const rows = [...taker.of('usage'), ...second.of('usage')].filter(
    ({ sessionId }) => sessionId === 'ses_cut',
  );
  expect(rows.map(({ window, delta, reason }) => [window, delta.bytes, reason])).toEqual([
    [0, 100, ''],
    [1, 50, ''],
    [2, 7, 'crash'],
  ]);
  expect(
    second.of('sessions').map(({ sessionId, reason, total }) => [sessionId, reason, total.bytes]),
  ).toEqual([
    ['ses_cut', 'crash', 157],
    ['ses_over', 'peer_closed', 10],
  ]);
  expect(opened.events()).toContain('ledger_recovered');
});

test('ledgers that a caster of an older version left are told of, and stay', async () => {
  const opened = openLedger(parent);
  const older = path.join(path.dirname(opened.runs), 'ledger', 'run-0');
  mkdirSync(older, { recursive: true });
  await recoverLeftRuns({
    ...{ dir: opened.runs, current: 'run-1', node: 'node-1', spool: new Taker(), journal: opened.journal },
    isStopping: () => false,
  });
  expect(existsSync(older)).toBe(true);
  expect(opened.events()).toEqual(['ledger_other_version']);
});

test('a window that is offered again is sold by what it was sold by when it was begun', async () => {
  const opened = openLedger(parent);
  const taker = new Taker();
  const windows = windowsOver(opened, taker);
  const { record, counts } = begin(opened, 'ses_a');
  use(counts, 100, 1);
  taker.hasRoom = false;
  await windows.run();
  opened.ledger.setTerms(record, { serviceSpecId: 'spec_b', billingPlanId: 'plan_b', shape: 'level=4' });
  taker.hasRoom = true;
  await windows.run();
  use(counts, 100, 2);
  await windows.run();
  expect(taker.of('usage').map(({ billingPlanId, shape }) => [billingPlanId, shape])).toEqual([
    [TERMS.billingPlanId, TERMS.shape],
    ['plan_b', 'level=4'],
  ]);
});
