// The caster is killed again and again amid streams that are paid for, and with it, before it or after it the metering
// process or the embedded engine. When it is over, every session of every life is there once and off by one epoch at
// most, and everything that was used is charged once, whoever is asked.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededChance } from '../../proof/seeded.ts';
import { type CasterProcess, startCasterProcess } from '../../support/caster-process.ts';
import { FieldBase } from '../devices.ts';
import { makeEpoch } from '../numbered-epochs.ts';
import { until } from '../until.ts';
import { askBooks, type Books, readChargeTables, readStoreBooks } from './books.ts';
import { type Fleet, FLEETS, makeFleets, passwordsOf } from './fleets.ts';
import { MeteredRover } from './metered-rover.ts';
import { contradictions, FORM, type MeteredTables, readingChdb, tablesOf } from './read-tables.ts';
import { wrongBooks } from './wrong-books.ts';

const SEED = Number(process.env['ROVERCAST_SEED'] ?? Date.now() % 1_000_000);
const KILLS = Number(process.env['ROVERCAST_KILLS'] ?? 6);
/** How often, and by what a session may be off that was cut. `npm run soak` kills 20 times. */
const MODES = [
  { name: 'a ledger in mapped files', args: [], kills: KILLS, epochsOff: 1 },
  // It is written every quarter of a second, and the base sends 25 epochs a second.
  { name: 'a ledger that is written now and then', args: ['--no-native-send'], kills: 3, epochsOff: 10 },
] as const;
type Mode = (typeof MODES)[number];
/** Of the fleets in turn. */
const ACCOUNTS = Array.from({ length: 32 }, (_, n) => `rover-${n}`);
const MOUNTPOINTS = ['SIM1', 'SIM2'];
const FILLER_BYTES = 300;
const EPOCH_BYTES_MAX = makeEpoch({ base: 0, sequence: 0 }, FILLER_BYTES).length;

