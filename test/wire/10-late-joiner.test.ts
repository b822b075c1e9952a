// Tests whether a rover that joins late gets the newest station messages and ephemerides at once, in front of the next
// epoch, and none that no longer hold.

import { describe, expect, test } from 'vitest';
import { recordingBytes, recordingFacts, RECORDINGS_PRESENT, SKIP_NOTE } from '../recordings/recordings.ts';
import { ICY_OK } from '../support/expected-replies.ts';
import {
  cutFrames,
  ephemerisFrame,
  makeFrame,
  messageNumberOf,
  observationFrame,
  positionFrame,
  wholeFrames,
} from '../support/frames.ts';
import { getRequest, sourceRequest } from '../support/ntrip-requests.ts';
import { eventually, useCaster } from '../support/use-caster.ts';
import { connectPeer, type WirePeer } from '../support/wire-peer.ts';

const STATION_MESSAGES = [1005, 1006, 1007, 1008, 1013, 1033, 1230];

describe.each([1, 3])('with %i stream workers', (streamWorkers) => {
  const caster = useCaster({
    config: {
      streamWorkers,
      mountpoints: [
        { name: 'TEST1', sourcePassword: 'password1', access: 'open', secondBase: 'takeOver' },
        { name: 'RAW', sourcePassword: 'password1', access: 'open', raw: true },
      ],
    },
  });

  async function join(mountpoint = 'TEST1'): Promise<WirePeer> {
    const rover = await connectPeer(caster().ready.ntrip);
    rover.send(getRequest(1, mountpoint));
    await rover.read(ICY_OK.length);
    return rover;
  }

  async function begin(frames: readonly Buffer[], mountpoint = 'TEST1'): Promise<WirePeer> {
    return (await beginWith(frames, mountpoint)).base;
  }

  async function beginWith(
    frames: readonly Buffer[],
    mountpoint = 'TEST1',
  ): Promise<{ base: WirePeer; listener: WirePeer }> {
    const listener = await join(mountpoint);
    const base = await connectPeer(caster().ready.ntrip);
    base.send(Buffer.concat([Buffer.from(sourceRequest('password1', mountpoint)), ...frames]));
    await base.readHead();
    // Once it has come out somewhere, it is in the mountpoint's memory.
    await listener.read(frames.reduce((sum, frame) => sum + frame.length, 0));
    return { base, listener };
  }

  test('the newest of each comes once: stations first, then ephemerides, then the stream', async () => {
    const old = [
      positionFrame(1, 50, 8),
      ephemerisFrame(3, 1),
      ephemerisFrame(5, 1),
      observationFrame(1, 1000),
    ];
    const renewed = [ephemerisFrame(3, 2), positionFrame(1, 50.5, 8.5), observationFrame(1, 2000)];
    const base = await begin([...old, ...renewed]);
    const rover = await join();
    const greeting = Buffer.concat([positionFrame(1, 50.5, 8.5), ephemerisFrame(3, 2), ephemerisFrame(5, 1)]);
    expect(await rover.read(greeting.length)).toEqual(greeting);
    const next = observationFrame(1, 3000, 100);
    base.send(next);
    expect(await rover.read(next.length)).toEqual(next);
  });

  test('stations of one stream are told apart', async () => {
    const frames = [positionFrame(1, 50, 8), positionFrame(2, 51, 9), observationFrame(1, 1000)];
    await begin(frames);
    const greeting = Buffer.concat(frames.slice(0, 2));
    expect(await (await join()).read(greeting.length)).toEqual(greeting);
  });

  test('a base that says nothing of itself gives late joiners nothing', async () => {
    const text = makeFrame(
      [
        [1029, 12],
        [1, 12],
      ],
      Buffer.alloc(20, 0x41),
    );
    const base = await begin([text, observationFrame(1, 1000)]);
    const rover = await join();
    const next = observationFrame(1, 2000);
    base.send(next);
    expect(await rover.read(next.length)).toEqual(next);
  });

  test('another base, perhaps at another place, does not inherit what the last one said', async () => {
    const { listener } = await beginWith([positionFrame(1, 50, 8), observationFrame(1, 1000)]);
    const second = await connectPeer(caster().ready.ntrip);
    second.send(sourceRequest('password1', 'TEST1'));
    await second.readHead();
    const next = observationFrame(2, 5000);
    second.send(next);
    await listener.read(next.length);
    const rover = await join();
    const after = observationFrame(2, 6000);
    second.send(after);
    expect(await rover.read(after.length)).toEqual(after);
  });

  test('a raw mountpoint greets nobody with frames it never looked for', async () => {
    const base = await begin([positionFrame(1, 50, 8)], 'RAW');
    const rover = await join('RAW');
    base.send('raw bytes');
    expect((await rover.read(9)).toString()).toBe('raw bytes');
  });

  test.skipIf(!RECORDINGS_PRESENT).each(['eph_all_systems.rtcm3', 'agpartner2_msm5_msm7_legacy_1hz.rtcm3'])(
    `%s: a late joiner gets each station message and each satellite once, in its newest form${SKIP_NOTE}`,
    async (name) => {
      const { ephemerides } = recordingFacts(name);
      const newest = new Map<string, Buffer>();
      for (const frame of cutFrames(recordingBytes(name))) {
        const number = messageNumberOf(frame);
        if (number in ephemerides) newest.set(`${number} ${satelliteOf(frame)}`, frame);
        else if (STATION_MESSAGES.includes(number)) newest.set(`${number}`, frame);
      }
      const satellites = Object.values(ephemerides).reduce((sum, one) => sum + one.satellites.length, 0);
      expect([...newest.keys()].filter((key) => key.includes(' '))).toHaveLength(satellites);
      await begin(cutFrames(recordingBytes(name)));
      const expected = [...newest.values()];
      const rover = await join();
      const greeting = wholeFrames(await rover.read(expected.reduce((sum, frame) => sum + frame.length, 0)));
      expect(greeting.map(asText).toSorted()).toEqual(expected.map(asText).toSorted());
    },
  );
});

