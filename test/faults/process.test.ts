// The whole process: killed and started again at once, told to stop with thousands of rovers, told to reload without
// end, its main thread standing still.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCasterProcess, type CasterProcess } from '../support/caster-process.ts';
import { type FaultyCaster, startFaultyCaster } from './faulty-caster.ts';
import { type Field, fieldConfig, openField } from './field.ts';
import { EpochReader } from './numbered-epochs.ts';
import { openRover } from './peers.ts';
import { openSessions } from './sessions.ts';
import { until } from './until.ts';

const ROVERS_TO_DRAIN = 2000;
const DRAIN_MS = 5000;
/** What they make is more than a pipe holds. */
const ROVERS_WITH_LATE_LOG = 1000;
const LATE_MS = 500;
const RELOADS = 60;

describe('a caster killed by SIGKILL', () => {
  let first: CasterProcess;
  let second: CasterProcess | undefined;
  let field: Field;

  beforeAll(async () => {
    first = await startCasterProcess({ config: fieldConfig(2) });
    field = openField(first.ready.ntrip, { mountpoints: 2, rovers: 40, intervalMs: 30 });
    await field.flowing();
  });

  afterAll(async () => {
    await field.stop();
    await second?.stop();
  });

  test('starts again on its port at once, and its bases and rovers find it there', async () => {
    await first.kill();
    second = await startCasterProcess({
      config: fieldConfig(2),
      env: { ROVERCAST_NTRIP_PORT: String(first.ready.ntrip) },
    });
    expect(second.ready.ntrip).toBe(first.ready.ntrip);
    await field.flowing();
    expect(field.mistakes()).toEqual([]);
    expect(field.rovers.every(({ lives }) => lives.length > 1)).toBe(true);
  });
});

describe('a caster told to stop', () => {
  let caster: CasterProcess;
  let field: Field;

  beforeAll(async () => {
    caster = await startCasterProcess({ config: { ...fieldConfig(2), timing: { drainMs: DRAIN_MS } } });
    field = openField(caster.ready.ntrip, { mountpoints: 2, rovers: 0, intervalMs: 100 });
    await field.flowing();
  });

  afterAll(() => field.stop());

  test(`ends the streams of ${ROVERS_TO_DRAIN} rovers between two frames, and itself within drainMs`, async () => {
    const rovers = Array.from({ length: ROVERS_TO_DRAIN }, (_, index) => {
      const reader = new EpochReader();
      const place = { port: caster.ready.ntrip, mountpoint: `M${index % 2}`, name: `drained-${index}` };
      return { reader, connection: openRover(place, (bytes) => reader.take(bytes)) };
    });
    await Promise.all(rovers.map(({ connection }) => connection.granted));
    await until(
      () => rovers.every(({ reader }) => reader.epochs.length > 0),
      () => 'all stream',
    );
    const toldMs = performance.now();
    expect(await caster.stop()).toBe(0);
    expect(performance.now() - toldMs).toBeLessThan(DRAIN_MS);
    expect(await Promise.all(rovers.map(({ connection }) => connection.ended))).toEqual(
      rovers.map(() => 'closed'),
    );
    expect(
      rovers.filter(({ reader, connection }) => !reader.isWhole || connection.mistake() !== undefined),
    ).toEqual([]);
    expect(openSessions(caster.log)).toEqual([]);
    const reasons = caster.log.filter(({ event }) => event === 'session_closed').map(({ reason }) => reason);
    expect(reasons.filter((reason) => reason === 'shutdown').length).toBe(ROVERS_TO_DRAIN + 2);
    expect(caster.log.at(-1)).toMatchObject({ event: 'stopped' });
  }, 40_000);
});

/** Resolves half a second after everything has closed, or when the process has not waited that long. */
async function readLate({ ready, process: child }: CasterProcess): Promise<void> {
  const isClosed = async (): Promise<boolean> =>
    await fetch(`http://127.0.0.1:${ready.http}/livez`).then(
      () => false,
      () => true,
    );
  await until(isClosed, () => 'the HTTP port is closed');
  const closedMs = performance.now();
  await until(
    () => child.exitCode !== null || performance.now() - closedMs > LATE_MS,
    () => 'late',
  );
}

describe('a caster told to stop whose log is read late', () => {
  test('writes its last lines before it ends', async () => {
    const caster = await startCasterProcess({ config: fieldConfig(1) });
    const rovers = Array.from({ length: ROVERS_WITH_LATE_LOG }, (_, index) =>
      openRover({ port: caster.ready.ntrip, mountpoint: 'M0', name: `late-${index}` }, () => undefined),
    );
    await Promise.all(rovers.map(({ granted }) => granted));
    const log = caster.process.stderr!;
    log.pause();
    const stopped = caster.stop();
    await Promise.all(rovers.map(({ ended }) => ended));
    await readLate(caster);
    log.resume();
    expect(await stopped).toBe(0);
    expect(openSessions(caster.log)).toEqual([]);
    expect(caster.log.at(-1)).toMatchObject({ event: 'stopped' });
  });
});

describe('a caster that streams', () => {
  let caster: FaultyCaster;
  let field: Field;

  beforeAll(async () => {
    caster = await startFaultyCaster({ config: fieldConfig(3) });
    field = openField(caster.ready.ntrip, { mountpoints: 3, rovers: 60, intervalMs: 30 });
    await field.flowing();
  });

  afterAll(async () => {
    await field.stop();
    await caster.stop();
  });

  const expectUndisturbed = (): void => {
    expect(field.mistakes()).toEqual([]);
    expect(
      [...field.rovers, ...field.bases].map(({ lives }) => lives.length).every((lives) => lives === 1),
    ).toBe(true);
  };

  test('takes a storm of SIGHUP, some with a configuration that is wrong, without an epoch lost', async () => {
    for (let reload = 0; reload < RELOADS; reload++) {
      const timing = { roverSilentMs: 100_000 + reload };
      if (reload % 3 === 2) caster.rewriteConfig({ ...fieldConfig(3), timing: { stallMs: 'soon' } });
      else caster.rewriteConfig({ ...fieldConfig(3), timing });
      caster.process.kill('SIGHUP');
      await field.ticks(1);
    }
    await caster.waitFor('reloaded');
    await caster.waitFor('reload_refused');
    await field.flowing();
    expectUndisturbed();
  });

  test('goes on while its main thread stands still for two seconds', async () => {
    const begunMs = performance.now();
    await caster.suffer({ worker: 'main', fault: 'block', ms: 2000 });
    await field.ticks(40);
    await field.flowing(500);
    expect(performance.now() - begunMs, 'all of that was while it stood still').toBeLessThan(2000);
    const answer = await fetch(`http://127.0.0.1:${caster.ready.http}/livez`);
    expect(answer.status).toBe(200);
    expect(performance.now() - begunMs).toBeGreaterThan(2000 - 10);
    expectUndisturbed();
  });
});
