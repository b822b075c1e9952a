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
const KILLS = 20;
const ACCOUNTS = Array.from({ length: 30 }, (_, n) => `rover-${n}`);
const MOUNTPOINTS = ['SIM1', 'SIM2'];
const FILLER_BYTES = 300;
const EPOCH_BYTES_MAX = makeEpoch({ base: 0, sequence: 0 }, FILLER_BYTES).length;

const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-kills-'));
const dataDir = path.join(folder, 'data');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome extends MeteredTables {
  readonly rovers: readonly MeteredRover[];
  readonly cut: number;
}

/** The process that has the ledger, and its child with the engine. */
function meteringPids(): number[] {
  const metering = Number(readFileSync(path.join(dataDir, 'metering', 'process'), 'utf8').split(' ')[0]);
  const children = readFileSync(`/proc/${metering}/task/${metering}/children`, 'utf8');
  return [metering, ...children.trim().split(' ').filter(Boolean).map(Number)];
}

/** One life of the caster, ended by SIGKILL or, at the very end, in order. */
async function live(rovers: MeteredRover[], chance: () => number, isLast: boolean): Promise<void> {
  const caster = await startCasterProcess({
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
  await new Promise((resolve) => setTimeout(resolve, chance() * 900));
  for (const rover of here) if (chance() < 0.2) rover.leave();
  if (isLast) {
    await Promise.all(bases.map((base) => base.stop()));
    await caster.stop();
  } else {
    // One of the two others, or none, goes first; what is left of them goes by itself.
    const others = chance() < 0.6 ? meteringPids().slice(chance() < 0.5 ? 0 : 1, chance() < 0.5 ? 2 : 1) : [];
    for (const pid of others) process.kill(pid, 'SIGKILL');
    if (chance() < 0.5) await new Promise((resolve) => setTimeout(resolve, chance() * 300));
    await caster.kill();
    await Promise.all(bases.map((base) => base.stop()));
  }
  await Promise.all(here.map(({ closed }) => closed));
}

describe(`${KILLS} times kill -9 (seed ${SEED})`, () => {
  let outcome: Outcome;
  beforeAll(async () => {
    const rovers: MeteredRover[] = [];
    const chance = seededChance(SEED);
    for (let life = 0; life <= KILLS; life++) await live(rovers, chance, life === KILLS);
    const tables = await readTables(path.join(dataDir, 'metering', 'chdb'));
    outcome = { rovers, ...tables, cut: tables.sessions.filter(({ reason }) => reason === 'crash').length };
  }, 240_000);

  test('every session of every life is there, once', () => {
    const expected = Object.fromEntries(ACCOUNTS.map((account) => [account, KILLS + 1]));
    const found: Record<string, number> = {};
    for (const { account } of outcome.sessions) found[account] = (found[account] ?? 0) + 1;
    expect(found).toEqual(expected);
    expect(outcome.cut).toBeGreaterThan(KILLS * ACCOUNTS.length * 0.5);
  });

  test('a session that was cut is off by one epoch at most, one that was not by nothing', () => {
    const wrong = ACCOUNTS.flatMap((account) => {
      const lives = outcome.rovers.filter((rover) => rover.account === account);
      const rows = outcome.sessions.filter((row) => row.account === account);
      return rows.flatMap((row, n) => {
        const off = Math.abs(row.bytes - lives[n]!.bytes);
        const isRight = row.reason === 'crash' ? off <= EPOCH_BYTES_MAX : off === 0;
        return isRight ? [] : [{ life: n, counted: lives[n]!.bytes, row }];
      });
    });
    expect(wrong).toEqual([]);
  });

  test('nothing is there twice: windows add up to sessions, sessions to the roll-up', () => {
    expect(contradictions(outcome)).toEqual([]);
  });
});