describe('a worker without rovers', () => {
  const caster = useCaster({
    config: {
      streamWorkers: 3,
      mountpoints: [{ name: 'TEST1', sourcePassword: 'password1', access: 'open', secondBase: 'takeOver' }],
    },
  });
  const [first, second] = [positionFrame(1, 50, 8), positionFrame(2, 60, 9)];
  let peers = 0;

  async function connectAs(
    requestOf: (agent: string) => string,
  ): Promise<{ peer: WirePeer; worker: unknown }> {
    const agent = `NTRIP peer-${peers++}`;
    const peer = await connectPeer(caster().ready.ntrip);
    peer.send(requestOf(agent));
    await peer.readHead();
    const { worker } = await caster().waitFor('session_opened', ({ userAgent }) => userAgent === agent);
    return { peer, worker };
  }
  const join = (): ReturnType<typeof connectAs> =>
    connectAs((agent) => `GET /TEST1 HTTP/1.0\r\nUser-Agent: ${agent}\r\n\r\n`);
  const push = (): ReturnType<typeof connectAs> =>
    connectAs((agent) => `SOURCE password1 TEST1\r\nSource-Agent: ${agent}\r\n\r\n`);
  const isOn = (worker: unknown) => (one: { worker: unknown }) => one.worker === worker;

  test('tells those who come back to it nothing of a base that was replaced meanwhile', async () => {
    const rovers = await Promise.all(Array.from({ length: 24 }, join));
    const base = await push();
    base.peer.send(Buffer.concat([first, observationFrame(1, 1000)]));
    await Promise.all(rovers.map(({ peer }) => peer.read(first.length)));
    const left = rovers.find(({ worker }) => worker !== base.worker)!.worker;
    for (const { peer } of rovers.filter(isOn(left))) peer.hangUp();
    const newer = await eventually('a base comes to another worker', async () => {
      const next = await push();
      return next.worker === left ? undefined : next;
    });
    newer.peer.send(Buffer.concat([second, observationFrame(2, 2000)]));
    const stayed = rovers.filter((rover) => rover.worker !== left);
    await Promise.all(stayed.map(({ peer }) => peer.read(observationFrame(1, 1000).length + second.length)));
    const late = await eventually('a rover comes to that worker', async () => {
      const rover = await join();
      return rover.worker === left ? rover : undefined;
    });
    expect(await late.peer.read(second.length)).toEqual(second);
  });

  test('tells those who come nothing of the base that it had itself, and that went away', async () => {
    const own = await push();
    const rovers = await Promise.all(Array.from({ length: 24 }, join));
    for (const { peer } of rovers.filter(isOn(own.worker))) peer.hangUp();
    const elsewhere = rovers.filter((rover) => rover.worker !== own.worker);
    const said = Buffer.concat([first, observationFrame(1, 1000)]);
    const speak = async ({ peer }: { peer: WirePeer }): Promise<void> => {
      peer.send(said);
      await Promise.all(elsewhere.map((rover) => rover.peer.read(said.length)));
    };
    await speak(own);
    const newer = await eventually('a base comes to another worker', async () => {
      const next = await push();
      if (next.worker !== own.worker) return next;
      await speak(next);
      return undefined;
    });
    newer.peer.send(Buffer.concat([second, observationFrame(2, 2000)]));
    await Promise.all(elsewhere.map(({ peer }) => peer.read(second.length)));
    const late = await eventually('a rover comes to the first worker', async () => {
      const rover = await join();
      return rover.worker === own.worker ? rover : undefined;
    });
    expect(await late.peer.read(second.length)).toEqual(second);
  });
});

/** DF009, DF038, DF252, DF429, DF488: behind the message number, six bits, but four in QZSS's 1044. */
function satelliteOf(frame: Buffer): number {
  const sixBits = ((frame[4]! & 0x0f) << 2) | (frame[5]! >> 6);
  return messageNumberOf(frame) === 1044 ? sixBits >> 2 : sixBits;
}

function asText(frame: Buffer): string {
  return frame.toString('hex');
}