const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-kills-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome extends MeteredTables {
  readonly rovers: readonly MeteredRover[];
  readonly cut: number;
  readonly fleets: readonly Fleet[];
  readonly books: Books;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The process that has the ledger, and its child with the engine. */
function meteringPids(dataDir: string): number[] {
  const metering = Number(readFileSync(path.join(dataDir, 'metering', 'process'), 'utf8').split(' ')[0]);
  const children = readFileSync(`/proc/${metering}/task/${metering}/children`, 'utf8');
  return [metering, ...children.trim().split(' ').filter(Boolean).map(Number)];
}

function start(mode: Mode, dataDir: string): Promise<CasterProcess> {
  return startCasterProcess({
    args: mode.args,
    config: {
      streamWorkers: 2,
      mountpoints: MOUNTPOINTS.map((name) => ({ name, sourcePassword: 'choose-one', access: 'accounts' })),
      metering: { windowMs: 1000 },
      log: { level: 'warn' },
    },
    env: { ROVERCAST_CLICKHOUSE_URL: 'chdb:', ROVERCAST_DATA_DIR: dataDir },
  });
}

function sell(caster: CasterProcess): Promise<Fleet[]> {
  const usernamesOf = (fleet: number): string[] => ACCOUNTS.filter((_account, n) => n % FLEETS === fleet);
  return makeFleets(
    caster,
    Array.from({ length: FLEETS }, (_, fleet) => ({ usernames: usernamesOf(fleet) })),
  );
}

interface Life {
  readonly mode: Mode;
  readonly dataDir: string;
  readonly passwords: ReadonlyMap<string, string>;
  readonly chance: () => number;
  readonly isLast: boolean;
}

/** One life of the caster, ended by SIGKILL or, at the very end, in order. */
async function live(
  caster: CasterProcess,
  { mode, dataDir, passwords, chance, isLast }: Life,
): Promise<MeteredRover[]> {
  const port = caster.ready.ntrip;
  const bases = MOUNTPOINTS.map(
    (mountpoint) =>
      new FieldBase({ port, mountpoint, password: 'choose-one', name: mountpoint }, 40, FILLER_BYTES),
  );
  const rovers = ACCOUNTS.map((account) => {
    const mountpoint = MOUNTPOINTS[chance() < 0.5 ? 0 : 1]!;
    return new MeteredRover(port, mountpoint, account, 'stays', passwords.get(account));
  });
  await until(
    () => rovers.every(({ bytes }) => bytes > 0),
    () => 'all rovers are streamed to',
  );
  // Some are killed before their first window is over, others amid what becomes of it.
  await pause((mode.args.length === 0 ? 200 : 600) + chance() * 1600);
  for (const rover of rovers) if (chance() < 0.2) rover.leave();
  if (isLast) {
    await Promise.all(bases.map((base) => base.stop()));
    await caster.stop();
  } else {
    // One of the two others, or none, goes first; what is left of them goes by itself, or begins anew and goes then.
    const isAlone = mode.args.length > 0 || chance() < 0.4;
    const others = isAlone ? [] : meteringPids(dataDir).slice(chance() < 0.5 ? 0 : 1, chance() < 0.5 ? 2 : 1);
    for (const pid of others) process.kill(pid, 'SIGKILL');
    if (chance() < 0.5) await pause(chance() * (others.length > 0 ? 1500 : 300));
    await caster.kill();
    await Promise.all(bases.map((base) => base.stop()));
  }
  await Promise.all(rovers.map(({ closed }) => closed));
  return rovers;
}

/** What everybody says of it who is asked, when nothing is under way any more. */
async function lookBack(mode: Mode, dataDir: string, fleets: readonly Fleet[]) {
  const caster = await start(mode, dataDir);
  const told = await askBooks(caster, fleets);
  await caster.stop();
  const { tables, charged } = await readingChdb(path.join(dataDir, 'metering', 'chdb'), async (engine) => ({
    tables: await tablesOf(engine, FORM),
    charged: await readChargeTables(engine),
  }));
  return { tables, books: { told, ...charged, ...(await readStoreBooks(dataDir)) } };
}

describe.each(MODES)('$kills times kill -9 with $name', (mode) => {
  const { kills, epochsOff } = mode;
  const dataDir = path.join(folder, `data-${kills}`);
  let outcome: Outcome;
  beforeAll(async () => {
    const rovers: MeteredRover[] = [];
    const chance = seededChance(SEED);
    let caster = await start(mode, dataDir);
    const fleets = await sell(caster);
    const passwords = passwordsOf(fleets);
    for (let life = 0; life <= kills; life++) {
      if (life > 0) caster = await start(mode, dataDir);
      rovers.push(...(await live(caster, { mode, dataDir, passwords, chance, isLast: life === kills })));
    }
    const { tables, books } = await lookBack(mode, dataDir, fleets);
    const cut = tables.sessions.filter(({ reason }) => reason === 'crash').length;
    outcome = { rovers, cut, fleets, books, ...tables };
  }, 240_000);

  test('every session of every life is there, once', () => {
    const expected = Object.fromEntries(ACCOUNTS.map((account) => [account, kills + 1]));
    const found: Record<string, number> = {};
    for (const { account } of outcome.sessions) found[account] = (found[account] ?? 0) + 1;
    expect(found).toEqual(expected);
    expect(outcome.cut).toBeGreaterThan(kills * ACCOUNTS.length * 0.5);
  });

  test(`a session that was cut is off by ${epochsOff} epochs at most, one that was not by nothing (seed ${SEED})`, () => {
    const wrong = ACCOUNTS.flatMap((account) => {
      const lives = outcome.rovers.filter((rover) => rover.account === account);
      const rows = outcome.sessions.filter((row) => row.account === account);
      return rows.flatMap((row, n) => {
        const off = Math.abs(row.bytes - lives[n]!.bytes);
        const isRight = row.reason === 'crash' ? off <= epochsOff * EPOCH_BYTES_MAX : off === 0;
        return isRight ? [] : [{ life: n, counted: lives[n]!.bytes, row }];
      });
    });
    expect(wrong).toEqual([]);
  });

  test('nothing is there twice: windows add up to sessions, sessions to the roll-up', () => {
    expect(contradictions(outcome)).toEqual([]);
  });

  test('everything that was used is charged once, and every book of it says the same as a second calculation', () => {
    const { books, fleets } = outcome;
    expect(wrongBooks(books, fleets)).toEqual([]);
    // Each customer has used something of each of his plans.
    const isOfPlan = (planId: string): boolean => books.charges.some((charge) => charge.planId === planId);
    expect(fleets.every(({ planId }) => isOfPlan(planId))).toBe(true);
  });
});
