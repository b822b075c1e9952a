// The disk of the data folder is full amid streams, and has room again later. ClickHouse is away meanwhile, so that all
// rows must wait on that disk.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type CasterProcess, startCasterProcess } from '../../support/caster-process.ts';
import { eventually } from '../../support/use-caster.ts';
import { FieldBase } from '../devices.ts';
import { until } from '../until.ts';
import { MeteredRover, passwordOf } from './metered-rover.ts';
import { contradictions, readTables } from './read-tables.ts';

const SMALL_DISK = 'size=24m';
const LARGE_DISK = 'size=1g';
const ACCOUNTS = Array.from({ length: 20 }, (_, n) => `rover-${n}`);
/** Nobody listens there: port 1 is none that a program is given. */
const NOBODY = 'http://127.0.0.1:1';

/** A disk of its own, which takes root to make; undefined where that may not be. */
function makeDisk(): string | undefined {
  const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', SMALL_DISK, 'none', folder], { stdio: 'ignore' });
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  onTestFinished(() => {
    execFileSync('umount', ['--lazy', folder]);
    rmSync(folder, { recursive: true });
  });
  return folder;
}

function fill(disk: string): void {
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(path.join(disk, 'ballast'), Buffer.alloc(bavail * bsize));
}

function start(dataDir: string, clickhouse: string): Promise<CasterProcess> {
  return startCasterProcess({
    config: {
      mountpoints: [{ name: 'SIM1', sourcePassword: 'choose-one', access: 'accounts' }],
      accounts: ACCOUNTS.map((username) => ({ username, password: passwordOf(username) })),
      metering: { windowMs: 1000 },
    },
    env: { ROVERCAST_CLICKHOUSE_URL: clickhouse, ROVERCAST_DATA_DIR: dataDir },
  });
}

test('a full disk stops no stream, is told of, and costs not one byte of what is metered', async (context) => {
  const disk = makeDisk() ?? context.skip('a disk of its own cannot be mounted here');
  const dataDir = path.join(disk, 'data');
  mkdirSync(dataDir);
  const caster = await start(dataDir, NOBODY);
  const place = { port: caster.ready.ntrip, mountpoint: 'SIM1', password: 'choose-one', name: 'base' };
  const base = new FieldBase(place, 50, 300);
  const rovers = ACCOUNTS.map((account) => new MeteredRover(place.port, 'SIM1', account, 'stays'));
  await until(
    () => rovers.every(({ bytes }) => bytes > 0),
    () => 'all rovers are streamed to',
  );

  fill(disk);
  await caster.waitFor('spool_disk_full');
  const before = rovers.map(({ bytes }) => bytes);
  const leaving = rovers.slice(0, 5);
  for (const rover of leaving) rover.leave();
  await Promise.all(leaving.map(({ closed }) => closed));
  await until(
    () => rovers.every(({ bytes }, n) => bytes > before[n]! || leaving.includes(rovers[n]!)),
    () => 'streams go on',
  );

  rmSync(path.join(disk, 'ballast'));
  await caster.waitFor('spool_well');
  await base.stop();
  await caster.stop();
  execFileSync('mount', ['-o', `remount,${LARGE_DISK}`, disk]);
  const second = await start(dataDir, 'chdb:');
  await eventually('all rows are in ClickHouse', async () => {
    const reply = await fetch(`http://127.0.0.1:${second.ready.http}/metrics`);
    return (
      / 0$/m.exec((/^caster_metering_rows_waiting.*$/m.exec(await reply.text()) ?? [''])[0]) ?? undefined
    );
  });
  await second.stop();
  const tables = await readTables(path.join(dataDir, 'metering', 'chdb'));
  expect(Object.fromEntries(tables.sessions.map(({ account, bytes }) => [account, bytes]))).toEqual(
    Object.fromEntries(rovers.map(({ account, bytes }) => [account, bytes])),
  );
  expect(contradictions(tables)).toEqual([]);
});
