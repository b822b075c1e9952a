import { describe, expect, test } from 'vitest';
import {
  type CasRecord,
  type NetRecord,
  type StrRecord,
  buildSourcetable,
  formatCas,
  formatNet,
  formatStr,
  parseRecord,
  parseSourcetable,
} from '../../../caster/ntrip/sourcetable.ts';

/** The example of the NTRIP 1.0 document, as receiver manuals reprint it. */
const BRUS0 =
  'STR;BRUS0;Brussels;RTCM2.0;1(1),3(60),16;0;GPS;Misc;BEL;50.80;4.36;0;0;Ashtech UZ-12;none;B;N;500;ROB';
const brus0: StrRecord = {
  type: 'STR',
  mountpoint: 'BRUS0',
  identifier: 'Brussels',
  format: 'RTCM2.0',
  formatDetails: '1(1),3(60),16',
  carrier: 0,
  navSystem: 'GPS',
  network: 'Misc',
  country: 'BEL',
  latitudeDeg: 50.8,
  longitudeDeg: 4.36,
  nmeaRequired: false,
  solution: 0,
  generator: 'Ashtech UZ-12',
  compression: 'none',
  authentication: 'B',
  fee: false,
  bitrateBps: 500,
  misc: 'ROB',
};
const CASTER = 'CAS;caster.example;2101;Rovercast;Operator;1;DEU;50.10;8.70;0.0.0.0;0;http://caster.example';
const caster: CasRecord = {
  type: 'CAS',
  host: 'caster.example',
  port: 2101,
  identifier: 'Rovercast',
  operator: 'Operator',
  nmeaAccepted: true,
  country: 'DEU',
  latitudeDeg: 50.1,
  longitudeDeg: 8.7,
  fallbackHost: '0.0.0.0',
  fallbackPort: 0,
  misc: 'http://caster.example',
};
const NETWORK = 'NET;EUREF;EUREF;B;Y;http://net.example;http://streams.example;mail@net.example;none';
const network: NetRecord = {
  type: 'NET',
  identifier: 'EUREF',
  operator: 'EUREF',
  authentication: 'B',
  fee: true,
  webNetwork: 'http://net.example',
  webStreams: 'http://streams.example',
  webRegistration: 'mail@net.example',
  misc: 'none',
};

describe('a record', () => {
  test('of a stream is written as the standard has it', () => expect(formatStr(brus0)).toBe(BRUS0));
  test('of a caster is written as the standard has it', () => expect(formatCas(caster)).toBe(CASTER));
  test('of a network is written as the standard has it', () => expect(formatNet(network)).toBe(NETWORK));
  test('of a stream is read', () => expect(parseRecord(BRUS0)).toStrictEqual(brus0));
  test('of a caster is read', () => expect(parseRecord(CASTER)).toStrictEqual(caster));
  test('of a network is read', () => expect(parseRecord(NETWORK)).toStrictEqual(network));

  test('has nineteen fields for a stream even when nothing is known', () => {
    const unknown = { carrier: undefined, latitudeDeg: undefined, longitudeDeg: undefined };
    const line = formatStr({ ...brus0, ...unknown, solution: undefined, bitrateBps: undefined, misc: '' });
    expect(line).toBe('STR;BRUS0;Brussels;RTCM2.0;1(1),3(60),16;;GPS;Misc;BEL;;;0;;Ashtech UZ-12;none;B;N;;');
  });

  test('cannot be broken by what its fields hold', () => {
    expect(formatNet({ ...network, operator: 'a;b\r\nSTR;X' })).toBe(
      NETWORK.replace(';EUREF;EUREF;', ';EUREF;a,b STR,X;'),
    );
  });

  test('has two decimals, and no minus before zero', () => {
    const line = formatStr({ ...brus0, latitudeDeg: -0.001, longitudeDeg: -123.456789 });
    expect(line.split(';').slice(9, 11)).toStrictEqual(['0.00', '-123.46']);
  });

  test('with a quoted semicolon keeps it inside the field', () => {
    expect(parseRecord('NET;A";"B;op;B;N;;;;none')).toMatchObject({ identifier: 'A;B', operator: 'op' });
  });

  test('with a quote that does not close is split at all semicolons', () => {
    expect(parseRecord('NET;5" disk;op;B;N;;;;none')).toMatchObject({
      identifier: '5" disk',
      operator: 'op',
    });
  });

  test('with missing fields is read as far as it goes', () => {
    expect(parseRecord('STR;BASE')).toMatchObject({
      mountpoint: 'BASE',
      format: '',
      latitudeDeg: undefined,
      fee: false,
    });
  });

  test('with surplus fields keeps them in the last one', () => {
    expect(parseRecord(`${BRUS0};more;yet`)).toMatchObject({ misc: 'ROB;more;yet' });
  });

  test('with text where numbers belong has none', () => {
    expect(parseRecord('STR;M;;;;L1;;;;N50;E4;;;;;;;fast')).toMatchObject({
      carrier: undefined,
      latitudeDeg: undefined,
      longitudeDeg: undefined,
      bitrateBps: undefined,
    });
  });

  test.each(['STR', 'STR;;x', 'XYZ;a;b', 'ENDSOURCETABLE', 'SOURCETABLE 200 OK'])('is not: %s', (line) => {
    expect(parseRecord(line)).toBeUndefined();
  });
});

describe('a table', () => {
  test('is casters, networks, streams and its end, in lines of CRLF', () => {
    expect(buildSourcetable({ casters: [caster], networks: [network], streams: [brus0] })).toBe(
      `${CASTER}\r\n${NETWORK}\r\n${BRUS0}\r\nENDSOURCETABLE\r\n`,
    );
  });

  test('without records is its end alone', () => {
    expect(buildSourcetable({ casters: [], networks: [], streams: [] })).toBe('ENDSOURCETABLE\r\n');
  });

  test('is read with blank lines, bare LF, small letters and lines of nobody', () => {
    const text = `\n${CASTER}\n\r\n  ${NETWORK}\r\nServer: x\nstr${BRUS0.slice(3)}\n\nENDSOURCETABLE\nSTR;LATE`;
    expect(parseSourcetable(text)).toStrictEqual({
      casters: [caster],
      networks: [network],
      streams: [brus0],
      complete: true,
      linesSkipped: 1,
    });
  });

  test('without an end is read, and known to be cut off', () => {
    expect(parseSourcetable(BRUS0)).toMatchObject({ streams: [brus0], complete: false });
  });

  test('in an 8-bit code page is read', () => {
    const bytes = Buffer.from('STR;M;K\xf6ln\r\nENDSOURCETABLE\r\n', 'latin1');
    expect(parseSourcetable(bytes).streams[0]?.identifier).toBe('Köln');
  });

  test('in UTF-8 is read', () => {
    expect(parseSourcetable(Buffer.from('STR;M;Köln\r\n')).streams[0]?.identifier).toBe('Köln');
  });

  test('of a third of a megabyte is read', () => {
    const lines = Array.from({ length: 3000 }, (_line, i) => BRUS0.replace('BRUS0', `M${i}`));
    expect(parseSourcetable(lines.join('\r\n')).streams.length).toBe(3000);
  });
});
