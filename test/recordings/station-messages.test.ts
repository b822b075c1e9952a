// Station messages of the recordings against the values that pyrtcm gives, and the encoders against the bytes that real
// receivers and casters sent.
import { describe, expect, test } from 'vitest';
import {
  encodeAntennaDescriptor,
  encodeGlonassBiases,
  encodeReceiverDescriptor,
  encodeStationPosition,
} from '../../caster/rtcm/station-encoders.ts';
import {
  decodeAntennaDescriptor,
  decodeGlonassBiases,
  decodeReceiverDescriptor,
  decodeStationPosition,
  decodeSystemParameters,
  decodeText,
} from '../../caster/rtcm/station-messages.ts';
import {
  framesOf,
  recordingBytes,
  recordingFacts,
  recordingNames,
  RECORDINGS_PRESENT,
  SKIP_NOTE,
  vectorFacts,
} from './recordings.ts';

/** The standard's own example of 1005, as the tests of gnss-sdr and pyrtcm have it. */
const GOLDEN_1005 = Buffer.from('D300133ED7D30202980EDEEF34B4BD62AC0941986F33360B98', 'hex');

type Fields = Record<string, number | string | null>;

/** A station frame in the words of the JSON beside the recordings; undefined for other messages. */
function fieldsOf(frame: Buffer): Fields | undefined {
  const position = decodeStationPosition(frame);
  if (position !== undefined) {
    return {
      DF003_station_id: position.station,
      DF021_itrf: position.itrfYear,
      'ecef_x_0.1mm': position.ecefXTenthMm,
      'ecef_y_0.1mm': position.ecefYTenthMm,
      'ecef_z_0.1mm': position.ecefZTenthMm,
      'antenna_height_0.1mm': position.antennaHeightTenthMm,
      DF022_gps: Number(position.gps),
      DF023_glo: Number(position.glonass),
      DF024_gal: Number(position.galileo),
      DF141_refstn_ind: Number(position.virtualStation),
      DF142_single_osc: Number(position.singleOscillator),
      DF364_quarter_cycle: position.quarterCycle,
    };
  }
  const receiver = decodeReceiverDescriptor(frame);
  const descriptor = receiver ?? decodeAntennaDescriptor(frame);
  if (descriptor !== undefined) {
    const fields: Fields = {
      DF003: descriptor.station,
      antenna_descriptor: descriptor.antenna,
      DF031_setup_id: descriptor.setupId,
    };
    if (descriptor.antennaSerial !== null) fields['antenna_serial'] = descriptor.antennaSerial;
    if (receiver !== undefined) {
      fields['receiver_type'] = receiver.receiver;
      fields['receiver_firmware'] = receiver.firmware;
      fields['receiver_serial'] = receiver.receiverSerial;
    }
    return fields;
  }
  const biases = decodeGlonassBiases(frame);
  if (biases === undefined) return undefined;
  const values = [biases.l1Ca2Cm, biases.l1P2Cm, biases.l2Ca2Cm, biases.l2P2Cm];
  const fields: Fields = {
    DF003: biases.station,
    DF421: Number(biases.aligned),
    DF001_3: biases.reserved,
    DF422_mask: values.reduce<number>((mask, value) => mask * 2 + Number(value !== null), 0),
  };
  const names = ['DF423_L1CA_x0.02m', 'DF424_L1P_x0.02m', 'DF425_L2CA_x0.02m', 'DF426_L2P_x0.02m'];
  for (const [index, value] of values.entries()) if (value !== null) fields[names[index]!] = value;
  return fields;
}

function encodeAgain(frame: Buffer): Buffer | undefined {
  const position = decodeStationPosition(frame);
  if (position !== undefined) return encodeStationPosition(position);
  const antenna = decodeAntennaDescriptor(frame);
  if (antenna !== undefined) return encodeAntennaDescriptor(antenna);
  const receiver = decodeReceiverDescriptor(frame);
  if (receiver !== undefined) return encodeReceiverDescriptor(receiver);
  const biases = decodeGlonassBiases(frame);
  return biases === undefined ? undefined : encodeGlonassBiases(biases);
}

