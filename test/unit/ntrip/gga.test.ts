import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Gga, GgaReader, formatGga, parseGga } from '../../../caster/ntrip/gga.ts';
import { cutRandomly, integerBelow, randomSource, singleBytes } from './random.ts';

const SEED = 90210;
const DATA = path.resolve(import.meta.dirname, '../../../../shared/data');
const hasRecordings = existsSync(path.join(DATA, 'f9p_mixed_nmea_ubx_158s.bin'));

/** The textbook sentence, with its published checksum. */
const TEXTBOOK = '$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47';
/** Made by str2str 2.4.3 for 48.8 degrees north, 2.3 east and 100 m above the ellipsoid, geoid 44.878 m below. */
const RTKLIB = '$GNGGA,234513.97,4848.0000000,N,00218.0000000,E,1,00,1.0,55.122,M,44.878,M,0.0,0000*6C';

function readAll(pieces: Buffer[]): Gga[] {
  const reader = new GgaReader();
  return pieces.map((piece) => reader.push(piece)).filter((gga) => gga !== undefined);
}

/** `body` with the checksum that NMEA 0183 defines. */
function sentence(body: string): string {
  const sum = Buffer.from(body).reduce((xor, byte) => xor ^ byte, 0);
  return `$${body}*${sum.toString(16).padStart(2, '0')}`;
}

describe('a GGA sentence', () => {
  test('of the textbook is read', () => {
    const gga = parseGga(`${TEXTBOOK}\r\n`);
    expect(gga).toMatchObject({
      quality: 1,
      satellites: 8,
      hdop: 0.9,
      heightM: 545.4,
      ageS: undefined,
      utc: '123519',
    });
    expect(gga?.latitudeDeg).toBeCloseTo(48.1173, 9);
    expect(gga?.longitudeDeg).toBeCloseTo(11 + 31 / 60, 9);
  });

  test('of RTKLIB is where RTKLIB was told to be', () => {
    const gga = parseGga(RTKLIB);
    expect([gga?.latitudeDeg, gga?.longitudeDeg, gga?.heightM]).toStrictEqual([48.8, 2.3, 55.122]);
  });

  test('in the south-west is negative', () => {
    const gga = parseGga('$GPGGA,000000.00,3330.0,S,07030.0,W,5,12,0.5,-3.5,M,0,M,1.5,0001');
    expect(gga).toStrictEqual({
      latitudeDeg: -33.5,
      longitudeDeg: -70.5,
      heightM: -3.5,
      quality: 5,
      satellites: 12,
      hdop: 0.5,
      ageS: 1.5,
      utc: '000000.00',
    });
  });

  test('may lack its checksum and everything after the quality', () => {
    expect(parseGga('$GAGGA,,4807.038,N,01131.000,E,4')).toMatchObject({
      quality: 4,
      satellites: 0,
      hdop: undefined,
      heightM: undefined,
      utc: '',
    });
  });

  test('may come from any talker, with its checksum in small letters', () => {
    expect(parseGga(sentence('QZGGA,123519,4807.038,N,01131.000,E,8,08,,,,,,,'))).toMatchObject({
      quality: 8,
    });
  });

  const refused: [string, string][] = [
    ['with a wrong checksum', TEXTBOOK.replace('*47', '*48')],
    ['with half a checksum', TEXTBOOK.replace('*47', '*4')],
    ['without a position, as before the first fix', '$GPGGA,123519,,,,,0,00,,,M,,M,,'],
    ['of 91 degrees north', '$GPGGA,123519,9100.0,N,01131.000,E,1,08,0.9,,M,,M,,'],
    ['of 181 degrees east', '$GPGGA,123519,4807.038,N,18100.000,E,1,08,0.9,,M,,M,,'],
    ['of 60 minutes', '$GPGGA,123519,4860.0,N,01131.000,E,1,08,0.9,,M,,M,,'],
    ['with hemispheres exchanged', '$GPGGA,123519,4807.038,E,01131.000,N,1,08,0.9,,M,,M,,'],
    ['with quality 9', '$GPGGA,123519,4807.038,N,01131.000,E,9,08,0.9,,M,,M,,'],
    ['with letters for numbers', '$GPGGA,123519,48x7.038,N,01131.000,E,1,08,0.9,,M,,M,,'],
    ['with letters for the time', '$GPGGA,noon,4807.038,N,01131.000,E,1,08,0.9,,M,,M,,'],
    ['of another type', '$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A'],
    ['without a talker', '$GGA,123519,4807.038,N,01131.000,E,1,08,0.9,,M,,M,,'],
    ['of 200 characters', `$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,,M,,M,,${'0'.repeat(150)}`],
    ['that is empty', ''],
  ];
  test.each(refused)('%s is none', (_name, line) => {
    expect(parseGga(line)).toBeUndefined();
  });
});

