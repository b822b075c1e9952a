// Mountpoints that are a shape of another: on real sockets, with three stream workers.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LedgerReader } from '../../caster/metering/ledger/ledger-reader.ts';
import { readTerms } from '../../caster/metering/ledger/records.ts';
import type { ConfigInput } from '../../config/schema.ts';
import { makeFrame, positionFrame, wholeFrames } from '../support/frames.ts';
import { getRequest, type Login, sourceRequest } from '../support/ntrip-requests.ts';
import { startTierNetwork, type TierNetwork } from '../support/tier-network.ts';
import { ask, connectPeer, openPeers, type WirePeer } from '../support/wire-peer.ts';
import { configWith } from '../unit/net/fake-house.ts';

const ROVERS = 6;
const ANNA = { username: 'anna', password: 'right-password' };
const PLACE = positionFrame(7, 47.5, 9.7);

type Mountpoint = NonNullable<ConfigInput['mountpoints']>[number];
const OWN: Mountpoint = { name: 'BASE', sourcePassword: 'choose-one' };
const OPEN: Mountpoint = {
  name: 'BASE_GPS',
  of: 'BASE',
  shape: { constellations: ['GPS', 'GLO'] },
  access: 'open',
};
const FOR_ANNA: Mountpoint = { name: 'BASE_ANNA', of: 'BASE', shape: { constellations: ['GAL'] } };

const CONFIG: ConfigInput = {
  listen: { host: '127.0.0.1', ntripPort: 0, ntripsPort: 'off' },
  mountpoints: [OWN, OPEN, FOR_ANNA],
  accounts: [{ ...ANNA, mountpoints: ['BASE_ANNA'] }],
};

let network: TierNetwork;
let base: WirePeer;
let secondS = 100_000;

beforeAll(async () => {
  network = await startTierNetwork(CONFIG, { workers: 3 });
  base = await connectPeer(network.port);
  base.send(sourceRequest('choose-one', 'BASE'));
  expect(await base.readHead()).toBe('ICY 200 OK\r\n\r\n');
});

afterAll(async () => {
  for (const peer of openPeers()) peer.hangUp();
  await network.stop();
});

/** An MSM without satellites: number, station 7, time, DF393, and masks of zeros. */
function observation(messageNumber: number, more: 0 | 1): Buffer {
  return makeFrame([
    [messageNumber, 12],
    [7, 12],
    [secondS * 1000, 30],
    [more, 1],
    [0, 3 + 7 + 2 + 2 + 1 + 3],
    [0, 64],
    [0, 32],
  ]);
}

/** Its next second, GPS then Galileo; what comes back is each of them alone. */
function sendEpoch(): { gps: Buffer; galileo: Buffer } {
  secondS += 1;
  base.send(Buffer.concat([observation(1077, 1), observation(1097, 0)]));
  return { gps: observation(1077, 0), galileo: observation(1097, 0) };
}

async function stream(mountpoint: string, login?: Login): Promise<WirePeer> {
  const peer = await connectPeer(network.port);
  peer.send(getRequest(1, mountpoint, login === undefined ? {} : { login }));
  expect(await peer.readHead()).toBe('ICY 200 OK\r\n\r\n');
  return peer;
}

const streams = (count: number, mountpoint: string): Promise<WirePeer[]> =>
  Promise.all(Array.from({ length: count }, () => stream(mountpoint)));

function numbersOf(bytes: Buffer): number[] {
  return wholeFrames(bytes).map((frame) => frame.readUInt16BE(3) >> 4);
}

/** The mountpoint and the shape that the ledger has of a session. */
function meteredAs(sessionId: string): string[] | undefined {
  const reader = new LedgerReader(network.caster.ledger);
  reader.look();
  for (let segment = 0; segment < reader.segments; segment++) {
    for (const record of reader.records(segment)) {
      const identity = reader.identityOf(record);
      if (identity?.sessionId !== sessionId) continue;
      return [identity.mountpoint, readTerms(record.memory, record.first).shape];
    }
  }
  return undefined;
}

function reload(...mountpoints: Mountpoint[]): void {
  network.caster.reload(configWith({ ...CONFIG, mountpoints }), undefined);
}

