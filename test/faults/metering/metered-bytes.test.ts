// Rovers of mixed lives against one caster with metering on. What each of them counted for itself is compared with what
// ClickHouse says of its session when everything is over, read by another process.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startChdb } from '../../proof/chdb-engine.ts';
import { seededChance } from '../../proof/seeded.ts';
import { startCasterProcess } from '../../support/caster-process.ts';
import { FieldBase } from '../devices.ts';
import { makeEpoch } from '../numbered-epochs.ts';
import { type Life, MeteredRover, passwordOf } from './metered-rover.ts';

const SEED = Number(process.env['ROVERCAST_SEED'] ?? Date.now() % 1_000_000);
/** How many of each. */
const LIVES: readonly [Life, number][] = [
  ['leaves', 400],
  ['breaks', 150],
  ['stays', 200],
  ['slow', 50],
  ['stalls', 50],
  ['refused', 50],
  ['replaced', 50],
];
const MOUNTPOINTS = ['SIM1', 'SIM2', 'SIM3'];
const ACCOUNTS = LIVES.flatMap(([life, count]) =>
  Array.from({ length: count }, (_, n) => ({ life, account: `${life}-${n}` })),
);
/** The time in which lives begin and end. */
const SPAN_MS = 18_000;
const STALL_MS = 4000;
/** A stalled rover must have enough sent to it that its own kernel is full, too. */
const EPOCH_MS = 60;
const FILLER_BYTES = 950;
/** An epoch with its station message: what a rover's kernel may have taken that the rover itself had not read. */
const EPOCH_BYTES_MAX = makeEpoch({ base: 0, sequence: 0 }, FILLER_BYTES).length;

interface SessionRow {
  readonly session_id: string;
  readonly account: string;
  readonly bytes: number;
  readonly unacknowledged_bytes: number;
  readonly reason: string;
  readonly windows: number;
  readonly role: string;
}

interface Outcome {
  readonly rovers: readonly MeteredRover[];
  readonly sessions: readonly SessionRow[];
  /** By session: sums over its usage rows. */
  readonly usage: ReadonlyMap<string, { bytes: number; rows: number; last: number }>;
  /** Bytes by account and by day, as the roll-up says. */
  readonly byDay: ReadonlyMap<string, number>;
}

const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-metered-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const numbers = (row: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, /^-?\d+$/.test(String(value)) ? Number(value) : value]),
  );

async function play(): Promise<Outcome> {
  const dataDir = path.join(folder, 'data');
  const random = seededChance(SEED);
  const caster = await startCasterProcess({
    config: {
      dataDir,
      streamWorkers: 2,
      mountpoints: MOUNTPOINTS.map((name) => ({ name, sourcePassword: 'choose-one', access: 'accounts' })),
      accounts: ACCOUNTS.map(({ account, life }) => ({
        username: account,
        password: passwordOf(account),
        ...(life === 'replaced' ? { sessionsMax: 1, onExtraSession: 'replaceOldest' } : {}),
      })),
      timing: { stallMs: STALL_MS, drainMs: 5000 },
      gates: { connectionsPerAddressMax: 5000, failuresPerMinutePerAddress: 1000 },
      metering: { windowMs: 2000 },
      log: { level: 'warn' },
    },
    env: { ROVERCAST_CLICKHOUSE_URL: 'chdb:', ROVERCAST_DATA_DIR: dataDir },
  });
  const port = caster.ready.ntrip;
  const bases = MOUNTPOINTS.map(
    (mountpoint) =>
      new FieldBase({ port, mountpoint, password: 'choose-one', name: mountpoint }, EPOCH_MS, FILLER_BYTES),
  );
  const rovers: MeteredRover[] = [];
  const startedMs = performance.now();
  const at = (ms: number): Promise<void> =>
    new Promise((resolve) => setTimeout(resolve, Math.max(0, startedMs + ms - performance.now())));
  const lives = ACCOUNTS.map(async ({ account, life }) => {
    const begin = random() * SPAN_MS * 0.4;
    const end = begin + random() * SPAN_MS * 0.5;
    const mountpoint = MOUNTPOINTS[Math.floor(random() * MOUNTPOINTS.length)]!;
    await at(begin);
    const rover = new MeteredRover(port, mountpoint, account, life);
    rovers.push(rover);
    if (!(await rover.accepted) || life === 'stays') return;
    if (life === 'slow') readSlowly(rover);
    if (life === 'stalls') {
      // Who does not read is not told of the end either.
      await at(1.4 * SPAN_MS);
      rover.socket.resume();
      await rover.closed; return;
    }
    await at(end);
    if (life === 'breaks') rover.break();
    else if (life === 'replaced') rovers.push(new MeteredRover(port, mountpoint, account, 'stays'));
    else rover.leave();
    await rover.closed;
  });
  await Promise.all(lives);
  await Promise.all(bases.map((base) => base.stop()));
  await caster.stop();
  await Promise.all(rovers.map(({ closed }) => closed));
  return { rovers, ...(await readTables(path.join(dataDir, 'metering', 'chdb'))) };
}

