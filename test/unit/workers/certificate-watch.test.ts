// Tests that a certificate which runs out is warned of in time, again every day, and no longer once it is renewed.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Journal } from '../../../platform/observe/journal.ts';
import { createLog } from '../../../platform/observe/log.ts';
import { CertificateWatch } from '../../../workers/certificate-watch.ts';

const DAY_MS = 86_400_000;
let journal: Journal;
let watch: CertificateWatch;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2030, 0, 1) });
  journal = new Journal(createLog({ level: 'silent', node: 'node-1' }));
  watch = new CertificateWatch(journal);
});
afterEach(() => {
  watch.stop();
  vi.useRealTimers();
});

const warnings = (): unknown[] =>
  journal
    .recent()
    .filter(({ event }) => event === 'certificate_expires')
    .map(({ fields }) => fields['expiresAt']);

test('one that runs out within two weeks is warned of at once', () => {
  watch.use(Date.UTC(2030, 0, 10));
  expect(warnings()).toEqual(['2030-01-10T00:00:00.000Z']);
});

test('one that lasts longer is warned of when two weeks are left, without a restart, and every day then', () => {
  watch.use(Date.UTC(2030, 0, 1) + 17 * DAY_MS);
  expect(warnings()).toHaveLength(0);
  vi.advanceTimersByTime(2 * DAY_MS);
  expect(warnings()).toHaveLength(0);
  vi.advanceTimersByTime(DAY_MS);
  expect(warnings()).toHaveLength(1);
  vi.advanceTimersByTime(2 * DAY_MS);
  expect(warnings()).toHaveLength(3);
});

test('a renewed one is not', () => {
  watch.use(Date.UTC(2030, 0, 10));
  watch.use(Date.UTC(2031, 0, 1));
  vi.advanceTimersByTime(30 * DAY_MS);
  expect(warnings()).toHaveLength(1);
});

test('none is needed', () => {
  watch.use(undefined);
  vi.advanceTimersByTime(30 * DAY_MS);
  expect(warnings()).toEqual([]);
});
