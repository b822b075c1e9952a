// Rovers of mixed lives, of several customers' fleets and some of the configuration file, against one caster with metering
// on. What each of them counted for itself is compared with what ClickHouse says of its session when everything is over,
// read by another process; and what was charged for it, and what each app used on each day, with what the rows say.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededChance } from '../../proof/seeded.ts';
import { type CasterProcess, startCasterProcess } from '../../support/caster-process.ts';
import { FieldBase } from '../devices.ts';
import { makeEpoch } from '../numbered-epochs.ts';
import { askBooks, type Books, readChargeTables, readStoreBooks } from './books.ts';
import { type Fleet, FLEETS, makeFleets, passwordsOf } from './fleets.ts';
import { type Life, MeteredRover, passwordOf } from './metered-rover.ts';
import {
  contradictions,
  FORM,
  type LoginsOfAccount,
  loginsOf,
  type MeteredTables,
  readingChdb,
  type SessionRow,
  tablesOf,
} from './read-tables.ts';
import { daysOfApi, daysOfRollUp, daysOfWindows, type UsageByDay } from './usage-by-day.ts';
import { wrongBooks } from './wrong-books.ts';

const SEED = Number(process.env['ROVERCAST_SEED'] ?? Date.now() % 1_000_000);
/** How many of each. */
const LIVES: readonly [Life, number][] = [
  ['leaves', 450],
  ['breaks', 150],
  ['stays', 200],
  ['slow', 50],
  ['stalls', 50],
  ['refused', 50],
  ['replaced', 50],
];
const MOUNTPOINTS = ['SIM1', 'SIM2', 'SIM3'];
const ACCOUNTS = LIVES.flatMap(([life, count]) =>
  Array.from({ length: count }, (_, n) => ({ life, account: `${life}-${n}`, number: n })),
);
/** Of each fleet and of the file: every so manieth. */
const OWNERS = FLEETS + 1;
const OF_FILE = ACCOUNTS.filter(({ number }) => number % OWNERS === FLEETS);
/** The time in which lives begin and end. */
const SPAN_MS = Number(process.env['ROVERCAST_SPAN_MS'] ?? 18_000);
const STALL_MS = 4000;
/** A stalled rover must have enough sent to it that its own kernel is full, too. */
const EPOCH_MS = 60;
const FILLER_BYTES = 950;
/** An epoch with its station message: what a rover's kernel may take between the last look at it and its end. */
const EPOCH_BYTES_MAX = makeEpoch({ base: 0, sequence: 0 }, FILLER_BYTES).length;

interface Outcome extends MeteredTables {
  readonly rovers: readonly MeteredRover[];
  readonly logins: readonly LoginsOfAccount[];
  readonly fleets: readonly Fleet[];
  readonly books: Books;
  readonly days: Readonly<Record<'api' | 'rollUp', UsageByDay>>;
}

