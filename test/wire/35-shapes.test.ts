// Each account gets the stream that its service spec asks for, made once on the worker that has the base: on real sockets,
// with three stream workers, so that rovers and base are on different ones.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeFrame, positionFrame, wholeFrames } from '../support/frames.ts';
import { getRequest, ggaLine, sourceRequest } from '../support/ntrip-requests.ts';
import { type MadeAccount, startTierNetwork, type TierNetwork } from '../support/tier-network.ts';
import { ask, connectPeer, openPeers, type WirePeer } from '../support/wire-peer.ts';

const ROVERS = 9;

let network: TierNetwork;
let base: WirePeer;
let secondS = 100_000;

beforeAll(async () => {
  network = await startTierNetwork({}, { workers: 3 });
  base = await connectPeer(network.port);
  base.send(sourceRequest('choose-one', 'TEST1'));
  expect(await base.readHead()).toBe('ICY 200 OK\r\n\r\n');
});

afterAll(async () => {
  for (const peer of openPeers()) peer.hangUp();
  await network.stop();
});

/** An MSM without satellites: number, station 7, time, DF393, and masks of zeros. */
function observation(messageNumber: number, epochMs: number, more: 0 | 1): Buffer {
  return makeFrame([
    [messageNumber, 12],
    [7, 12],
    [epochMs, 30],
    [more, 1],
    [0, 3 + 7 + 2 + 2 + 1 + 3],
    [0, 64],
    [0, 32],
  ]);
}

/** An epoch as the base sends it, and what each shape makes of it. */
interface Epoch {
  readonly all: Buffer;
  readonly gps: Buffer;
  readonly galileo: Buffer;
}

/** GPS, then Galileo, which ends the epoch. */
function nextEpoch(): Epoch {
  secondS += 1;
  const epochMs = secondS * 1000;
  const galileo = observation(1097, epochMs, 0);
  const all = Buffer.concat([observation(1077, epochMs, 1), galileo]);
  return { all, gps: observation(1077, epochMs, 0), galileo };
}

async function accounts(count: number, spec: object): Promise<{ specId: string; made: MadeAccount[] }> {
  const specId = await network.makeSpec(spec);
  const app = await network.makeApp({ service_spec_id: specId });
  return { specId, made: await network.makeAccounts(app, count) };
}

async function stream(login: MadeAccount, mountpoint = 'TEST1'): Promise<WirePeer> {
  const peer = await connectPeer(network.port);
  peer.send(getRequest(1, mountpoint, { login }));
  expect(await peer.readHead()).toBe('ICY 200 OK\r\n\r\n');
  return peer;
}

const changeSpec = (id: string, spec: object): Promise<void> =>
  network.change('spec', 'service_specs', id, { spec: JSON.stringify(spec) });

describe('rovers of one mountpoint', () => {
  test('get each the constellations of their own spec, whole and closed by their last message', async () => {
    const [gps, galileo, all] = await Promise.all([
      accounts(ROVERS, { constellations: ['GPS'] }),
      accounts(ROVERS, { constellations: ['GAL'] }),
      accounts(ROVERS, {}),
    ]);
    const open = async ({ made }: { made: MadeAccount[] }): Promise<WirePeer[]> =>
      await Promise.all(made.map((account) => stream(account)));
    const [gpsRovers, galileoRovers, others] = [await open(gps), await open(galileo), await open(all)];
    const epochs = Array.from({ length: 5 }, nextEpoch);
    for (const epoch of epochs) base.send(epoch.all);
    const read = async (rovers: WirePeer[], of: 'all' | 'gps' | 'galileo'): Promise<void> => {
      const expected = Buffer.concat(epochs.map((epoch) => epoch[of]));
      for (const rover of rovers) {
        expect(wholeFrames(await rover.read(expected.length))).toEqual(wholeFrames(expected));
      }
    };
    await read(gpsRovers, 'gps');
    await read(galileoRovers, 'galileo');
    await read(others, 'all');
    for (const rover of [...gpsRovers, ...galileoRovers, ...others]) {
      expect(rover.waitingBytes).toBe(0);
      rover.hangUp();
    }
  });

  test('go over to another shape between two epochs when their spec is changed, and to none', async () => {
    const { specId, made } = await accounts(ROVERS, { constellations: ['GPS'] });
    const rovers = await Promise.all(made.map((account) => stream(account)));
    const first = nextEpoch();
    base.send(first.all);
    for (const rover of rovers) expect(await rover.read(first.gps.length)).toEqual(first.gps);
    for (const [spec, of] of [
      [{ constellations: ['GAL'] }, 'galileo'],
      [{}, 'all'],
      [{ constellations: ['GPS'] }, 'gps'],
    ] as const) {
      await changeSpec(specId, spec);
      await becomes(rovers, of);
    }
    for (const rover of rovers) rover.hangUp();
  });
});

type ShapeName = 'all' | 'gps' | 'galileo';

