// A log that nobody reads, a log that is gone, disks without room: they cost lines, never a stream or a login.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CasterProcess, type ReadyLine, startCasterProcess } from '../support/caster-process.ts';
import { startBareCaster } from './bare-caster.ts';
import { type Field, fieldConfig, openField } from './field.ts';
import { openRover } from './peers.ts';
import { until } from './until.ts';

const FIELD = { mountpoints: 2, rovers: 20, intervalMs: 30 };
/** Two lines each, 300 bytes or more a line: more than pipe and backlog hold together. */
const VISITS = 3000;
const VISITS_AT_ONCE = 100;

/** Rovers that come, are served and go; resolves with how many were served. */
async function visit(port: number, count: number): Promise<number> {
  let served = 0;
  for (let visits = 0; visits < count; visits += VISITS_AT_ONCE) {
    await Promise.all(
      Array.from({ length: VISITS_AT_ONCE }, async (_, index) => {
        const visitor = openRover({ port, mountpoint: 'M0', name: `visitor-${index}` }, () => undefined);
        if (await visitor.granted) served += 1;
        visitor.socket.destroy();
        await visitor.ended;
      }),
    );
  }
  return served;
}

async function linesLost({ http }: ReadyLine): Promise<number> {
  const page = await (await fetch(`http://127.0.0.1:${http}/metrics`)).text();
  return Number(/^caster_log_lines_lost_total (\d+)$/m.exec(page)?.[1]);
}

describe('a running caster', () => {
  let caster: CasterProcess;
  let field: Field;

  beforeEach(async () => {
    caster = await startCasterProcess({ config: fieldConfig(2) });
    field = openField(caster.ready.ntrip, FIELD);
    await field.flowing();
  });

  afterEach(async () => {
    await field.flowing();
    expect(field.mistakes()).toEqual([]);
    expect(field.rovers.every(({ lives }) => lives.length === 1)).toBe(true);
    await field.stop();
    expect(await caster.stop()).toBe(0);
  });

  test('goes on when the reader of its log is gone, and counts the lines', async () => {
    caster.process.stderr!.destroy();
    expect(await visit(caster.ready.ntrip, 200)).toBe(200);
    await until(
      async () => (await linesLost(caster.ready)) >= 200,
      () => 'the lost lines are counted',
    );
  });

  test('goes on when the reader of its log stands still, and tells it later what it missed', async () => {
    caster.process.stderr!.pause();
    expect(await visit(caster.ready.ntrip, VISITS)).toBe(VISITS);
    expect(await linesLost(caster.ready)).toBeGreaterThan(0);
    caster.process.stderr!.resume();
    // The next line of the log is what makes it look for room.
    await visit(caster.ready.ntrip, VISITS_AT_ONCE);
    const line = await caster.waitFor('log_lines_lost');
    expect(line['lines']).toBeGreaterThan(0);
  });
});

const mayMount = ((): boolean => {
  const probe = mkdtempSync(path.join(tmpdir(), 'rovercast-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', probe], { stdio: 'ignore' });
    execFileSync('umount', [probe]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(probe, { recursive: true });
  }
})();

describe('a disk that is full', () => {
  test('under the log stops nothing', async () => {
    const caster = startBareCaster(fieldConfig(2), { redirect: '2>/dev/full' });
    const ready = await caster.ready;
    const field = openField(ready.ntrip, FIELD);
    await field.flowing();
    expect(await visit(ready.ntrip, 200)).toBe(200);
    await field.flowing();
    expect(field.mistakes()).toEqual([]);
    expect(await linesLost(ready)).toBeGreaterThanOrEqual(200);
    await field.stop();
    caster.process.kill('SIGTERM');
    expect(await caster.ended).toEqual([0, null]);
  });

  test.skipIf(!mayMount)(
    `under the data folder is named at the start, with what to do${mayMount ? '' : ' (skipped: this process may not mount)'}`,
    async () => {
      const disk = mkdtempSync(path.join(tmpdir(), 'rovercast-full-'));
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', disk]);
      try {
        writeFileSync(path.join(disk, 'filler'), Buffer.alloc(4096));
        const dataDir = path.join(disk, 'data');
        const caster = startBareCaster(fieldConfig(2), { env: { ROVERCAST_DATA_DIR: dataDir } });
        expect((await caster.ended)[0]).toBeGreaterThan(0);
        expect(caster.said()).toContain(`the data folder ${dataDir} cannot be used (ENOSPC)`);
        expect(caster.said()).toMatch(/make room/);
      } finally {
        execFileSync('umount', [disk]);
        rmSync(disk, { recursive: true });
      }
    },
  );
});
