// Rovers of mixed lives against one caster with metering on. What each of them counted for itself is compared with what
// ClickHouse says of its session when everything is over, read by another process.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededChance } from '../../proof/seeded.ts';
import { startCasterProcess } from '../../support/caster-process.ts';
import { FieldBase } from '../devices.ts';
import { makeEpoch } from '../numbered-epochs.ts';
import { type Life, MeteredRover, passwordOf } from './metered-rover.ts';
import { contradictions, type MeteredTables, readTables, type SessionRow } from './read-tables.ts';

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
  Array.from({ length: count }, (_, n) => ({ life, account: `${life}-${n}` })),
);
/** The time in which lives begin and end. */
const SPAN_MS = Number(process.env['ROVERCAST_SPAN_MS'] ?? 18_000);
const STALL_MS = 4000;
/** A stalled rover must have enough sent to it that its own kernel is full, too. */
const EPOCH_MS = 60;
const FILLER_BYTES = 950;
/** An epoch with its station message: what a rover's kernel may have taken that the rover itself had not read. */
const EPOCH_BYTES_MAX = makeEpoch({ base: 0, sequence: 0 }, FILLER_BYTES).length;

interface Outcome extends MeteredTables {
  readonly rovers: readonly MeteredRover[];
}

const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-metered-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

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
      await rover.closed;
      return;
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
    expect(contradictions(outcome)).toEqual([]);
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