/**
 * Epochs come, one after the other, until each rover has one of the new shape; none has any but it or the one before.
 * The last epoch that it had in the one it may have in the other once more, where the base is on another worker.
 */
async function becomes(rovers: WirePeer[], of: ShapeName): Promise<void> {
  let before: ShapeName | undefined;
  let last: Epoch | undefined;
  for (let waiting = rovers.length; waiting > 0;) {
    waiting = 0;
    const epoch = nextEpoch();
    base.send(epoch.all);
    for (const rover of rovers) {
      let got = await readShape(rover, epoch, last);
      if (got === 'again') got = await readShape(rover, epoch, undefined);
      if (got === of) continue;
      expect(got).toBe((before ??= got as ShapeName));
      waiting++;
    }
    last = epoch;
  }
}

/** In which shape the next epoch comes, which must be this one or `last`, `again`. */
async function readShape(
  rover: WirePeer,
  epoch: Epoch,
  last: Epoch | undefined,
): Promise<ShapeName | 'again'> {
  const head = await rover.read(epoch.gps.length);
  const names = ['all', 'gps', 'galileo'] as const;
  const of = (one: Epoch): ShapeName | undefined =>
    names.find((name) => head.equals(one[name].subarray(0, head.length)));
  const [now, again] = [of(epoch), last && of(last)];
  const whole = now === undefined ? again && last![again] : epoch[now];
  if (whole === undefined) throw new Error(`${head.toString('hex')} is of no epoch that was sent`);
  await rover.read(whole.length - head.length);
  return now ?? 'again';
}

describe('a raw mountpoint', () => {
  test('is refused to an account whose spec asks for a shape, and given to one whose spec does not', async () => {
    await network.makeMountpoint('RAW', 'choose-one', { raw: true });
    const [shaped, all] = await Promise.all([accounts(1, { msmLevelMax: 4 }), accounts(1, {})]);
    const login = (of: { made: MadeAccount[] }) => ({ login: of.made[0]! });
    await expect
      .poll(async () => (await ask(network.port, getRequest(2, 'RAW', login(shaped)))).toString())
      .toMatch(/^HTTP\/1\.1 403 [^]*mountpoint_raw: /);
    (await stream(all.made[0]!, 'RAW')).hangUp();
  });

  test('is taken from a rover whose spec comes to ask for a shape', async () => {
    const { specId, made } = await accounts(1, {});
    const rover = await stream(made[0]!, 'RAW');
    await changeSpec(specId, { intervalS: 5 });
    await rover.readToEnd();
    const closed = () =>
      network.events('session_closed').find(({ fields }) => fields['account'] === made[0]!.username);
    await expect.poll(() => closed()?.fields['reason']).toBe('mountpoint_raw');
  });
});

describe('the sourcetable', () => {
  const detailsFor = async (login?: { username: string; password: string }, query = ''): Promise<string> => {
    const reply = await ask(network.port, getRequest(1, query, login === undefined ? {} : { login }));
    return /^STR;TEST1;[^;]*;RTCM [^;]*;([^;]*);/m.exec(reply.toString())?.[1] ?? reply.toString();
  };

  test('tells who says who he is what he would get, and everybody else what the base sends', async () => {
    const { made } = await accounts(1, { constellations: ['GPS'], intervalS: 5 });
    const all = await accounts(1, {});
    for (let epoch = 0; epoch < 3; epoch++) base.send(nextEpoch().all);
    await expect.poll(() => detailsFor(), { timeout: 5000 }).toBe('1077(1),1097(1)');
    expect(await detailsFor(made[0])).toBe('1077(5)');
    expect(await detailsFor(made[0], '?auth')).toBe('1077(5)');
    expect(await detailsFor(all.made[0])).toBe('1077(1),1097(1)');
  });

  test('is that of everybody for a wrong password, which is no refused login', async () => {
    const refused = network.events('refused').length;
    const login = { username: 'nobody', password: 'password' };
    expect(await detailsFor(login)).toBe('1077(1),1097(1)');
    expect(network.events('refused')).toHaveLength(refused);
  });
});

test('a spec that ignores the mountpoint gives the nearest base in its shape', async () => {
  const spec = { ignoreMountpoint: true, maxBaselineKm: 100, constellations: ['GAL'] };
  const { made } = await accounts(1, spec);
  base.send(positionFrame(7, 47.5, 9.7));
  const rover = await stream(made[0]!, 'ANYTHING');
  rover.send(ggaLine(47.55, 9.68));
  let latest = nextEpoch();
  const sending = setInterval(() => {
    latest = nextEpoch();
    base.send(latest.all);
  }, 100);
  const place = wholeFrames(await rover.read(positionFrame(7, 47.5, 9.7).length));
  const got = await rover.read(latest.galileo.length);
  clearInterval(sending);
  expect(place.map((frame) => frame.readUInt16BE(3) >> 4)).toEqual([1005]);
  expect(wholeFrames(got).map((frame) => frame.readUInt16BE(3) >> 4)).toEqual([1097]);
  rover.hangUp();
}, 30_000);
