// Tests whether a rover of a NEAR mountpoint gets the nearest live base by its GGA, whichever way the GGA comes, goes
// over to another between two epochs and not without need, and gets nothing as long as nobody knows where it is.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chunkOf } from '../support/chunks.ts';
import { observationFrame, positionFrame } from '../support/frames.ts';
import { getRequest, ggaLine, sourceRequest } from '../support/ntrip-requests.ts';
import { eventually, logFromHere, useCaster } from '../support/use-caster.ts';
import { ask, connectPeer, type WirePeer } from '../support/wire-peer.ts';

/** WEST and EAST are 36 km apart, NORTH is 220 km from both. */
const PLACES = {
  WEST: { station: 1, latitudeDeg: 50, longitudeDeg: 8 },
  EAST: { station: 2, latitudeDeg: 50, longitudeDeg: 8.5 },
  NORTH: { station: 3, latitudeDeg: 52, longitudeDeg: 8.2 },
} as const;
type Place = keyof typeof PLACES;

const caster = useCaster({
  config: {
    streamWorkers: 2,
    mountpoints: [
      ...Object.keys(PLACES).map((name) => ({ name, sourcePassword: 'password1', access: 'open' })),
      { name: 'NEAR', access: 'open', nearest: { maxBaselineKm: 100, hysteresisKm: 5 } },
      { name: 'FAR', access: 'open', nearest: { maxBaselineKm: 20_000, mountpoints: ['NORTH'] } },
    ],
  },
});

const stationFrame = (place: Place): Buffer => {
  const { station, latitudeDeg, longitudeDeg } = PLACES[place];
  return positionFrame(station, latitudeDeg, longitudeDeg);
};

/** Bases that have said where they are, and of which the caster has taken note. */
async function openBases(...places: readonly Place[]): Promise<Record<Place, WirePeer>> {
  const { ntrip } = caster().ready;
  const bases: Partial<Record<Place, WirePeer>> = {};
  for (const place of places) {
    const base = await connectPeer(ntrip);
    base.send(sourceRequest('password1', place));
    await base.readHead();
    base.send(Buffer.concat([stationFrame(place), observationFrame(PLACES[place].station, 1000)]));
    bases[place] = base;
  }
  await eventually('the table knows where the bases are', async () => {
    const table = (await ask(ntrip, getRequest(1, ''))).toString();
    const isKnown = (place: Place): boolean =>
      new RegExp(`STR;${place};.*;5[02]\\.00;8\\.[025]0;`).test(table);
    return places.every(isKnown) ? table : undefined;
  });
  return bases as Record<Place, WirePeer>;
}

async function join(request: string): Promise<WirePeer> {
  const rover = await connectPeer(caster().ready.ntrip);
  rover.send(request);
  await rover.readHead();
  return rover;
}

/** What tells a rover that it now has the base of `place`. */
async function expectBase(rover: WirePeer, place: Place): Promise<void> {
  const greeting = stationFrame(place);
  expect(await rover.read(greeting.length)).toEqual(greeting);
}

/** The next epoch of a base reaches its rovers whole. */
async function expectEpoch(base: WirePeer, rover: WirePeer, station: number, epochMs: number): Promise<void> {
  const epoch = observationFrame(station, epochMs, 60);
  base.send(epoch);
  expect(await rover.read(epoch.length)).toEqual(epoch);
}

const NEAR_WEST = ggaLine(50.01, 8.02);
const NEAR_EAST = ggaLine(50.01, 8.48);

describe('how a position may come', () => {
  let bases: Awaited<ReturnType<typeof openBases>>;
  beforeAll(async () => {
    bases = await openBases('WEST', 'EAST');
  });
  afterAll(() => Object.values(bases).forEach((base) => base.hangUp()));

  test.each([
    ['in the stream', getRequest(1, 'NEAR'), NEAR_EAST],
    ['in the same write as the request', getRequest(1, 'NEAR') + NEAR_EAST, ''],
    ['in the Ntrip-GGA header', getRequest(2, 'NEAR', { headers: [`Ntrip-GGA: ${NEAR_EAST.trim()}`] }), ''],
    [
      'among other sentences and binary',
      getRequest(1, 'NEAR'),
      `$GPRMC,x*00\r\n\xb5b\x01$${NEAR_EAST}$GPGSV,1*00\r\n`,
    ],
    ['without a checksum', getRequest(1, 'NEAR'), NEAR_EAST.replace(/\*../, '')],
    ['without a line end', getRequest(1, 'NEAR'), NEAR_EAST.trim()],
    [
      'in chunks, where the rover declares them',
      getRequest(2, 'NEAR', { headers: ['Transfer-Encoding: chunked'] }),
      chunkOf(Buffer.from(NEAR_EAST)).toString(),
    ],
    [
      'after ones without a position',
      getRequest(1, 'NEAR'),
      '$GPGGA,120000,,,,,0,00,99,,M,,M,,*56\r\n' + NEAR_EAST,
    ],
  ])('%s', async (_how, request, upstream) => {
    const rover = await join(request);
    await rover.sendInPieces(Buffer.from(upstream, 'latin1'), () => 7);
    await expectBase(rover, 'EAST');
    await expectEpoch(bases.EAST, rover, 2, 2000);
  });
});