/** A few bytes, and a long pause; at its end it reads all that is left. */
function readSlowly({ socket }: MeteredRover): void {
  const timer = setInterval(() => {
    socket.resume();
    setTimeout(() => {
      if (!socket.writableEnded) socket.pause();
    }, 20);
  }, 700);
  socket.on('close', () => clearInterval(timer));
}

async function readTables(chdb: string): Promise<Omit<Outcome, 'rovers'>> {
  const engine = await startChdb(chdb);
  try {
    const sessions = await engine.query(
      `SELECT session_id, account, bytes, unacknowledged_bytes, reason, windows, role FROM sessions FINAL
       WHERE role = 'rover' FORMAT JSONEachRow`,
    );
    const usage = await engine.query(
      `SELECT session_id, sum(bytes) AS bytes, count() AS rows, sum(is_last) AS last FROM usage FINAL
       GROUP BY session_id FORMAT JSONEachRow`,
    );
    const byDay = await engine.query(
      `SELECT account, sum(bytes) AS bytes FROM usage_day WHERE role = 'rover' GROUP BY account FORMAT JSONEachRow`,
    );
    return {
      sessions: sessions.map((row) => numbers(row) as unknown as SessionRow),
      usage: new Map(
        usage.map((row) => {
          const { session_id: id, bytes, rows, last } = numbers(row) as Record<string, number>;
          return [String(id), { bytes: bytes!, rows: rows!, last: last! }];
        }),
      ),
      byDay: new Map(byDay.map((row) => [String(row['account']), Number(row['bytes'])])),
    };
  } finally {
    await engine.stop();
  }
}

describe(`${ACCOUNTS.length} rovers of mixed lives (seed ${SEED})`, () => {
  let outcome: Outcome;
  beforeAll(async () => {
    outcome = await play();
  }, 120_000);

  /** Of an account its session or sessions, in the order of their beginning. */
  const sessionsOf = (account: string): SessionRow[] =>
    outcome.sessions
      .filter((row) => row.account === account)
      .toSorted((a, b) => (a.session_id < b.session_id ? -1 : 1));
  const roversOf = (...lives: Life[]): MeteredRover[] =>
    outcome.rovers.filter(({ life }) => lives.includes(life));

  test('every rover that was let in has one session, and one that was refused has none', () => {
    const expected = roversOf('leaves', 'breaks', 'stays', 'slow', 'stalls', 'replaced').length;
    expect([
      outcome.sessions.length,
      roversOf('refused').flatMap(({ account }) => sessionsOf(account)),
    ]).toEqual([expected, []]);
  });

  test.each<Life>(['leaves', 'slow', 'stays', 'replaced'])(
    'of a rover that %s, what is metered is what it counted, to the byte',
    (life) => {
      const counted = new Map<string, number[]>();
      for (const rover of roversOf(life))
        counted.set(rover.account, [...(counted.get(rover.account) ?? []), rover.bytes]);
      const wrong = [...counted].flatMap(([account, bytes]) => {
        const own = sessionsOf(account);
        const rows = account.startsWith('replaced') ? [life === 'replaced' ? own[0]! : own.at(-1)!] : own;
        const metered = rows.map((row) => row.bytes);
        return JSON.stringify(metered) === JSON.stringify(bytes) ? [] : [{ account, bytes, rows }];
      });
      expect(wrong).toEqual([]);
    },
  );

  test.each<Life>(['breaks', 'stalls'])(
    'of a rover that %s, it is off by no more than what was unacknowledged, or had come and was not read',
    (life) => {
      const wrong = roversOf(life).flatMap(({ account, bytes }) => {
        const [row] = sessionsOf(account);
        const unread = row === undefined ? NaN : row.bytes - bytes;
        const isRight = unread >= -row!.unacknowledged_bytes && unread <= EPOCH_BYTES_MAX;
        return isRight ? [] : [{ account, bytes, row }];
      });
      expect(wrong).toEqual([]);
    },
  );

  test('windows have no gaps, one is the last, and they add up to the session and to the day', () => {
    for (const row of outcome.sessions) {
      const usage = outcome.usage.get(row.session_id);
      expect({ id: row.session_id, ...usage }).toEqual({
        id: row.session_id,
        bytes: row.bytes,
        rows: row.windows,
        last: 1,
      });
    }
    for (const [account, bytes] of outcome.byDay) {
      expect([account, bytes]).toEqual([
        account,
        sessionsOf(account).reduce((sum, row) => sum + row.bytes, 0),
      ]);
    }
  });

  test('each ended by what ended it', () => {
    const reasons = (life: Life): string[] => [
      ...new Set(roversOf(life).flatMap(({ account }) => sessionsOf(account)[0]!.reason)),
    ];
    expect({
      leaves: reasons('leaves'),
      stalls: reasons('stalls'),
      replaced: reasons('replaced'),
    }).toEqual({
      leaves: ['peer_closed'],
      stalls: ['stalled'],
      replaced: ['session_replaced'],
    });
  });
});