describe('a mountpoint that is a shape of another', () => {
  test('gives the stream of its base in that shape, each by its own access', async () => {
    const rovers = await streams(ROVERS, 'BASE_GPS');
    const ofAnna = await stream('BASE_ANNA', ANNA);
    const { gps, galileo } = sendEpoch();
    for (const rover of rovers) expect(await rover.read(gps.length)).toEqual(gps);
    expect(await ofAnna.read(galileo.length)).toEqual(galileo);
    const refused = (await ask(network.port, getRequest(2, 'BASE', { login: ANNA }))).toString();
    expect(refused).toMatch(/^HTTP\/1\.1 403 [^]*mountpoint_not_allowed/);
    for (const rover of [...rovers, ofAnna]) rover.hangUp();
  });

  test('takes no base', async () => {
    const pushing = await connectPeer(network.port);
    pushing.send(sourceRequest('choose-one', 'BASE_GPS'));
    expect((await pushing.readToEnd()).toString()).toMatch(/^ERROR - Mount Point Taken or Invalid/);
  });

  test('is served from the base, and metered by its own name and the shape', async () => {
    const rover = await stream('BASE_GPS');
    const sessions = [...network.caster.sessions.all()].filter(({ mountpoint }) => mountpoint === 'BASE_GPS');
    const facts = await network.caster.sessionFacts(sessions.map(({ id }) => id));
    expect(facts.get(sessions.at(-1)!.id)?.servedMountpoint).toBe('BASE');
    expect(meteredAs(sessions.at(-1)!.id)).toEqual(['BASE_GPS', 'constellations=GLO,GPS']);
    rover.hangUp();
  });

  test('is in both shapes for an account whose spec asks for one too', async () => {
    const specId = await network.makeSpec({ constellations: ['GAL', 'GPS'], messagesDropped: [1005] });
    const [account] = await network.makeAccounts(await network.makeApp({ service_spec_id: specId }), 1);
    const rover = await stream('BASE_ANNA', account);
    base.send(PLACE);
    const { galileo } = sendEpoch();
    expect(await rover.read(galileo.length)).toEqual(galileo);
    rover.hangUp();
  });

  test('gives those who come late what they need at once', async () => {
    const first = await stream('BASE_GPS');
    base.send(PLACE);
    const { gps } = sendEpoch();
    await first.read(gps.length);
    const [late] = await streams(1, 'BASE_GPS');
    expect(numbersOf(await late!.read(PLACE.length))).toEqual([1005]);
    for (const rover of [first, late!]) rover.hangUp();
  });
});

describe('a reload', () => {
  test('changes the shape of running streams between two epochs', async () => {
    const rovers = await streams(ROVERS, 'BASE_GPS');
    for (const rover of rovers) await becomes(rover, 1077);
    reload(OWN, { ...OPEN, shape: { constellations: ['GAL'] } }, FOR_ANNA);
    for (const rover of rovers) await becomes(rover, 1097);
    const session = [...network.caster.sessions.all()].find(({ mountpoint }) => mountpoint === 'BASE_GPS');
    expect(meteredAs(session!.id)).toEqual(['BASE_GPS', 'constellations=GAL']);
    reload(OWN, OPEN, FOR_ANNA);
    for (const rover of rovers) await becomes(rover, 1077);
    for (const rover of rovers) rover.hangUp();
  });

  test('that takes the mountpoint away ends its rovers', async () => {
    const rovers = await streams(ROVERS, 'BASE_GPS');
    const { id } = [...network.caster.sessions.all()].find(({ mountpoint }) => mountpoint === 'BASE_GPS')!;
    reload(OWN, FOR_ANNA);
    expect(meteredAs(id)).toEqual(['BASE_GPS', 'constellations=GLO,GPS']);
    await Promise.all(rovers.map((rover) => rover.readToEnd()));
    reload(OWN, OPEN, FOR_ANNA);
  });
});

/** Epochs come until the rover has an observation of this number. Every byte on the way is of a whole frame. */
async function becomes(rover: WirePeer, messageNumber: number): Promise<void> {
  for (let number = 0; number !== messageNumber;) {
    if (rover.waitingBytes === 0) sendEpoch();
    const head = await rover.read(6);
    const rest = await rover.read(head.readUInt16BE(1) % 1024);
    number = numbersOf(Buffer.concat([head, rest]))[0]!;
  }
}
