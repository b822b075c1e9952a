// Where metering is off there is no ClickHouse, and daily totals all the same: kept in the store, through kill -9, to the
// byte of what rovers counted that were not cut.

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type CasterProcess, startCasterProcess } from '../../support/caster-process.ts';
import { getAsOwner } from '../../support/owner-answers.ts';
import { askOwner, eventually } from '../../support/use-caster.ts';
import { FieldBase } from '../devices.ts';
import { makeEpoch } from '../numbered-epochs.ts';
import { until } from '../until.ts';
import { FLEETS, makeFleets, passwordsOf } from './fleets.ts';
import { MeteredRover, passwordOf } from './metered-rover.ts';

const OF_FILE = ['file-0', 'file-1'];
const OF_STORE = Array.from({ length: 2 * FLEETS }, (_, n) => `rover-${n}`);
const FILLER_BYTES = 300;
const EPOCH_BYTES_MAX = makeEpoch({ base: 0, sequence: 0 }, FILLER_BYTES).length;

interface Group {
  readonly account: string;
  readonly bytes: number;
  readonly sessions: number;
}

function start(dataDir: string): Promise<CasterProcess> {
  return startCasterProcess({
    config: {
      streamWorkers: 2,
      mountpoints: [{ name: 'SIM1', sourcePassword: 'choose-one', access: 'accounts' }],
      accounts: OF_FILE.map((username) => ({ username, password: passwordOf(username) })),
      log: { level: 'warn' },
    },
    env: { ROVERCAST_CLICKHOUSE_URL: 'off', ROVERCAST_DATA_DIR: dataDir },
  });
}

async function stream(
  { ready }: CasterProcess,
  passwords: ReadonlyMap<string, string>,
): Promise<{ readonly rovers: readonly MeteredRover[]; readonly base: FieldBase }> {
  const place = { port: ready.ntrip, mountpoint: 'SIM1' };
  const base = new FieldBase({ ...place, password: 'choose-one', name: 'base' }, 40, FILLER_BYTES);
  const rovers = [...OF_FILE, ...OF_STORE].map(
    (account) => new MeteredRover(place.port, 'SIM1', account, 'stays', passwords.get(account)),
  );
  await until(
    () => rovers.every(({ bytes }) => bytes > 5 * EPOCH_BYTES_MAX),
    () => 'all rovers are streamed to',
  );
  return { rovers, base };
}

async function usageBy(caster: CasterProcess, groupBy: string): Promise<readonly Group[]> {
  const { data } = await getAsOwner<{ data: Group[] }>(
    caster,
    `/v1/usage?groupBy=${groupBy}&role=rover&limit=100`,
  );
  return data;
}

test('with metering off, daily totals are what the rovers counted, through kill -9, and nothing else is kept', async () => {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'rovercast-off-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const first = await start(dataDir);
  const usernamesOf = (fleet: number): string[] => OF_STORE.filter((_, n) => n % FLEETS === fleet);
  const fleets = await makeFleets(
    first,
    Array.from({ length: FLEETS }, (_, fleet) => ({ usernames: usernamesOf(fleet) })),
  );
  const passwords = passwordsOf(fleets);
  const cut = await stream(first, passwords);
  await first.kill();
  await cut.base.stop();
  const second = await start(dataDir);
  const whole = await stream(second, passwords);
  for (const rover of whole.rovers) rover.leave();
  await Promise.all(whole.rovers.map(({ closed }) => closed));
  await whole.base.stop();

  const groups = await eventually('all sessions are added up', async () => {
    const found = await usageBy(second, 'account,day');
    const sessions = found.reduce((sum, group) => sum + group.sessions, 0);
    return sessions === 2 * whole.rovers.length ? found : undefined;
  });
  const wrong = whole.rovers.flatMap(({ account, bytes }, n) => {
    const counted = bytes + cut.rovers[n]!.bytes;
    const own = groups.filter((group) => group.account === account);
    const metered = own.reduce((sum, group) => sum + group.bytes, 0);
    return Math.abs(metered - counted) <= EPOCH_BYTES_MAX ? [] : [{ account, counted, own }];
  });
  expect(wrong).toEqual([]);
  const apps = await usageBy(second, 'app');
  const total = (of: readonly Group[]): number => of.reduce((sum, { bytes }) => sum + bytes, 0);
  expect([apps.length, total(apps)]).toEqual([FLEETS + 1, total(groups)]);
  const untold = ['/v1/usage?groupBy=hour', '/v1/usage/windows', '/v1/charges'];
  const answers = await Promise.all(untold.map((where) => askOwner(second, where)));
  expect(
    await Promise.all(answers.map(async (answer) => ((await answer.json()) as { code: string }).code)),
  ).toEqual(untold.map(() => 'metering_off'));
  await second.stop();
  expect(['chdb', 'spool'].filter((name) => existsSync(path.join(dataDir, 'metering', name)))).toEqual([]);
});
