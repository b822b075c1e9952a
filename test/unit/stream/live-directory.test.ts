// Tests the sourcetable that live streams make, read field by field as NTRIP 1.0 numbers them, and the positions that
// nearest-base choice goes by.

import { describe, expect, test } from 'vitest';
import { type ConfigInput } from '../../../config/schema.ts';
import { type StationFactsSnapshot } from '../../../caster/rtcm/station-facts.ts';
import { type LiveDirectory, makeLiveDirectory } from '../../../caster/stream/live-directory.ts';
import { shapedRecords } from '../../../caster/stream/shaped-sourcetable.ts';
import { configWith } from '../net/fake-house.ts';

/** Right after the start of a base: nothing has been said. */
const SILENT: StationFactsSnapshot = {
  frames: 0,
  bytes: 0,
  firstFrameMs: null,
  lastFrameMs: null,
  bitsPerSecond: 0,
  format: 'RTCM 3.0',
  formatDetails: '',
  systems: [],
  carrier: 0,
  station: null,
  position: null,
  antenna: null,
  antennaSerial: null,
  receiver: null,
  firmware: null,
  receiverSerial: null,
  leapSeconds: null,
  messages: [],
};

const FACTS: StationFactsSnapshot = {
  ...SILENT,
  frames: 100,
  bitsPerSecond: 4_872,
  format: 'RTCM 3.2',
  formatDetails: '1006(10),1077(1),1087(1)',
  systems: ['GPS', 'GLO'],
  carrier: 2,
  station: 7,
  position: { latitudeDeg: 47.0512, longitudeDeg: 8.3098, heightM: 500, antennaHeightM: null },
  receiver: 'SEPT POLARX5',
  messages: [
    { messageNumber: 1006, frames: 10, bytes: 270, intervalMs: 10_000, observed: null },
    {
      ...{ messageNumber: 1077, frames: 100, bytes: 36_200, intervalMs: 1000 },
      observed: { signalMask: (1 << 30) | (1 << 23), satellites: 8 },
    },
    {
      ...{ messageNumber: 1087, frames: 100, bytes: 24_400, intervalMs: 1000 },
      observed: { signalMask: 1 << 30, satellites: 8 },
    },
  ],
};

type Mountpoints = NonNullable<ConfigInput['mountpoints']>;
const plain = (name: string): Mountpoints[number] => ({ name, sourcePassword: 'choose-one' });

function directoryOf(
  mountpoints: Mountpoints,
  live: Record<string, StationFactsSnapshot | undefined>,
  caster: ConfigInput['caster'] = {},
): LiveDirectory {
  return makeLiveDirectory(configWith({ mountpoints, caster }), new Map(Object.entries(live)), 2101);
}

/** The fields of each line of this kind. */
function linesOf({ text }: LiveDirectory, kind: 'STR' | 'CAS' | 'NET'): string[][] {
  const lines = text.split('\r\n').filter((line) => line.startsWith(`${kind};`));
  return lines.map((line) => line.split(';'));
}

function strOf(directory: LiveDirectory, name: string): string[] {
  return linesOf(directory, 'STR').find(([, mountpoint]) => mountpoint === name)!;
}

describe('what is listed', () => {
  const names = (directory: LiveDirectory): string[] => linesOf(directory, 'STR').map((fields) => fields[1]!);

  test('is every mountpoint that has a base, in the order of the configuration', () => {
    const directory = directoryOf([plain('A'), plain('B'), plain('C')], { C: FACTS, A: undefined });
    expect(names(directory)).toEqual(['A', 'C']);
  });

  test('is not one that is not to be listed', () => {
    expect(names(directoryOf([{ ...plain('A'), listed: false }], { A: FACTS }))).toEqual([]);
  });

  test('is one that gives the nearest base, whether any base lives or not', () => {
    expect(names(directoryOf([plain('A'), { name: 'NEAR', nearest: {} }], {}))).toEqual(['NEAR']);
  });

  test('is the caster alone where nothing lives, and the end of the table', () => {
    const { text } = directoryOf([plain('A')], {});
    expect(text).toMatch(/^CAS;[^\r\n]*\r\nENDSOURCETABLE\r\n$/);
  });
});

describe('a mountpoint that is a shape of another', () => {
  const shape = { constellations: ['GPS' as const], msmLevelMax: 4 as const };
  const both = [plain('A'), { name: 'A_GPS', of: 'A', shape, access: 'open' as const }];

  test('has a line of its own: what its shape makes of the base, at the place of the base', () => {
    const directory = directoryOf(both, { A: FACTS });
    const [of, inShape] = [strOf(directory, 'A'), strOf(directory, 'A_GPS')];
    expect(inShape.slice(3, 7)).toEqual(['RTCM 3.2', '1006(10),1074(1)', '2', 'GPS']);
    expect(inShape.slice(9, 11)).toEqual(of.slice(9, 11));
    expect([of[15], inShape[15]]).toEqual(['B', 'N']);
  });

  test('is listed only while the other has a base', () => {
    expect(linesOf(directoryOf(both, {}), 'STR')).toEqual([]);
  });

  test('is never the nearest', () => {
    expect(directoryOf(both, { A: FACTS }).positions.map(({ mountpoint }) => mountpoint)).toEqual(['A']);
  });

  test('is in both shapes for an account that has one of its own', () => {
    const { streams } = shapedRecords(directoryOf(both, { A: FACTS }), {
      messagesDropped: [1006],
      intervalS: 5,
    });
    expect(streams.map(({ formatDetails }) => formatDetails)).toEqual(['1077(5),1087(5)', '1074(5)']);
  });
});

