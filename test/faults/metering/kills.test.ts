// The caster is killed again and again amid streams, and with it, before it or after it the metering process or the
// embedded engine. When it is over, every session of every life is there once, and off by one epoch at most.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededChance } from '../../proof/seeded.ts';
import { startCasterProcess } from '../../support/caster-process.ts';
import { FieldBase } from '../devices.ts';
import { makeEpoch } from '../numbered-epochs.ts';
import { until } from '../until.ts';
import { MeteredRover, passwordOf } from './metered-rover.ts';
import { contradictions, type MeteredTables, readTables } from './read-tables.ts';

const SEED = Number(process.env['ROVERCAST_SEED'] ?? Date.now() % 1_000_000);
const KILLS = Number(process.env['ROVERCAST_KILLS'] ?? 8);
/** How often, and by what a session may be off that was cut. `npm run soak` kills 20 times. */
const MODES = [
  { name: 'a ledger in mapped files', args: [], kills: KILLS, epochsOff: 1 },
  // It is written every quarter of a second, and the base sends 25 epochs a second.
  { name: 'a ledger that is written now and then', args: ['--no-native-send'], kills: 3, epochsOff: 10 },
] as const;
type Mode = (typeof MODES)[number];
const ACCOUNTS = Array.from({ length: 30 }, (_, n) => `rover-${n}`);
const MOUNTPOINTS = ['SIM1', 'SIM2'];
const FILLER_BYTES = 300;
const EPOCH_BYTES_MAX = makeEpoch({ base: 0, sequence: 0 }, FILLER_BYTES).length;

const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-kills-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome extends MeteredTables {
  readonly rovers: readonly MeteredRover[];
  readonly cut: number;
}

/** The process that has the ledger, and its child with the engine. */
function meteringPids(dataDir: string): number[] {
  const metering = Number(readFileSync(path.join(dataDir, 'metering', 'process'), 'utf8').split(' ')[0]);
  const children = readFileSync(`/proc/${metering}/task/${metering}/children`, 'utf8');
  return [metering, ...children.trim().split(' ').filter(Boolean).map(Number)];
}

/** One life of the caster, ended by SIGKILL or, at the very end, in order. */
async function live(
  mode: Mode,
  dataDir: string,
  rovers: MeteredRover[],
  chance: () => number,
  isLast: boolean,
): Promise<void> {
  const caster = await startCasterProcess({
    args: mode.args,
    config: {
      streamWorkers: 2,
      mountpoints: MOUNTPOINTS.map((name) => ({ name, sourcePassword: 'choose-one', access: 'accounts' })),
      accounts: ACCOUNTS.map((username) => ({ username, password: passwordOf(username) })),
      metering: { windowMs: 1000 },
      log: { level: 'warn' },
    },
    env: { ROVERCAST_CLICKHOUSE_URL: 'chdb:', ROVERCAST_DATA_DIR: dataDir },
  });
  const port = caster.ready.ntrip;
  const bases = MOUNTPOINTS.map(
    (mountpoint) =>
      new FieldBase({ port, mountpoint, password: 'choose-one', name: mountpoint }, 40, FILLER_BYTES),
  );
  const here = ACCOUNTS.map(
    (account, n) => new MeteredRover(port, MOUNTPOINTS[n % MOUNTPOINTS.length]!, account, 'stays'),
  );
  rovers.push(...here);
  await until(
    () => here.every(({ bytes }) => bytes > 0),
    () => 'all rovers are streamed to',
  );
  await new Promise((resolve) => setTimeout(resolve, (mode.args.length === 0 ? 0 : 600) + chance() * 900));
  for (const rover of here) if (chance() < 0.2) rover.leave();
  if (isLast) {
    await Promise.all(bases.map((base) => base.stop()));
    await caster.stop();
  } else {
    // One of the two others, or none, goes first; what is left of them goes by itself.
    const isAlone = mode.args.length > 0 || chance() < 0.4;
    const others = isAlone ? [] : meteringPids(dataDir).slice(chance() < 0.5 ? 0 : 1, chance() < 0.5 ? 2 : 1);
    for (const pid of others) process.kill(pid, 'SIGKILL');
    if (chance() < 0.5) await new Promise((resolve) => setTimeout(resolve, chance() * 300));
    await caster.kill();
    await Promise.all(bases.map((base) => base.stop()));
  }
  await Promise.all(here.map(({ closed }) => closed));
}

describe.each(MODES)('$kills times kill -9 with $name', (mode) => {
  const { kills, epochsOff } = mode;
  const dataDir = path.join(folder, `data-${kills}`);
  let outcome: Outcome;
  beforeAll(async () => {
    const rovers: MeteredRover[] = [];
    const chance = seededChance(SEED);
    for (let life = 0; life <= kills; life++) await live(mode, dataDir, rovers, chance, life === kills);
    const tables = await readTables(path.join(dataDir, 'metering', 'chdb'));
    outcome = { rovers, ...tables, cut: tables.sessions.filter(({ reason }) => reason === 'crash').length };
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
});
