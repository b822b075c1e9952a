// Tests how a minute of a stream gets what its rovers have had, whenever that comes.

import { expect, test } from 'vitest';
import { QualityJoin } from '../../../../caster/metering/sink/quality-join.ts';
import { qualityRow, usageRow } from '../../../support/meter-rows.ts';

const WINDOW_MS = 10_000;
const MINUTE_MS = 60_000;
const AT_MS = Date.UTC(2026, 10, 25, 12, 0, 0);
/** A base's minute as the main thread sends it: it knows nothing of rovers. */
const SENT = { minuteAtMs: AT_MS, epochsDelivered: 0, epochsDropped: 0 };
const usage = (sinceMs: number, given = {}) =>
  usageRow('ses_1', 0, { windowStartedAtMs: AT_MS + sinceMs, ...given });

test('windows that began in the minute are in it, however late they come, and no others', () => {
  const join = new QualityJoin(WINDOW_MS);
  join.count([usage(-1), usage(0), usage(30_000)]);
  join.hold([qualityRow('BASE1', SENT)]);
  join.count([usage(59_999), usage(60_000), usage(20_000, { mountpoint: 'BASE2' })]);
  join.count([usage(0, { role: 'base' })]);
  const { delta } = usage(0);
  expect(join.take(AT_MS + 2 * MINUTE_MS)).toEqual([
    qualityRow('BASE1', {
      ...SENT,
      epochsDelivered: 3 * delta.epochs,
      epochsDropped: 3 * delta.epochsDropped,
    }),
  ]);
});

test('a minute is held until its last window is there, then given once', () => {
  const join = new QualityJoin(WINDOW_MS);
  join.hold([qualityRow('BASE1', SENT)]);
  expect(join.take(AT_MS + MINUTE_MS + WINDOW_MS)).toEqual([]);
  expect(join.take(AT_MS + MINUTE_MS + WINDOW_MS + 5000)).toEqual([qualityRow('BASE1', SENT)]);
  expect(join.take(Infinity)).toEqual([]);
});

test('at the end all minutes are given as they are', () => {
  const join = new QualityJoin(WINDOW_MS);
  join.hold([qualityRow('BASE1', SENT), qualityRow('BASE2', SENT)]);
  expect(join.take(Infinity)).toHaveLength(2);
});