describe('the line of a mountpoint', () => {
  test('says what its stream carries', () => {
    const fields = strOf(directoryOf([plain('A')], { A: FACTS }), 'A');
    expect(fields).toEqual([
      'STR',
      'A',
      'A',
      'RTCM 3.2',
      '1006(10),1077(1),1087(1)',
      '2',
      'GPS+GLO',
      '',
      '',
      '47.05',
      '8.31',
      '0',
      '0',
      'SEPT POLARX5',
      'none',
      'B',
      'N',
      '4900',
      '',
    ]);
  });

  test('says what the configuration knows of it', () => {
    const known = {
      ...plain('A'),
      place: 'Hill',
      country: 'DEU',
      network: 'EXAMPLE',
      fee: true,
      misc: 'by the lake',
      access: 'open' as const,
    };
    const fields = strOf(directoryOf([known], { A: FACTS }), 'A');
    expect([2, 7, 8, 15, 16, 18].map((field) => fields[field])).toEqual([
      'Hill',
      'EXAMPLE',
      'DEU',
      'N',
      'Y',
      'by the lake',
    ]);
  });

  test('has country and network of the caster where it has none of its own', () => {
    const fields = strOf(directoryOf([plain('A')], { A: FACTS }, { country: 'CHE', network: 'ALPS' }), 'A');
    expect([fields[7], fields[8]]).toEqual(['ALPS', 'CHE']);
  });

  test('leaves open what its base has not said yet', () => {
    const fields = strOf(directoryOf([plain('A')], { A: undefined }), 'A');
    expect([3, 4, 5, 6, 9, 10, 17].map((field) => fields[field])).toEqual(['RTCM 3', '', '', '', '', '', '']);
  });

  test('names no edition of RTCM before its base has sent a frame', () => {
    expect(strOf(directoryOf([plain('A')], { A: SILENT }), 'A')[3]).toBe('RTCM 3');
  });

  test('of a raw stream without frames does not say that it is RTCM', () => {
    expect(strOf(directoryOf([{ ...plain('A'), raw: true }], { A: SILENT }), 'A')[3]).toBe('RAW');
  });

  test('of a raw stream says so before anything has come', () => {
    expect(strOf(directoryOf([{ ...plain('A'), raw: true }], { A: undefined }), 'A')[3]).toBe('RAW');
  });

  test('does not change with every little change of the bit rate', () => {
    const at = (bitsPerSecond: number): string =>
      directoryOf([plain('A')], { A: { ...FACTS, bitsPerSecond } }).text;
    expect(at(4_851)).toBe(at(4_949));
    expect(at(4_849)).not.toBe(at(4_851));
  });

  test('of the nearest base asks for the position of the rover and stands where the caster is', () => {
    const mountpoints: Mountpoints = [{ name: 'NEAR', nearest: {} }];
    const fields = strOf(directoryOf(mountpoints, {}, { latitude: 46.5, longitude: 7.25 }), 'NEAR');
    expect([fields[9], fields[10], fields[11]]).toEqual(['46.50', '7.25', '1']);
  });

  test('cannot be broken by what a base calls its receiver', () => {
    const receiver = 'EVIL";STR;\r\nSTR;FAKE;';
    const directory = directoryOf([plain('A')], { A: { ...FACTS, receiver } });
    expect(linesOf(directory, 'STR')).toHaveLength(1);
    expect(strOf(directory, 'A')).toHaveLength(19);
  });
});

describe('the other lines', () => {
  test('name the caster with the port that rovers use', () => {
    const caster = {
      identifier: 'ALPS',
      operator: 'Example',
      country: 'CHE',
      latitude: 46.5,
      longitude: 7.25,
      misc: 'x',
    };
    expect(linesOf(directoryOf([], {}, caster), 'CAS')).toEqual([
      ['CAS', 'ALPS', '2101', 'ALPS', 'Example', '1', 'CHE', '46.50', '7.25', '0.0.0.0', '0', 'x'],
    ]);
  });

  test('name each network of a listed mountpoint once', () => {
    const of = (name: string, network: string): Mountpoints[number] => ({ ...plain(name), network });
    const mountpoints = [of('A', 'ALPS'), of('B', 'LAKE'), of('C', 'ALPS'), of('D', 'GONE')];
    const directory = directoryOf(
      mountpoints,
      { A: FACTS, B: FACTS, C: FACTS },
      { url: 'https://example.org' },
    );
    expect(linesOf(directory, 'NET').map(([, name, , , , web]) => [name, web])).toEqual([
      ['ALPS', 'https://example.org'],
      ['LAKE', 'https://example.org'],
    ]);
  });

  test('name no network where there is none', () => {
    expect(linesOf(directoryOf([plain('A')], { A: FACTS }), 'NET')).toEqual([]);
  });
});

describe('the positions', () => {
  test('are not of one that is raw, whatever its base has said before', () => {
    expect(directoryOf([{ ...plain('A'), raw: true }], { A: FACTS }).positions).toEqual([]);
  });

  test('are those of live bases that have said where they are, exactly', () => {
    const { positions } = directoryOf([plain('A'), plain('B'), plain('C')], { A: FACTS, B: undefined });
    expect(positions).toEqual([{ mountpoint: 'A', latitudeDeg: 47.0512, longitudeDeg: 8.3098 }]);
  });

  test('hold bases that are not listed too', () => {
    const { positions } = directoryOf([{ ...plain('A'), listed: false }], { A: FACTS });
    expect(positions).toHaveLength(1);
  });

  test('hold nothing that the configuration does not know', () => {
    expect(directoryOf([plain('A')], { GONE: FACTS }).positions).toEqual([]);
  });
});