const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-metered-'));
const dataDir = path.join(folder, 'data');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(): Promise<CasterProcess> {
  return startCasterProcess({
    config: {
      dataDir,
      streamWorkers: 2,
      mountpoints: MOUNTPOINTS.map((name) => ({ name, sourcePassword: 'choose-one', access: 'accounts' })),
      accounts: OF_FILE.map(({ account, life }) => ({
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
}

function sell(caster: CasterProcess): Promise<Fleet[]> {
  return makeFleets(
    caster,
    Array.from({ length: FLEETS }, (_, fleet) => {
      const own = ACCOUNTS.filter(({ number }) => number % OWNERS === fleet);
      const replaced = own.filter(({ life }) => life === 'replaced');
      return {
        usernames: own.map(({ account }) => account),
        replaced: replaced.map(({ account }) => account),
      };
    }),
  );
}

async function play(): Promise<Outcome> {
  const random = seededChance(SEED);
  const caster = await start();
  const fleets = await sell(caster);
  const passwords = passwordsOf(fleets);
  const openRover = (mountpoint: string, account: string, life: Life): MeteredRover =>
    new MeteredRover(port, mountpoint, account, life, passwords.get(account));
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
    const rover = openRover(mountpoint, account, life);
    rovers.push(rover);
    if (!(await rover.accepted) || life === 'stays') return;
    if (life === 'slow') readSlowly(rover);
    if (life === 'stalls') {
      // Who does not read is not told of the end either.
      await at(1.4 * SPAN_MS);
      rover.socket.resume();
      await rover.closed;
      return;
    }
    await at(end);
    if (life === 'breaks') rover.break();
    else if (life === 'replaced') rovers.push(openRover(mountpoint, account, 'stays'));
    else rover.leave();
    await rover.closed;
  });
  await Promise.all(lives);
  await Promise.all(bases.map((base) => base.stop()));
  await caster.stop();
  await Promise.all(rovers.map(({ closed }) => closed));
  return { rovers, fleets, ...(await lookBack(fleets)) };
}

/** What everybody says of it who is asked, when nothing is under way any more. */
async function lookBack(fleets: readonly Fleet[]) {
  const caster = await start();
  const told = await askBooks(caster, fleets);
  const api = await daysOfApi(caster);
  await caster.stop();
  const stored = await readStoreBooks(dataDir);
  return await readingChdb(path.join(dataDir, 'metering', 'chdb'), async (engine) => ({
    ...(await tablesOf(engine, FORM)),
    logins: await loginsOf(engine),
    books: { told, ...stored, ...(await readChargeTables(engine)) },
    days: { api, rollUp: await daysOfRollUp(engine) },
  }));
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

describe(`${ACCOUNTS.length} rovers of mixed lives (seed ${SEED})`, () => {
  let outcome: Outcome;
  beforeAll(
    async () => {
      outcome = await play();
    },
    90_000 + 2 * SPAN_MS,
  );

  /** Of an account its session or sessions, in the order of their beginning. */
  const sessionsOf = (account: string): SessionRow[] =>
    outcome.sessions.filter((row) => row.account === account);
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
      const wrong = roversOf(life).flatMap(({ account, bytes, unreadBytes }) => {
        const [row] = sessionsOf(account);
        const unread = row === undefined ? NaN : row.bytes - bytes;
        const isRight = unread >= -row!.unacknowledged_bytes && unread <= unreadBytes + EPOCH_BYTES_MAX;
        return isRight ? [] : [{ account, bytes, row }];
      });
      expect(wrong).toEqual([]);
    },
  );

  test('windows have no gaps, one is the last, and they add up to the session and to the day', () => {
    expect(contradictions(outcome)).toEqual([]);
  });

  test('what each app used on each day is the same by the rows, the roll-up and the API, and that of its sessions', () => {
    const { books, days, sessions } = outcome;
    const expected = daysOfWindows(books.windows);
    expect(days).toEqual({ api: expected, rollUp: expected });
    const byApp = new Map<string, number>();
    for (const [key, [bytes]] of Object.entries(expected)) {
      const app = key.split(' ')[0]!;
      byApp.set(app, (byApp.get(app) ?? 0) + Number(bytes));
    }
    const ofSessions = new Map<string, number>();
    for (const { app_id: app, bytes } of sessions)
      ofSessions.set(app || '-', (ofSessions.get(app || '-') ?? 0) + bytes);
    expect(byApp).toEqual(ofSessions);
    expect(byApp.size).toBe(OWNERS);
  });

  test('everything that was used is charged once, and every book of it says the same as a second calculation', () => {
    const { books, fleets } = outcome;
    expect(wrongBooks(books, fleets)).toEqual([]);
    expect(new Set(books.charges.map(({ planId }) => planId)).size).toBe(FLEETS);
  });

  test('each login has its row: one for each session, and of a refused one nothing else', () => {
    const { logins, sessions } = outcome;
    const refused = logins.filter(({ outcome: how }) => how === 'refused');
    expect(refused.map(({ account, times }) => `${account}: ${times}`).toSorted()).toEqual(
      roversOf('refused')
        .map(({ account }) => `${account}: 1`)
        .toSorted(),
    );
    const accepted = logins.filter(({ outcome: how }) => how === 'accepted');
    expect(accepted.reduce((sum, { sessions: one }) => sum + one, 0)).toBe(sessions.length);
    expect(accepted.filter(({ times, sessions: one }) => times !== one)).toEqual([]);
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