describe('which base it is', () => {
  test('a rover that has not said where it is gets nothing until it does', async () => {
    const { WEST } = await openBases('WEST');
    const rover = await join(getRequest(1, 'NEAR'));
    const damaged = NEAR_WEST.replace('5000', '5100');
    rover.send(damaged);
    const control = await join(getRequest(1, 'WEST'));
    await expectBase(control, 'WEST');
    await expectEpoch(WEST, control, 1, 2000);
    expect(rover.waitingBytes).toBe(0);
    rover.send(NEAR_WEST);
    await expectBase(rover, 'WEST');
    await expectEpoch(WEST, rover, 1, 3000);
  });

  test('a base farther away than the mountpoint allows is no base, one of its list is', async () => {
    const { NORTH } = await openBases('NORTH');
    const near = await join(getRequest(1, 'NEAR') + NEAR_WEST);
    const far = await join(getRequest(1, 'FAR') + NEAR_WEST);
    await expectBase(far, 'NORTH');
    await expectEpoch(NORTH, far, 3, 2000);
    expect(near.waitingBytes).toBe(0);
    // It drives there.
    near.send(ggaLine(51.9, 8.2));
    await expectBase(near, 'NORTH');
  });

  test('a mountpoint with a list chooses from it, although another base is nearer', async () => {
    await openBases('WEST', 'NORTH');
    await expectBase(await join(getRequest(1, 'FAR') + NEAR_WEST), 'NORTH');
  });

  test('a moving rover goes over when the other base is nearer by more than the hysteresis, and not before', async () => {
    const { WEST, EAST } = await openBases('WEST', 'EAST');
    const [mover, stayer] = [
      await join(getRequest(1, 'NEAR') + NEAR_WEST),
      await join(getRequest(1, 'NEAR') + NEAR_WEST),
    ];
    await expectBase(mover, 'WEST');
    await expectBase(stayer, 'WEST');
    // EAST is nearer to the stayer by 1.4 km.
    stayer.send(ggaLine(50, 8.26));
    mover.send(NEAR_EAST);
    await expectBase(mover, 'EAST');
    await expectEpoch(EAST, mover, 2, 2000);
    mover.send(NEAR_WEST);
    await expectBase(mover, 'WEST');
    // The mover was looked at twice, so the stayer was too: what comes next for it is of its first base.
    const epoch = observationFrame(1, 3000, 60);
    WEST.send(epoch);
    expect(await stayer.read(epoch.length)).toEqual(epoch);
    expect(await mover.read(epoch.length)).toEqual(epoch);
  });

  test('a rover whose base goes away gets the next nearest, although it says its position only once', async () => {
    const { WEST, EAST } = await openBases('WEST', 'EAST');
    const rover = await join(getRequest(1, 'NEAR') + NEAR_WEST);
    await expectBase(rover, 'WEST');
    WEST.hangUp();
    await expectBase(rover, 'EAST');
    await expectEpoch(EAST, rover, 2, 2000);
    await openBases('WEST');
    await expectBase(rover, 'WEST');
  });

  test('a rover whose only base goes away stays, and has it again when it comes back', async () => {
    const { WEST } = await openBases('WEST');
    const rover = await join(getRequest(1, 'NEAR') + NEAR_WEST);
    await expectBase(rover, 'WEST');
    const closed = logFromHere(caster());
    WEST.hangUp();
    await closed('session_closed', ({ role }) => role === 'base');
    const back = await connectPeer(caster().ready.ntrip);
    back.send(sourceRequest('password1', 'WEST'));
    await back.readHead();
    await expectEpoch(back, rover, 1, 5000);
  });

  test('what comes up on a mountpoint that is no NEAR one is read and ignored, however much', async () => {
    const { WEST } = await openBases('WEST');
    const rover = await join(getRequest(1, 'WEST'));
    await expectBase(rover, 'WEST');
    await rover.sendInPieces(
      Buffer.from(NEAR_EAST.repeat(2000) + '\0\xff'.repeat(50_000), 'latin1'),
      () => 4000,
    );
    await expectEpoch(WEST, rover, 1, 2000);
  });
});
