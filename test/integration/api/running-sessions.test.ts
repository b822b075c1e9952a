// What the API tells of sessions while they run: their counters and where the rover last said it was, over real sockets.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CasterProcess, startCasterProcess } from '../../support/caster-process.ts';
import { observationFrame } from '../../support/frames.ts';
import { getRequest, ggaLine, sourceRequest } from '../../support/ntrip-requests.ts';
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
}

let caster: CasterProcess;

beforeAll(async () => {
  caster = await startCasterProcess({
    config: {
      streamWorkers: 2,
      mountpoints: [{ name: 'TEST1', sourcePassword: 'password1', access: 'open' }],
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
