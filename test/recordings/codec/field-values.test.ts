// Every field of decoded station and ephemeris messages against the values that pyrtcm reads from the same bytes.
import { describe, expect, test } from 'vitest';
import { RtcmCodec } from '../../../caster/rtcm/codec/codec.ts';
import { fieldLayoutOf } from '../../../caster/rtcm/codec/field-codec.ts';
import { indexOfField, type MessageFields } from '../../../caster/rtcm/codec/message-fields.ts';
import { framesOf, recordingBytes, recordingNames, RECORDINGS_PRESENT, SKIP_NOTE } from '../recordings.ts';
import { codecFacts, codecVectors, fieldsInTheirWords, unscaled } from './expectations.ts';

/** The week of an ephemeris, by message; 1020 counts days. */
const WEEK_FIELDS: Readonly<Record<string, string>> = {
  1019: 'DF076',
  1042: 'DF489',
  1044: 'DF452',
  1045: 'DF289',
  1046: 'DF289',
};

type Row = Record<string, number | string | null>;

function valueOf(message: MessageFields, name: string): number | null {
  const index = indexOfField(message, name);
  return index < 0 ? null : message.values[index]!;
}

function textOf(message: MessageFields, name: string): string {
  let text = '';
  for (let index = 0; index < message.count; index++) {
    if (message.fields[index]!.name === name) text += String.fromCharCode(message.values[index]!);
  }
  return text;
}

/** A station message in the words of the JSON beside the recordings. */
function inStationWords(message: MessageFields): Row {
  const value = (name: string): number | null => valueOf(message, name);
  switch (message.messageNumber) {
    case 1005:
    case 1006:
      return {
        DF003_station_id: value('DF003'),
        DF021_itrf: value('DF021'),
        'ecef_x_0.1mm': value('DF025'),
        'ecef_y_0.1mm': value('DF026'),
        'ecef_z_0.1mm': value('DF027'),
        'antenna_height_0.1mm': value('DF028'),
        DF022_gps: value('DF022'),
        DF023_glo: value('DF023'),
        DF024_gal: value('DF024'),
        DF141_refstn_ind: value('DF141'),
        DF142_single_osc: value('DF142'),
        DF364_quarter_cycle: value('DF364'),
      };
    case 1230: {
      const flags = [1, 2, 3, 4].map((flag) => value(`DF422_${flag}`)!);
      const row: Row = {
        DF003: value('DF003'),
        DF421: value('DF421'),
        DF001_3: value('DF001'),
        DF422_mask: flags.reduce((mask, flag) => mask * 2 + flag, 0),
      };
      for (const [index, signal] of ['L1CA', 'L1P', 'L2CA', 'L2P'].entries()) {
        const bias = value(`DF${423 + index}`);
        if (bias !== null) row[`DF${423 + index}_${signal}_x0.02m`] = bias;
      }
      return row;
    }
    default: {
      const row: Row = {
        DF003: value('DF003'),
        antenna_descriptor: textOf(message, 'DF030'),
        DF031_setup_id: value('DF031'),
      };
      if (value('DF032') !== null) row['antenna_serial'] = textOf(message, 'DF033');
      if (value('DF227') !== null) {
        row['receiver_type'] = textOf(message, 'DF228');
        row['receiver_firmware'] = textOf(message, 'DF230');
        row['receiver_serial'] = textOf(message, 'DF232');
      }
      return row;
    }
  }
}

const STATION_MESSAGES = ['1005', '1006', '1007', '1008', '1033', '1230'];

describe.skipIf(!RECORDINGS_PRESENT)(`station and ephemeris messages of recordings${SKIP_NOTE}`, () => {
  const withStation = recordingNames('').filter((name) =>
    STATION_MESSAGES.some((number) => number in codecFacts(name).station_messages),
  );
  const withEphemerides = recordingNames('').filter(
    (name) => Object.keys(codecFacts(name).ephemerides).length > 0,
  );

  test.each(withStation)('%s: station messages, each as often, are those that pyrtcm reads', (name) => {
    const codec = new RtcmCodec();
    const ours: Partial<Record<string, Map<string, number>>> = {};
    for (const { bytes, messageNumber } of framesOf(recordingBytes(name))) {
      if (!STATION_MESSAGES.includes(String(messageNumber)) || codec.decode(bytes) !== 'fields') continue;
      const row = JSON.stringify(Object.entries(inStationWords(codec.fields)).sort());
      const counts = (ours[messageNumber] ??= new Map<string, number>());
      counts.set(row, (counts.get(row) ?? 0) + 1);
    }
    const theirs = Object.entries(codecFacts(name).station_messages)
      .filter(([number]) => STATION_MESSAGES.includes(number))
      .map(([number, rows]) => [
        number,
        new Map(
          (rows as (Row & { count: number })[]).map(({ count, ...row }) => [
            JSON.stringify(Object.entries(row).sort()),
            count,
          ]),
        ),
      ]);
    expect(ours).toEqual(Object.fromEntries(theirs));
  });

  test.each(withEphemerides)('%s: the first ephemeris of each number is what pyrtcm reads', (name) => {
    const codec = new RtcmCodec();
    const { ephemerides } = codecFacts(name);
    const ours: Partial<Record<string, object>> = {};
    for (const { bytes, messageNumber } of framesOf(recordingBytes(name))) {
      if (!(messageNumber in ephemerides)) continue;
      if (codec.decode(bytes) === 'fields') ours[messageNumber] ??= fieldsInTheirWords(codec.fields);
    }
    expect(ours).toEqual(
      Object.fromEntries(
        Object.entries(ephemerides).map(([number, facts]) => [
          number,
          unscaled(facts.first_message_fields_pyrtcm_scaled),
        ]),
      ),
    );
  });

  test.each(withEphemerides)('%s: the weeks of all its ephemerides are those that pyrtcm counts', (name) => {
    const codec = new RtcmCodec();
    const ours: Partial<Record<string, Record<string, number>>> = {};
    for (const { bytes, messageNumber } of framesOf(recordingBytes(name))) {
      const field = WEEK_FIELDS[messageNumber];
      if (field === undefined || codec.decode(bytes) !== 'fields') continue;
      const weeks = (ours[messageNumber] ??= {});
      const week = valueOf(codec.fields, field)!;
      weeks[week] = (weeks[week] ?? 0) + 1;
    }
    expect(ours).toEqual(
      Object.fromEntries(
        Object.entries(codecFacts(name).ephemerides)
          .filter(([number]) => number in WEEK_FIELDS)
          .map(([number, { weeks_raw }]) => [number, weeks_raw]),
      ),
    );
  });

  test.each(recordingNames('vectors'))(
    '%s: every field of every station and ephemeris message is what pyrtcm reads',
    (name) => {
      const codec = new RtcmCodec();
      const bytes = recordingBytes(name);
      const vectors = codecVectors(name).filter(({ type }) => fieldLayoutOf(type) !== undefined);
      const ours = vectors.map(({ name: vector, offset, length }) => {
        expect(codec.decode(bytes.subarray(offset, offset + length))).toBe('fields');
        return { vector, ...fieldsInTheirWords(codec.fields) };
      });
      expect(ours).toEqual(
        vectors.map(({ name: vector, fields_pyrtcm_scaled }) => ({
          vector,
          ...unscaled(fields_pyrtcm_scaled!),
        })),
      );
    },
  );
});
