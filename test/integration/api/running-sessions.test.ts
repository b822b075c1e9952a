// What the API tells of sessions while they run: their counters and where the rover last said it was, over real sockets.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CasterProcess, startCasterProcess } from '../../support/caster-process.ts';
import { observationFrame, positionFrame } from '../../support/frames.ts';
import { getRequest, ggaLine, sourceRequest } from '../../support/ntrip-requests.ts';
import { skyEpoch } from '../../support/observations.ts';
import { eventually } from '../../support/use-caster.ts';
import { connectPeer } from '../../support/wire-peer.ts';
import { asOwner } from '../accounts/fire.ts';

interface Shown {
  readonly id: string;
  readonly role: string;
  readonly mountpoint: string;
  readonly bytes: number | null;
  readonly epochs: number | null;
  readonly unacknowledgedBytes: number | null;
  readonly fix: { readonly latitudeDeg: number } | null;
  readonly health: Health | null;
}

interface Health {
  readonly crcErrors: number;
  readonly messages: readonly { readonly number: number; readonly frames: number }[];
  readonly ageMs: number | null;
  readonly systems: readonly { system: string; satellites: number; signals: number }[];
  readonly position: { readonly ecefM: readonly [number, number, number] } | null;
}

interface MountpointShown {
  readonly id: string;
  readonly name: string;
  readonly health: Health | null;
}

let caster: CasterProcess;

beforeAll(async () => {
  caster = await startCasterProcess({
    config: {
      streamWorkers: 2,
      mountpoints: ['TEST1', 'SKY'].map((name) => ({
        ...{ name, sourcePassword: 'password1', access: 'open' as const },
      })),
    },
  });
});

afterAll(() => caster.stop());

async function shown(): Promise<Shown[]> {
  return ((await asOwner(caster, '/v1/sessions')) as { data: Shown[] }).data;
}

test('a running session is shown with its counters and its last position, in the list and by itself', async () => {
  const base = await connectPeer(caster.ready.ntrip);
  base.send(sourceRequest('password1', 'TEST1'));
  await base.readHead();
  const rovers = [await connectPeer(caster.ready.ntrip), await connectPeer(caster.ready.ntrip)];
  for (const rover of rovers) {
    rover.send(getRequest(1, 'TEST1'));
    await rover.readHead();
  }
  const epochs = Array.from({ length: 4 }, (_epoch, n) => observationFrame(1, 1000 * (n + 1), 50));
  for (const epoch of epochs) {
    base.send(epoch);
    for (const rover of rovers) expect(await rover.read(epoch.length)).toEqual(epoch);
  }
  rovers[0]!.send(ggaLine(47.25, 8.5));
  const sessions = await eventually('a position, and everything acknowledged', async () => {
    const all = await shown();
    const isSeen = all.some(({ fix }) => fix !== null);
    const isTaken = all.every(
      ({ role, unacknowledgedBytes }) => role === 'base' || unacknowledgedBytes === 0,
    );
    return isSeen && isTaken ? all : undefined;
  });
  const bytes = Buffer.concat(epochs).length;
  expect(sessions).toHaveLength(3);
  for (const session of sessions) {
    const counters = { bytes, epochs: 4, frames: 4, epochsDropped: 0, servedMountpoint: 'TEST1' };
    expect(session).toMatchObject({
      ...counters,
      unacknowledgedBytes: session.role === 'base' ? null : 0,
    });
  }
  const located = sessions.filter(({ fix }) => fix !== null);
  expect(located).toHaveLength(1);
  expect(located[0]!.fix).toMatchObject({
    latitudeDeg: expect.closeTo(47.25, 6) as number,
    longitudeDeg: expect.closeTo(8.5, 6) as number,
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
  });
  expect(await asOwner(caster, `/v1/sessions/${located[0]!.id}`)).toEqual(located[0]);
  for (const peer of [base, ...rovers]) peer.hangUp();
});

test('the session of a base, and its mountpoint, tell how it does: gaps, damage, satellites, age, position, faults', async () => {
  const base = await connectPeer(caster.ready.ntrip);
  base.send(sourceRequest('password1', 'SKY'));
  await base.readHead();
  const nowMs = Date.now();
  // Ten seconds, of which two are missing; the clock is right.
  const times = [9, 8, 7, 6, 5, 2, 1, 0].map((secondsAgo) => nowMs - secondsAgo * 1000);
  const damaged = Buffer.from(positionFrame(1, 47, 8));
  damaged[10]! ^= 1;
  base.send(
    Buffer.concat([
      positionFrame(1, 47, 8),
      ...times.flatMap((time) => skyEpoch(time, ['GPS', 'GLO', 'GAL', 'BDS'])),
      damaged,
      positionFrame(1, 47, 8),
    ]),
  );
  const session = await eventually('a report of all of it', async () => {
    const sky = (await shown()).find(({ mountpoint }) => mountpoint === 'SKY');
    return sky?.health?.crcErrors === 1 ? sky : undefined;
  });
  const { health } = session;
  expect(health).toMatchObject({
    ...{
      faults: ['incomplete'],
      intervalMs: 1000,
      completeness: 8 / 10,
      epochsMissing: 2,
      gaps: 1,
      timeJumps: 0,
    },
    ...{ cycleSlips: 0, lastMinute: { epochs: 8, epochsMissing: 2, cycleSlips: 0 }, clockFault: null },
    ...{ stations: 1, stationMoves: 0 },
  });
  expect(health?.systems.map(({ system, satellites, signals }) => [system, satellites, signals])).toEqual([
    ['GPS', 9, 2],
    ['GLO', 7, 2],
    ['GAL', 6, 2],
    ['BDS', 8, 2],
  ]);
  expect(health?.messages.map(({ number, frames }) => [number, frames])).toEqual([
    [1005, 2],
    ...[1074, 1084, 1094, 1124].map((number) => [number, times.length]),
  ]);
  expect(health?.ageMs).toBeGreaterThanOrEqual(0);
  expect(health?.ageMs).toBeLessThan(5000);
  // 47 N 8 E is in the quarter where all three are positive; the Earth's radius there is 6,367 km.
  expect(Math.hypot(...health!.position!.ecefM)).toBeCloseTo(6_366_7e2, -4);
  const { data } = (await asOwner(caster, '/v1/mountpoints')) as { data: MountpointShown[] };
  const shownOf = (name: string): MountpointShown => data.find((mountpoint) => mountpoint.name === name)!;
  expect(shownOf('SKY').health).toMatchObject({
    completeness: 8 / 10,
    crcErrors: 1,
    position: health!.position,
  });
  expect(shownOf('TEST1').health).toBeNull();
  expect(await asOwner(caster, `/v1/mountpoints/${shownOf('SKY').id}`)).toMatchObject({
    health: { completeness: 8 / 10 },
  });
  base.hangUp();
});