describe('the example frame of the standard', () => {
  test('decodes to station 2003 at the published coordinates', () => {
    expect(decodeStationPosition(GOLDEN_1005)).toEqual({
      station: 2003,
      itrfYear: 0,
      gps: true,
      glonass: false,
      galileo: false,
      virtualStation: false,
      singleOscillator: false,
      reserved: 0,
      quarterCycle: 0,
      ecefXTenthMm: 11141045999,
      ecefYTenthMm: -48507297108,
      ecefZTenthMm: 39755214643,
      antennaHeightTenthMm: null,
    });
  });

  test('is what the encoder makes of those values', () => {
    expect(encodeAgain(GOLDEN_1005)).toEqual(GOLDEN_1005);
  });
});

describe.skipIf(!RECORDINGS_PRESENT)(`station messages of recordings${SKIP_NOTE}`, () => {
  test.each(recordingNames(''))('%s: values and how often they come are as pyrtcm has them', (name) => {
    const ours: Partial<Record<string, Map<string, number>>> = {};
    for (const { bytes, messageNumber } of framesOf(recordingBytes(name))) {
      const fields = fieldsOf(bytes);
      if (fields === undefined) continue;
      const counts = (ours[messageNumber] ??= new Map<string, number>());
      const key = sortedJson(fields);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    const expected = Object.entries(recordingFacts(name).station_messages).filter(([number]) =>
      /^\d+$/.test(number),
    );
    expect(ours).toEqual(Object.fromEntries(expected.map(([number, rows]) => [number, countsOf(rows)])));
  });

  test.each(recordingNames(''))(
    '%s: encoding what was decoded gives the very bytes that were received',
    (name) => {
      const pairs = framesOf(recordingBytes(name))
        .map(({ bytes }) => ({
          received: bytes.toString('hex'),
          encoded: encodeAgain(bytes)?.toString('hex'),
        }))
        .filter(({ encoded }) => encoded !== undefined);
      expect(pairs.map(({ encoded }) => encoded)).toEqual(pairs.map(({ received }) => received));
    },
  );
});

function sortedJson(fields: Fields): string {
  return JSON.stringify(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The rows of the JSON: fields together with a count. */
function countsOf(rows: unknown): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { count, ...fields } of rows as ({ count: number } & Fields)[])
    counts.set(sortedJson(fields), count);
  return counts;
}

describe.skipIf(!RECORDINGS_PRESENT)(`station messages among the vectors${SKIP_NOTE}`, () => {
  describe.each(recordingNames('vectors'))('%s', (name) => {
    const bytes = recordingBytes(name);
    const { index } = vectorFacts(name);

    function vectorsOf(...types: number[]): { name: string; frame: Buffer; fields: Readonly<Fields> }[] {
      return index
        .filter(({ type }) => types.includes(type))
        .map(({ name: vector, offset, length, fields_pyrtcm_scaled }) => ({
          name: vector,
          frame: bytes.subarray(offset, offset + length),
          fields: fields_pyrtcm_scaled ?? {},
        }));
    }

    test('positions (1005, 1006) are those that pyrtcm reads', () => {
      const vectors = vectorsOf(1005, 1006);
      const ours = vectors.map(({ name: vector, frame }) => {
        const position = decodeStationPosition(frame)!;
        return {
          vector,
          DF003: position.station,
          DF021: position.itrfYear,
          DF001_1: position.reserved,
          DF364: position.quarterCycle,
          xyz: [position.ecefXTenthMm, position.ecefYTenthMm, position.ecefZTenthMm],
          height: position.antennaHeightTenthMm,
        };
      });
      expect(ours).toEqual(
        vectors.map(({ name: vector, fields }) => ({
          vector,
          DF003: fields['DF003'],
          DF021: fields['DF021'],
          DF001_1: fields['DF001_1'],
          DF364: fields['DF364'],
          xyz: ['DF025', 'DF026', 'DF027'].map((field) => tenthMm(fields[field])),
          height: 'DF028' in fields ? tenthMm(fields['DF028']) : null,
        })),
      );
    });

    test('descriptors (1007, 1008, 1033) are those that pyrtcm reads', () => {
      const vectors = vectorsOf(1007, 1008, 1033);
      const ours = vectors.map(({ name: vector, frame }) => ({ vector, ...fieldsOf(frame) }));
      expect(ours).toEqual(
        vectors.map(({ name: vector, fields }) => ({
          vector,
          DF003: fields['DF003'],
          antenna_descriptor: characters(fields, 'DF030'),
          DF031_setup_id: fields['DF031'],
          ...('DF032' in fields ? { antenna_serial: characters(fields, 'DF033') } : {}),
          ...('DF227' in fields
            ? {
                receiver_type: characters(fields, 'DF228'),
                receiver_firmware: characters(fields, 'DF230'),
                receiver_serial: characters(fields, 'DF232'),
              }
            : {}),
        })),
      );
    });

    test('GLONASS biases (1230) are those that pyrtcm reads', () => {
      const vectors = vectorsOf(1230);
      const ours = vectors.map(({ frame }) => {
        const { station, aligned, reserved, l1Ca2Cm, l1P2Cm, l2Ca2Cm, l2P2Cm } = decodeGlonassBiases(frame)!;
        return [station, Number(aligned), reserved, l1Ca2Cm, l1P2Cm, l2Ca2Cm, l2P2Cm];
      });
      expect(ours).toEqual(
        vectors.map(({ fields }) => [
          fields['DF003'],
          fields['DF421'],
          fields['DF001_3'],
          ...['DF423', 'DF424', 'DF425', 'DF426'].map((field) =>
            field in fields ? Math.round(Number(fields[field]) / 0.02) : null,
          ),
        ]),
      );
    });

    test('system parameters (1013) are those that pyrtcm reads', () => {
      const vectors = vectorsOf(1013);
      const ours = vectors.map(({ frame }) => {
        const { station, modifiedJulianDay, utcSecondsOfDay, leapSeconds, announcements } =
          decodeSystemParameters(frame)!;
        return {
          head: [station, modifiedJulianDay, utcSecondsOfDay, leapSeconds, announcements.length],
          announced: announcements.map(({ messageNumber, synchronous }) => [
            messageNumber,
            Number(synchronous),
          ]),
        };
      });
      expect(ours).toEqual(
        vectors.map(({ fields }) => ({
          head: ['DF003', 'DF051', 'DF052', 'DF054', 'DF053'].map((field) => fields[field]),
          announced: numbered(fields, 'DF055').map((value, index) => [
            value,
            numbered(fields, 'DF056')[index],
          ]),
        })),
      );
    });

    test('texts (1029) are those that pyrtcm reads', () => {
      const vectors = vectorsOf(1029);
      const ours = vectors.map(({ frame }) => {
        const { station, modifiedJulianDay, utcSecondsOfDay, text } = decodeText(frame)!;
        return [station, modifiedJulianDay, utcSecondsOfDay, text];
      });
      expect(ours).toEqual(
        vectors.map(({ fields }) => [
          fields['DF003'],
          fields['DF051'],
          fields['DF052'],
          // pyrtcm gives one character per byte.
          Buffer.from(String(fields['DF140'] ?? ''), 'latin1').toString('utf8'),
        ]),
      );
    });
  });
});

/** pyrtcm scales to meters. */
function tenthMm(meters: number | string | null | undefined): number {
  return Math.round(Number(meters) * 10_000);
}

/** pyrtcm numbers repeated fields "DF030_01", "DF030_02", ... */
function numbered(fields: Readonly<Fields>, field: string): (number | string | null)[] {
  return Object.entries(fields)
    .filter(([name]) => name.startsWith(`${field}_`))
    .map(([, value]) => value);
}

function characters(fields: Readonly<Fields>, field: string): string {
  return numbered(fields, field).join('');
}