describe('a sentence that we write', () => {
  test('is the textbook position in the form of NMEA 0183, checked by hand', () => {
    const position = { latitudeDeg: 48.1173, longitudeDeg: 11 + 31 / 60, heightM: 545.4, utc: '123519.00' };
    expect(formatGga({ ...position, quality: 1, satellites: 8, hdop: 0.9, ageS: undefined })).toBe(
      `${sentence('GPGGA,123519.00,4807.0380000,N,01131.0000000,E,1,08,0.9,545.400,M,0.000,M,,').toUpperCase()}\r\n`,
    );
  });

  test('carries minutes over into degrees', () => {
    const position = {
      latitudeDeg: -9.99999999999,
      longitudeDeg: -179.99999999999,
      heightM: 0,
      utc: '000000.00',
    };
    const line = formatGga({ ...position, quality: 4, satellites: 20, hdop: 0.5, ageS: 1 });
    expect(line).toContain(',1000.0000000,S,18000.0000000,W,4,20,0.5,0.000,M,0.000,M,1.0,*');
  });
});

describe('positions among whatever a rover sends', () => {
  const cases: [string, string][] = [
    ['with CRLF', `${TEXTBOOK}\r\n`],
    ['with LF', `${TEXTBOOK}\n`],
    ['without a line end', TEXTBOOK],
    ['between binary', `\xb5\x62\x01\x07$\x00${TEXTBOOK}\xd3\x00\x13$GP`],
    ['after the start of another', `$GPGGA,1235${TEXTBOOK}`],
    ['before other sentences', `${TEXTBOOK}\r\n$GPRMC,1,2*00\r\n$GPGSV,1\r\n`],
    [
      'without checksum, before a line end',
      '$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,\r\n',
    ],
    [
      'without checksum, before the next sentence',
      '$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,$',
    ],
    ['after a damaged newer one is none', `${TEXTBOOK}\r\n${TEXTBOOK.replace('*47', '*00')}\r\n`],
    ['after text that does not end', `$${'A'.repeat(70_000)}${TEXTBOOK}`],
  ];
  test.each(cases)('are found whole: %s', (_name, text) => {
    expect(readAll([Buffer.from(text, 'latin1')])).toStrictEqual([parseGga(TEXTBOOK)]);
  });

  test.each(cases)('are found byte by byte: %s', (_name, text) => {
    expect(readAll(singleBytes(Buffer.from(text, 'latin1')))).toStrictEqual([parseGga(TEXTBOOK)]);
  });

  test('are given as the newest of a chunk', () => {
    const newest = TEXTBOOK.replace('123519', '123520').replace('*47', '*4D');
    expect(readAll([Buffer.from(`${TEXTBOOK}\r\n${newest}\r\n`)])).toStrictEqual([parseGga(newest)]);
  });

  test('are not found in what is longer than a sentence may be', () => {
    expect(
      readAll(singleBytes(Buffer.from(`$GPGGA,${'1'.repeat(300)},${TEXTBOOK.slice(1)}\r\n`))),
    ).toStrictEqual([]);
  });

  test(`are the same however the bytes are cut (seed ${SEED})`, () => {
    const random = randomSource(SEED);
    const words = [TEXTBOOK, RTKLIB, '$', '$GPGGA,', '*47', '\r\n', '\n', '\xb5b', 'GGA,1', '\x00', ','];
    for (let round = 0; round < 20_000; round++) {
      const picked = Array.from(
        { length: 1 + integerBelow(random, 8) },
        () => words[integerBelow(random, words.length)],
      );
      const bytes = Buffer.from(picked.join(''), 'latin1');
      const whole = readAll([bytes]).at(-1);
      const cut = readAll(cutRandomly(bytes, random, 50)).at(-1);
      if (JSON.stringify(whole) !== JSON.stringify(cut))
        expect.fail(`round ${round}: ${JSON.stringify(picked)}`);
    }
  });
});

describe.skipIf(!hasRecordings)(
  `a receiver's mixed output${hasRecordings ? '' : ' (skipped: no recordings in ../shared/data)'}`,
  () => {
    const recordings: [string, number, string][] = [
      ['f9p_mixed_nmea_ubx_158s.bin', 157, '084435.00'],
      ['gpsd_zed_f9r_mixed.bin', 30, '231437.00'],
      ['odd/nmea_ubx_synthetic_mix.bin', 20, '123519'],
    ];
    // The counts are those of grep on the files.
    test.each(recordings)('%s holds %i positions, the last of %s', (name, count, utc) => {
      const positions = readAll(singleBytes(readFileSync(path.join(DATA, name))));
      expect([positions.length, positions.at(-1)?.utc]).toStrictEqual([count, utc]);
    });

    test.each(recordings)('%s gives the last position when it comes in one piece', (name, _count, utc) => {
      expect(readAll([readFileSync(path.join(DATA, name))]).map((gga) => gga.utc)).toStrictEqual([utc]);
    });
  },
);
