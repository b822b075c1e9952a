// Tests that what strangers try does not fill the disk, and that old records go.

import { expect, onTestFinished, test } from 'vitest';
import {
  CLOSED_SESSIONS_KEPT_DAYS,
  REFUSAL_KINDS_PER_REASON_MAX,
  REFUSAL_ROWS_PER_HOUR_MAX,
  REFUSALS_KEPT_DAYS,
} from '../../../config/limits.ts';
import { insertAll } from '../../../platform/store/insert-all.ts';
import { newId } from '../../../platform/store/id.ts';
import type { Store } from '../../../platform/store/store.ts';
import { ClosedSessions } from '../../../caster/accounts/closed-sessions.ts';
import { RefusalLog } from '../../../caster/accounts/refusal-log.ts';
import type { Session } from '../../../caster/accounts/session-registry.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';

/** Each in a network (/64) of its own: those of one count as one. */
const networkAddress = (n: number): string => `2001:db8:${Math.floor(n / 1000)}:${n % 1000}::1`;

const stores = useStores();
const DAY_MS = 86_400_000;
const WRONG = {
  ok: false,
  reason: 'credentials_wrong',
  step: 'credentials',
  retryAfterS: undefined,
} as const;

function fail(error: unknown): void {
  throw error;
}

function refusalsOf(store: Store, keptMax?: number): RefusalLog {
  const log = new RefusalLog({ store, onFailure: fail, ...(keptMax === undefined ? {} : { keptMax }) });
  onTestFinished(() => log.close());
  return log;
}

test.for(DIALECTS)(
  'random names from one address make a bounded number of rows on %s',
  async (dialect, context) => {
    const store = await stores.open(dialect, context);
    const log = refusalsOf(store);
    const nowMs = Date.now();
    for (let n = 0; n < 1200; n++) {
      log.record(
        { role: 'rover', username: `x${n}`, address: '203.0.113.9', mountpoint: `M${n}` },
        WRONG,
        nowMs,
      );
      if (n % 300 === 299) await log.flush();
    }
    await log.flush();
    const rows = await store.db.selectFrom('refusals').selectAll().execute();
    expect(rows).toHaveLength(REFUSAL_KINDS_PER_REASON_MAX + 1);
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(1200);
    expect(rows.find(({ username }) => username === '')).toMatchObject({ mountpoint: '', device: null });
    expect(rows.find(({ username }) => username === 'x7')).toMatchObject({ count: 1, mountpoint: 'M7' });
    expect(log.lost).toBe(0);
  },
);

test('random names from ever other addresses make a bounded number of rows an hour', async (context) => {
  const store = await stores.open('sqlite', context);
  const log = refusalsOf(store);
  const nowMs = Date.now();
  const record = (n: number, atMs: number): void =>
    log.record(
      { role: 'rover', username: `x${n}`, address: networkAddress(n), mountpoint: 'A' },
      WRONG,
      atMs,
    );
  for (let n = 0; n < REFUSAL_ROWS_PER_HOUR_MAX + 700; n++) {
    record(n, nowMs);
    if (n % 4000 === 3999) await log.flush();
  }
  expect(log.lost).toBe(700);
  record(-1, nowMs + 3_600_001);
  await log.flush();
  const { n } = await store.db
    .selectFrom('refusals')
    .select((of) => of.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow();
  expect(n).toBe(REFUSAL_ROWS_PER_HOUR_MAX + 1);
});

test('others have their turn while five thousand refusals are written', async (context) => {
  const store = await stores.open('sqlite', context);
  const log = refusalsOf(store);
  for (let n = 0; n < 5000; n++)
    log.record(
      { role: 'rover', username: 'a', address: networkAddress(n), mountpoint: 'A' },
      WRONG,
      Date.now(),
    );
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  await log.flush();
  isOver = true;
  expect(turns).toBeGreaterThanOrEqual(9);
});

test.for(DIALECTS)(
  'the oldest refusals go where there are too many, and those of long ago, on %s',
  async (dialect, context) => {
    const store = await stores.open(dialect, context);
    const log = refusalsOf(store, 100);
    const longAgoMs = Date.now() - (REFUSALS_KEPT_DAYS + 1) * DAY_MS;
    for (let n = 0; n < 700; n++) {
      const attempt = { role: 'rover', username: 'a', address: networkAddress(n), mountpoint: 'A' };
      log.record(attempt, WRONG, n < 10 || n > 690 ? longAgoMs : Date.now());
    }
    await log.flush();
    await log.sweep();
    const rows = await store.db.selectFrom('refusals').select(['address', 'last_at']).orderBy('id').execute();
    expect(rows.map(({ address }) => address)).toEqual(
      Array.from({ length: 100 }, (_, n) => networkAddress(591 + n)),
    );
  },
);

test.for(DIALECTS)('closed sessions of long ago go, all others stay, on %s', async (dialect, context) => {
  const store = await stores.open(dialect, context);
  const closed = new ClosedSessions(store, 'nod_a', fail);
  onTestFinished(() => closed.close());
  const session: Session = {
    id: newId('ses'),
    role: 'rover',
    worker: 0,
    mountpoint: 'A',
    account: 'a',
    address: '203.0.113.9',
    userAgent: '',
    version: 1,
    secure: false,
    startedAtMs: Date.now(),
    generation: 0,
  };
  closed.record(session, 'peer_closed', undefined, Date.now());
  await closed.flush();
  const row = await store.db.selectFrom('closed_sessions').selectAll().executeTakeFirstOrThrow();
  const cutMs = Date.now() - CLOSED_SESSIONS_KEPT_DAYS * DAY_MS;
  const old = Array.from({ length: 1300 }, () => ({ ...row, id: newId('ses'), ended_at: cutMs - DAY_MS }));
  const younger = { ...row, id: newId('ses'), ended_at: cutMs + DAY_MS };
  await store.write((tx) => insertAll(store, tx, 'closed_sessions', [...old, younger]));
  await closed.sweep();
  const left = await store.db.selectFrom('closed_sessions').select('id').orderBy('id').execute();
  expect(left.map(({ id }) => id)).toEqual([session.id, younger.id]);
});

test.for(DIALECTS)('several flushes at once count each refusal once on %s', async (dialect, context) => {
  const store = await stores.open(dialect, context);
  const log = refusalsOf(store);
  const attempt = { role: 'rover', username: 'x', address: '203.0.113.9', mountpoint: 'M' };
  const refuse = (): void => log.record(attempt, WRONG, Date.now());
  refuse();
  await log.flush();
  refuse();
  await Promise.all([log.flush(), log.flush(), log.flush()]);
  const rows = await store.db.selectFrom('refusals').select('count').execute();
  expect(rows).toEqual([{ count: 2 }]);
});
