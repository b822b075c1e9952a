// Tests whether a grant that ignores the mountpoint serves the nearest base under whatever name, whether such a rule can
// change under a stream, always between two epochs, and what a name gets that admission does not know.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GrantLimits } from '../../caster/accounts/grant-limits.ts';
import { ICY_OK, refusal as refusalReply, withoutDate } from '../support/expected-replies.ts';
import { epochMsOf, messageNumberOf, wholeFrames } from '../support/frames.ts';
import { type GrantedRover, joinGranted, startBase, type StreamingBase } from '../support/granted-rover.ts';
import { getRequest, ggaLine } from '../support/ntrip-requests.ts';
import { grant, refusal, useScriptedWorkers } from '../support/scripted-workers.ts';
import { eventually } from '../support/use-caster.ts';
import { ask, connectPeer } from '../support/wire-peer.ts';

const workers = useScriptedWorkers({
  timing: { stallMs: 60_000, roverSilentMs: 0 },
  mountpoints: ['WEST', 'EAST', 'OWN'].map((name) => ({ name, sourcePassword: 'password1' })),
});
const STATIONS = { WEST: 1, EAST: 2, OWN: 3 } as const;
type Name = keyof typeof STATIONS;

const bases: StreamingBase[] = [];
beforeAll(async () => {
  for (const [name, station] of Object.entries(STATIONS)) {
    bases.push(await startBase(workers(), name, station));
  }
  workers().placeBases(
    { mountpoint: 'WEST', latitudeDeg: 50, longitudeDeg: 8 },
    { mountpoint: 'EAST', latitudeDeg: 50, longitudeDeg: 8.5 },
  );
});
afterAll(() => bases.forEach((base) => base.stop()));

const NEAREST = { mountpoints: undefined, maxBaselineKm: 100, hysteresisKm: 1 };
const ANY: GrantLimits = { nearest: NEAREST };
const NEAR_WEST = ggaLine(50.01, 8.02);

/** DF003. */
const stationOf = (frame: Buffer): number => frame.readUInt16BE(4) & 0x0fff;

/** Takes what has come: whole frames only, or it throws. */
async function taken({ peer }: GrantedRover): Promise<Buffer[]> {
  return wholeFrames(await peer.read(peer.waitingBytes));
}

/** Takes frames until one is of this base; every frame on the way is whole. */
async function getsFrom(rover: GrantedRover, name: Name): Promise<void> {
  await eventually(`frames of ${name}`, async () =>
    (await taken(rover)).some((frame) => stationOf(frame) === STATIONS[name]) ? true : undefined,
  );
}

describe('a grant that ignores the mountpoint', () => {
  test.each(['VRS', 'AUTO.RTCM-32_x', 'OWN'])(
    'serves the nearest base under the name %s',
    async (mountpoint) => {
      const rover = await joinGranted(workers(), ANY, { mountpoint, behind: NEAR_WEST });
      await getsFrom(rover, 'WEST');
      const stations = (await taken(rover)).map(stationOf);
      expect(stations.filter((station) => station !== STATIONS.WEST)).toEqual([]);
      rover.peer.send(ggaLine(50.01, 8.49));
      await getsFrom(rover, 'EAST');
    },
  );

  test('gives nothing to a rover of whom nobody knows where it is, and begins with its first GGA', async () => {
    const rover = await joinGranted(workers(), ANY, { mountpoint: 'VRS' });
    const other = await joinGranted(workers(), {}, { mountpoint: 'WEST' });
    await getsFrom(other, 'WEST');
    expect(rover.peer.waitingBytes).toBe(0);
    rover.peer.send(NEAR_WEST);
    await getsFrom(rover, 'WEST');
  });

  test('goes before the rule of the mountpoint, and keeps to its own list', async () => {
    const rover = await joinGranted(
      workers(),
      { nearest: { ...NEAREST, mountpoints: ['EAST'] } },
      { mountpoint: 'WEST', behind: NEAR_WEST },
    );
    await getsFrom(rover, 'EAST');
  });
});

describe('a rule that changes under a stream', () => {
  test('takes effect within a second, between two epochs, there and back again', async () => {
    const rover = await joinGranted(workers(), {}, { mountpoint: 'OWN', behind: NEAR_WEST });
    await getsFrom(rover, 'OWN');
    for (const [limits, name] of [
      [ANY, 'WEST'],
      [{ nearest: { ...NEAREST, mountpoints: ['EAST'] } }, 'EAST'],
      [{}, 'OWN'],
      [ANY, 'WEST'],
    ] as const) {
      const changedMs = performance.now();
      workers().updateGrant(rover.sessionId, limits);
      await getsFrom(rover, name);
      expect(performance.now() - changedMs).toBeLessThan(1000);
      const stations = (await taken(rover)).map(stationOf);
      expect(stations.filter((station) => station !== STATIONS[name])).toEqual([]);
    }
  });

  test('back and forth without a pause leaves a stream of whole frames, each once', async () => {
    const rover = await joinGranted(workers(), {}, { mountpoint: 'WEST', behind: NEAR_WEST });
    await getsFrom(rover, 'WEST');
    const frames: Buffer[] = [];
    for (let n = 0; n < 200; n++) {
      const limits = n % 2 === 0 ? { nearest: { ...NEAREST, mountpoints: ['EAST'] } } : {};
      workers().updateGrant(rover.sessionId, limits);
      if (n % 10 === 0)
        await eventually('a frame', async () => {
          frames.push(...(await taken(rover)));
          return rover.peer.ended || frames.length > n / 10 ? true : undefined;
        });
    }
    const observed = frames.filter((frame) => messageNumberOf(frame) === 1077);
    const names = observed.map((frame) => `${stationOf(frame)} ${epochMsOf(frame)}`);
    expect(new Set(names).size).toBe(names.length);
    expect(rover.peer.ended).toBe(false);
  });

  test('without a known position leaves the rover with what it has until it says one', async () => {
    const rover = await joinGranted(workers(), {}, { mountpoint: 'OWN' });
    await getsFrom(rover, 'OWN');
    workers().updateGrant(rover.sessionId, ANY);
    await getsFrom(rover, 'OWN');
    rover.peer.send(NEAR_WEST);
    await getsFrom(rover, 'WEST');
  });
});

describe('a name that the worker does not know', () => {
  test('is for admission to decide: let in, or the sourcetable for version 1 and 404 for version 2', async () => {
    const { port } = workers();
    workers().script = (request) =>
      request.username === 'anywhere' ? grant(request, ANY) : refusal('unknown_mountpoint');
    const login = { login: { username: 'anywhere', password: 'p' } };
    const before = workers().asked.length;
    const rover = await connectPeer(port);
    rover.send(getRequest(1, 'NOSUCH', login));
    expect((await rover.read(ICY_OK.length)).toString()).toBe(ICY_OK);
    const table = await ask(port, getRequest(1, ''));
    expect(withoutDate(await ask(port, getRequest(1, 'NOSUCH')))).toBe(withoutDate(table));
    expect(withoutDate(await ask(port, getRequest(2, 'NOSUCH')))).toBe(
      refusalReply('v2', '404 Not Found', 'unknown_mountpoint: there is no such mountpoint here'),
    );
    expect(
      workers()
        .asked.slice(before)
        .map(({ mountpoint }) => mountpoint),
    ).toEqual(['NOSUCH', 'NOSUCH', 'NOSUCH']);
    rover.hangUp();
  });
});
