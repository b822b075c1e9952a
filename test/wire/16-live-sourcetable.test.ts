// Tests whether the sourcetable says what the streams really carry, follows them, and can be filtered as NTRIP 2 has it.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  recordingBytes,
  recordingFacts,
  type RecordingFacts,
  RECORDINGS_PRESENT,
  SKIP_NOTE,
} from '../recordings/recordings.ts';
import { refusal, withoutDate } from '../support/expected-replies.ts';
import { ephemerisFrame, makeFrame, observationFrame, positionFrame } from '../support/frames.ts';
import { getRequest, type Login, sourceRequest } from '../support/ntrip-requests.ts';
import { eventually, expectEventually, useCaster } from '../support/use-caster.ts';
import { ask, connectPeer, type WirePeer } from '../support/wire-peer.ts';

/** Streams of one station each, with its position in them. */
const RECORDINGS = [
  'sept_msm7_1hz.rtcm3',
  'trimble_msm4_1hz.rtcm3',
  'testglo_1004_1012_1hz.rtcm3',
  'javad_msm7_sbas_1hz.rtcm3',
  'navcom_legacy_1hz.rtcm3',
];
const STR_FIELDS = 19;

const mountpointOf = (recording: string): string => recording.replace(/_.*/, '').toUpperCase();

const caster = useCaster({
  config: {
    mountpoints: [
      ...RECORDINGS.map((name) => ({
        name: mountpointOf(name),
        sourcePassword: 'password1',
        access: 'open',
      })),
      { name: 'PAID', sourcePassword: 'password1', fee: true, country: 'DEU', network: 'NET1' },
      { name: 'MINE', sourcePassword: 'password1', country: 'AUT' },
    ],
    accounts: [{ username: 'rover-1', password: 'password1', mountpoints: ['MINE'] }],
  },
});

async function tableOf(query = '', login?: Login): Promise<string> {
  const reply = (
    await ask(caster().ready.ntrip, getRequest(2, query, login === undefined ? {} : { login }))
  ).toString();
  return reply.slice(reply.indexOf('\r\n\r\n') + 4);
}

/** The fields of a mountpoint's line; empty where it has none. */
async function strOf(mountpoint: string): Promise<string[]> {
  const line = (await tableOf()).split('\r\n').find((one) => one.startsWith(`STR;${mountpoint};`));
  return line?.split(';') ?? [];
}

async function push(mountpoint: string, stream: Buffer): Promise<WirePeer> {
  const base = await connectPeer(caster().ready.ntrip);
  base.send(sourceRequest('password1', mountpoint));
  await base.readHead();
  base.send(stream);
  return base;
}

/** Geodetic coordinates on WGS 84 by fixed-point iteration; the caster computes them another way. */
function degreesOf(xM: number, yM: number, zM: number): [latitudeDeg: number, longitudeDeg: number] {
  const [equatorM, eccentricity2] = [6_378_137, 0.00669437999014];
  const radiusM = Math.hypot(xM, yM);
  let latitude = Math.atan2(zM, radiusM);
  for (let n = 0; n < 20; n++) {
    const sine = Math.sin(latitude);
    latitude = Math.atan2(
      zM + (eccentricity2 * equatorM * sine) / Math.sqrt(1 - eccentricity2 * sine ** 2),
      radiusM,
    );
  }
  return [(latitude * 180) / Math.PI, (Math.atan2(yM, xM) * 180) / Math.PI];
}

type Position = Readonly<Record<'ecef_x_0.1mm' | 'ecef_y_0.1mm' | 'ecef_z_0.1mm', number>>;

function positionIn(facts: RecordingFacts): [latitudeDeg: number, longitudeDeg: number] {
  const messages = facts.station_messages as Readonly<Record<string, readonly Position[]>>;
  const position = (messages['1006'] ?? messages['1005'])![0]!;
  const meters = (tenths: number): number => tenths / 10_000;
  return degreesOf(
    meters(position['ecef_x_0.1mm']),
    meters(position['ecef_y_0.1mm']),
    meters(position['ecef_z_0.1mm']),
  );
}

const LEGACY_SYSTEM: Readonly<Record<string, string>> = { 1004: 'GPS', 1012: 'GLO' };

