// A ClickHouse server that is killed while rows are sent to it, and one that stays away for long: everything is there
// once when it is back. `npm run soak` keeps it away for ten minutes.

import { expect, onTestFinished, test } from 'vitest';
import { findClickHouseServer, startClickHouseServer } from '../../proof/clickhouse-server.ts';
import { seededChance } from '../../proof/seeded.ts';
import { startCasterProcess } from '../../support/caster-process.ts';
import { FieldBase } from '../devices.ts';
import { MeteredRover, passwordOf } from './metered-rover.ts';
import { contradictions, tablesOf } from './read-tables.ts';

const SEED = Number(process.env['ROVERCAST_SEED'] ?? Date.now() % 1_000_000);
const OUTAGE_MS = Number(process.env['ROVERCAST_OUTAGE_MS'] ?? 4000);
const KILLS = 4;
const ACCOUNTS = Array.from({ length: 40 }, (_, n) => `rover-${n}`);
const MOUNTPOINTS = ['SIM1', 'SIM2'];
const program = findClickHouseServer();

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test(
  `of a server that is killed ${KILLS} times and then away for ${OUTAGE_MS / 1000} s nothing is missing or twice (seed ${SEED})`,
  async (context) => {
    const server = await startClickHouseServer(program ?? context.skip('clickhouse-server is not installed'));
    onTestFinished(() => server.stop());
    const chance = seededChance(SEED);
    const caster = await startCasterProcess({
      config: {
        mountpoints: MOUNTPOINTS.map((name) => ({ name, sourcePassword: 'choose-one', access: 'accounts' })),
        accounts: ACCOUNTS.map((username) => ({ username, password: passwordOf(username) })),
        metering: { windowMs: 1000 },
        log: { level: 'warn' },
      },
      env: { ROVERCAST_CLICKHOUSE_URL: server.url },
    });
    const port = caster.ready.ntrip;
    const bases = MOUNTPOINTS.map(
      (mountpoint) => new FieldBase({ port, mountpoint, password: 'choose-one', name: mountpoint }, 100, 200),
    );
    const rovers: MeteredRover[] = [];
    /** Some come and some go, all the time. */
    let goesOn = true;
    const traffic = Promise.all(
      ACCOUNTS.map(async (account, n) => {
        while (goesOn) {
          const rover = new MeteredRover(port, MOUNTPOINTS[n % 2]!, account, 'leaves');
          rovers.push(rover);
          await rover.accepted;
          await pause(500 + chance() * Math.max(4000, OUTAGE_MS / 20));
          rover.leave();
          await rover.closed;
        }
      }),
    );
    for (let kill = 0; kill < KILLS; kill++) {
      await pause(500 + chance() * 2500);
      await server.kill();
      await pause(chance() * 1000);
      await server.restart();
    }
    await pause(1500);
    await server.kill();
    await pause(OUTAGE_MS);
    await server.restart();
    goesOn = false;
    await traffic;
    await Promise.all(bases.map((base) => base.stop()));
    await caster.stop();

    const tables = await tablesOf(server);
    const counted = ACCOUNTS.map((account) =>
      rovers.filter((rover) => rover.account === account).map(({ bytes }) => bytes),
    );
    const metered = ACCOUNTS.map((account) =>
      tables.sessions.filter((row) => row.account === account).map(({ bytes }) => bytes),
    );
    expect(metered).toEqual(counted);
    expect(contradictions(tables)).toEqual([]);
  },
  OUTAGE_MS + 90_000,
);
