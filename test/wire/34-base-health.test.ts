// Tests that a base which is not well is told of by event and metric: a constellation that disappears, a station that
// says to be elsewhere, a clock that is off, silence, epochs that are missing.

import { expect, test } from 'vitest';
import { positionFrame } from '../support/frames.ts';
import { sourceRequest } from '../support/ntrip-requests.ts';
import { skyEpoch, type SkySystem } from '../support/observations.ts';
import { expectEventually, logFromHere, metricOf, useCaster } from '../support/use-caster.ts';
import { connectPeer, type WirePeer } from '../support/wire-peer.ts';

const MOUNTPOINTS = ['SKY', 'PLACE', 'CLOCK', 'QUIET', 'GAPS', 'RAW', 'PARTS', 'DAMAGED'];
const ALL: readonly SkySystem[] = ['GPS', 'GLO', 'GAL', 'BDS'];

const caster = useCaster({
  config: {
    mountpoints: MOUNTPOINTS.map((name) => ({
      ...{ name, sourcePassword: 'password1', access: 'open' as const },
      raw: name === 'RAW',
    })),
    timing: { baseTakeOverSilentMs: 500 },
  },
});

async function baseOf(mountpoint: string): Promise<WirePeer> {
  const base = await connectPeer(caster().ready.ntrip);
  base.send(sourceRequest('password1', mountpoint));
  await base.readHead();
  return base;
}

/** An epoch a second up to `untilMs`. */
function epochs(count: number, untilMs: number, systems = ALL): Buffer {
  return Buffer.concat(
    Array.from({ length: count }, (_, index) =>
      skyEpoch(untilMs - (count - 1 - index) * 1000, systems),
    ).flat(),
  );
}

const mountMetric = (name: string, mount: string): Promise<number> => metricOf(caster(), name, { mount });

test.each(['SKY', 'RAW'])('a constellation that disappears from %s, and comes back', async (mount) => {
  const told = logFromHere(caster());
  const base = await baseOf(mount);
  const nowMs = Date.now();
  base.send(epochs(40, nowMs - 60_000));
  await expectEventually(() => mountMetric('caster_mount_satellites', mount), 9 + 7 + 6 + 8);
  base.send(epochs(20, nowMs - 40_000, ['GPS', 'GLO', 'GAL']));
  expect(await told('constellation_lost', ({ mountpoint }) => mountpoint === mount)).toMatchObject({
    ...{ level: 'warn', system: 'BDS', usualSatellites: 8 },
  });
  expect(await metricOf(caster(), 'caster_mounts_faulty', { fault: 'constellation_lost' })).toBe(1);
  expect(await mountMetric('caster_mount_satellites', mount)).toBe(9 + 7 + 6);
  base.send(epochs(10, nowMs - 30_000));
  expect(await told('constellation_back')).toMatchObject({ level: 'info', system: 'BDS', mountpoint: mount });
  await expectEventually(
    () => metricOf(caster(), 'caster_mounts_faulty', { fault: 'constellation_lost' }),
    0,
  );
});

test('a station that says to be elsewhere, also when its base has connected anew', async () => {
  const told = logFromHere(caster());
  const before = await metricOf(caster(), 'caster_stations_moved_total');
  const base = await baseOf('PLACE');
  base.send(Buffer.concat([positionFrame(5, 48, 11), positionFrame(5, 48, 11)]));
  base.send(positionFrame(5, 48.001, 11));
  const moved = await told('station_moved');
  expect(moved).toMatchObject({ level: 'warn', mountpoint: 'PLACE', station: 5 });
  // A thousandth of a degree of latitude is 111.19 m at 48 degrees north.
  expect(moved['distanceM']).toBeCloseTo(111.19, 1);
  base.hangUp();
  await told('session_closed', ({ mountpoint }) => mountpoint === 'PLACE');
  const again = await baseOf('PLACE');
  again.send(positionFrame(5, 48.002, 11));
  await told('station_moved', ({ session }) => session !== moved['session']);
  expect(await metricOf(caster(), 'caster_stations_moved_total')).toBe(before + 2);
});

test('a clock that is off, and right again', async () => {
  const told = logFromHere(caster());
  const base = await baseOf('CLOCK');
  base.send(epochs(8, Date.now() + 3_600_000));
  expect(await told('observation_clock_wrong')).toMatchObject({
    ...{ level: 'warn', mountpoint: 'CLOCK', fault: 'ahead', system: 'GPS' },
  });
  base.send(epochs(8, Date.now()));
  await told('observation_clock_right');
  await expectEventually(() => metricOf(caster(), 'caster_mounts_faulty', { fault: 'clock_wrong' }), 0);
  const ageS = await mountMetric('caster_mount_age_seconds', 'CLOCK');
  expect(Math.abs(ageS)).toBeLessThan(1);
});

test('silence, and its end', async () => {
  const told = logFromHere(caster());
  const base = await baseOf('QUIET');
  base.send(epochs(1, Date.now()));
  expect(await told('base_silent')).toMatchObject({ level: 'warn', mountpoint: 'QUIET' });
  expect(await metricOf(caster(), 'caster_mounts_faulty', { fault: 'silent' })).toBe(1);
  base.send(epochs(1, Date.now()));
  expect(await told('base_heard')).toMatchObject({ mountpoint: 'QUIET' });
});

test('epochs that are missing', async () => {
  const base = await baseOf('GAPS');
  const nowMs = Date.now();
  base.send(Buffer.concat([epochs(10, nowMs - 20_000), epochs(5, nowMs - 10_000)]));
  // Ten, five missing, five.
  await expectEventually(() => mountMetric('caster_mount_missing_ratio', 'GAPS'), 0.25);
});

test('the satellites and the signals of each system', async () => {
  const base = await baseOf('PARTS');
  base.send(epochs(3, Date.now(), ['GPS', 'GAL']));
  const parts = async (name: string): Promise<number[]> =>
    await Promise.all(
      ['GPS', 'GAL', 'GLO'].map((system) => metricOf(caster(), name, { mount: 'PARTS', system })),
    );
  await expectEventually(() => parts('caster_mount_system_satellites'), [9, 6, 0]);
  expect(await parts('caster_mount_system_signals')).toEqual([2, 2, 0]);
});

test('damaged frames of a mountpoint, counted on when its base has connected anew', async () => {
  const told = logFromHere(caster());
  const damaged = positionFrame(5, 48, 11);
  damaged[damaged.length - 1]! ^= 1;
  const errors = (): Promise<number> => mountMetric('caster_mount_crc_errors_total', 'DAMAGED');
  const base = await baseOf('DAMAGED');
  base.send(Buffer.concat([damaged, positionFrame(5, 48, 11)]));
  await expectEventually(errors, 1);
  base.hangUp();
  await told('session_closed', ({ mountpoint }) => mountpoint === 'DAMAGED');
  const again = await baseOf('DAMAGED');
  again.send(Buffer.concat([damaged, positionFrame(5, 48, 11), damaged, positionFrame(5, 48, 11)]));
  await expectEventually(errors, 3);
});