function systemsIn(facts: RecordingFacts): string[] {
  const msm = Object.values(
    facts.msm as Readonly<Record<string, RecordingFacts['msm'][string] & { system: string }>>,
  );
  const systems = msm
    .filter(({ satellites }) => Object.keys(satellites).length > 0)
    .map(({ system }) => system);
  const legacy = Object.keys(facts.legacy_observations).map((number) => LEGACY_SYSTEM[number] ?? number);
  // Sourcetables write QZS where the decoder writes QZSS.
  return [...new Set([...systems, ...legacy])].map((system) => system.replace('QZSS', 'QZS')).toSorted();
}

describe.skipIf(!RECORDINGS_PRESENT)(`lines of real streams${SKIP_NOTE}`, () => {
  let bases: WirePeer[] = [];
  beforeAll(async () => {
    bases = await Promise.all(RECORDINGS.map((name) => push(mountpointOf(name), recordingBytes(name))));
    await eventually('every stream has told its position', async () =>
      (await Promise.all(RECORDINGS.map((name) => strOf(mountpointOf(name))))).every(
        (fields) => (fields[9] ?? '') !== '',
      )
        ? true
        : undefined,
    );
  });
  afterAll(() => bases.forEach((base) => base.hangUp()));

  test.each(RECORDINGS)('%s: position, systems, messages with their rates, two carriers', async (name) => {
    const facts = recordingFacts(name);
    const fields = await strOf(mountpointOf(name));
    expect(fields).toHaveLength(STR_FIELDS);
    const [, , , format, details, carrier, systems, , , latitude, longitude] = fields;
    const [latitudeDeg, longitudeDeg] = positionIn(facts);
    expect([latitude, longitude]).toEqual([latitudeDeg.toFixed(2), longitudeDeg.toFixed(2)]);
    expect(systems!.split('+').toSorted()).toEqual(systemsIn(facts));
    expect(carrier).toBe('2');
    // Multiple signal messages and 1230 came with RTCM 10403.2; a stream without them needs less.
    const isNew = Object.keys(facts.msm).length > 0 || '1230' in facts.message_counts;
    expect(format).toMatch(isNew ? /^RTCM 3\.[23]$/ : /^RTCM 3\.[01]$/);
    const numbers = details!.split(',').map((one) => one.replace(/\(.*/, ''));
    expect(numbers).toEqual(Object.keys(facts.message_counts));
    for (const [number, { interval_ms: intervals }] of Object.entries(facts.msm)) {
      const [commonest] = intervals.toSorted((a, b) => b[1] - a[1]);
      expect(details).toContain(`${number}(${commonest![0] / 1000})`);
    }
  });

  test('the generator is the receiver that the stream names (1033)', async () => {
    expect((await strOf('SEPT'))[13]).toBe('SEPT POLARX5');
  });
});

describe('lines that follow their stream', () => {
  test('a message that begins to come is added', async () => {
    const base = await push('MINE', Buffer.concat([positionFrame(1, 50, 8), observationFrame(1, 1000)]));
    await eventually('the first messages', async () =>
      (await strOf('MINE'))[4] === '1005,1077' ? true : undefined,
    );
    base.send(Buffer.concat([ephemerisFrame(3, 1), observationFrame(1, 2000)]));
    await eventually('the new message', async () =>
      (await strOf('MINE'))[4] === '1005,1019,1077(1)' ? true : undefined,
    );
  });

  test('a base that moves is listed where it is now', async () => {
    const base = await push('MINE', Buffer.concat([positionFrame(1, 50, 8), observationFrame(1, 1000)]));
    await eventually('the first place', async () =>
      (await strOf('MINE'))[9] === '50.00' ? true : undefined,
    );
    base.send(Buffer.concat([positionFrame(1, -33.5, 151.25), observationFrame(1, 2000)]));
    const fields = await eventually('the second place', async () => {
      const now = await strOf('MINE');
      return now[9] === '-33.50' ? now : undefined;
    });
    expect(fields[10]).toBe('151.25');
  });

  test('the bit rate is what comes, within a tenth', async () => {
    const text = makeFrame(
      [
        [1029, 12],
        [1, 12],
      ],
      Buffer.alloc(994),
    );
    const base = await push('MINE', text);
    const stream = setInterval(() => base.send(text), 100);
    try {
      const bitrateBps = await eventually('a rate of the stream', async () => {
        const rate = Number((await strOf('MINE'))[17]);
        return Math.abs(rate - text.length * 80) < text.length * 8 ? rate : undefined;
      });
      expect(bitrateBps % 100).toBe(0);
    } finally {
      clearInterval(stream);
    }
  });
});

describe('filters', () => {
  let bases: WirePeer[] = [];
  beforeAll(async () => {
    bases = [
      await push('PAID', Buffer.concat([positionFrame(1, 50.1, 8.7), observationFrame(1, 1000)])),
      await push('MINE', Buffer.concat([positionFrame(2, 48.2, 16.4), observationFrame(2, 1000)])),
      await push(
        mountpointOf(RECORDINGS[0]!),
        Buffer.concat([positionFrame(3, 10, 10), observationFrame(3, 1000)]),
      ),
    ];
    const latitudes = async (): Promise<(string | undefined)[]> =>
      (await Promise.all(['PAID', 'MINE', 'SEPT'].map(strOf))).map((fields) => fields[9]);
    await expectEventually(latitudes, ['50.10', '48.20', '10.00']);
  });
  afterAll(() => bases.forEach((base) => base.hangUp()));

  async function listed(query: string, login?: Login): Promise<string[]> {
    const table = await tableOf(query, login);
    expect(table.endsWith('ENDSOURCETABLE\r\n')).toBe(true);
    return table.split('\r\n').flatMap((line) => (line.startsWith('STR;') ? [line.split(';')[1]!] : []));
  }

  test.each([
    ['?STR', ['SEPT', 'PAID', 'MINE']],
    ['?STR;M*', ['MINE']],
    ['?STR;;;;;;;;DEU', ['PAID']],
    ['?STR;;;;;;;;DEU|AUT', ['PAID', 'MINE']],
    ['?filter=STR;;;;;;;;!(DEU|AUT)', ['SEPT']],
    ['?STR;;;;;;;;;>48+<49', ['MINE']],
    ['?STR;;;;;;;;;~50;~9', ['PAID']],
    ['?match=STR;M*', []],
    ['?match=STR;MINE', ['MINE']],
    ['?strict&filter=STR;;;;;;;;AUT', ['MINE']],
    ['?STR%3BMINE', ['MINE']],
    ['?STR;;;;;;;;;;;;;;;;Y', ['PAID']],
    ['?CAS', []],
    ['?something=else', ['SEPT', 'PAID', 'MINE']],
  ])('the query /%s lists %s', async (query, mountpoints) => {
    expect(await listed(query)).toEqual(mountpoints);
  });

  test('the query ?auth lists what the asking account may use', async () => {
    expect(await listed('?auth')).toEqual(['SEPT']);
    expect(await listed('?auth', { username: 'rover-1', password: 'password1' })).toEqual(['SEPT', 'MINE']);
    expect(await listed('?auth&STR;M*', { username: 'rover-1', password: 'password1' })).toEqual(['MINE']);
  });

  test('the query ?auth with a wrong login is refused, the table without it is not', async () => {
    const login = { username: 'rover-1', password: 'wrong-password' };
    const reply = await ask(caster().ready.ntrip, getRequest(2, '?auth', { login }));
    const realm = ['WWW-Authenticate: Basic realm="/"'];
    expect(withoutDate(reply)).toBe(
      refusal('v2', '401 Unauthorized', 'credentials_wrong: user name or password is wrong', realm),
    );
    expect(await listed('?STR;MINE', login)).toEqual(['MINE']);
  });

  test.each([
    ['?strict&something=else', 'unknown_parameter: the filter, in field 0, at character 7'],
    ['?STR;;;;;;;;;~x', 'not_a_number: the filter, in field 9, at character'],
    ['?STR;(((', 'unexpected_end: the filter, in field 1, at character'],
  ])('the query /%s is refused with what is wrong and where', async (query, words) => {
    const reply = (await ask(caster().ready.ntrip, getRequest(2, query))).toString();
    expect(reply).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(reply).toContain(words);
  });
});
