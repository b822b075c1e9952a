// What independent decoders say about the values in messages, brought to the raw integers that the codec speaks of, and
// the codec's structures in the words of those decoders. pyrtcm scales most fields; the resolutions below undo that.
import { type MessageFields } from '../../../caster/rtcm/codec/message-fields.ts';
import { type LegacyObservations, LEGACY_LAYOUTS } from '../../../caster/rtcm/codec/legacy-observations.ts';
import { type MsmCells } from '../../../caster/rtcm/codec/msm-cells.ts';
import { MSM_LEVELS } from '../../../caster/rtcm/codec/msm-layout.ts';
import { recordingFacts, vectorFacts } from '../recordings.ts';

/** Columns of numbers, by the name of the field; satellites and cells alike. */
export type Columns = Record<string, number[]>;

export interface MsmExpectation {
  readonly type: number;
  readonly station: number;
  readonly epoch_raw30: number;
  readonly multiple: number;
  readonly iods: number;
  readonly reserved7?: number;
  readonly clk_steer: number;
  readonly ext_clk: number;
  readonly smooth: number;
  readonly smooth_int: number;
  readonly sat: Columns;
  readonly cell: Columns;
}

export type PyrtcmFields = Readonly<Record<string, number | string>>;

interface CodecFacts {
  readonly sample_msm_messages_raw_integers: readonly (Omit<MsmExpectation, 'sat' | 'cell'> & {
    readonly offset: number;
    readonly frame_length: number;
    readonly satellites: readonly Record<string, number>[];
    readonly cells: readonly Record<string, number | string>[];
  })[];
  readonly legacy_sample_raw: readonly {
    readonly type: number;
    readonly epoch_raw: number;
    readonly satellites: readonly Record<string, number>[];
  }[];
  readonly legacy_observations: Readonly<
    Record<string, { readonly first_message_fields_pyrtcm_scaled: PyrtcmFields }>
  >;
  readonly ephemerides: Readonly<
    Record<
      string,
      {
        readonly count: number;
        readonly weeks_raw?: Readonly<Record<string, number>>;
        readonly first_message_fields_pyrtcm_scaled: PyrtcmFields;
      }
    >
  >;
  readonly station_messages: Readonly<Record<string, unknown>>;
  readonly msm: Readonly<
    Record<
      string,
      {
        readonly total_cells: number;
        readonly invalid_or_flagged_field_counts: Readonly<Record<string, number>>;
        readonly iods: readonly number[];
        readonly reserved7: readonly number[];
        readonly clock_steering: readonly number[];
        readonly ext_clock: readonly number[];
        readonly smoothing: readonly (readonly [number, number])[];
      }
    >
  >;
}

export interface CodecVector {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
  readonly type: number;
  readonly fields_pyrtcm_scaled?: PyrtcmFields;
  readonly msm_raw?: MsmExpectation;
}

export function codecFacts(name: string): CodecFacts {
  return recordingFacts(name) as unknown as CodecFacts;
}

export function codecVectors(name: string): readonly CodecVector[] {
  return vectorFacts(name).index as unknown as readonly CodecVector[];
}

/** The header and all columns of a decoded MSM in the words of the JSON. */
export function msmInTheirWords(cells: MsmCells): MsmExpectation {
  const { satelliteFields, cellFields } = MSM_LEVELS[cells.level]!;
  const rows = Array.from(cells.cellRows.subarray(0, cells.cellCount));
  const columns = Array.from(cells.cellColumns.subarray(0, cells.cellCount));
  const sat: Columns = { sat: Array.from(cells.satelliteIds.subarray(0, cells.satelliteCount)) };
  for (const { field, column } of satelliteFields) {
    sat[field] = Array.from(cells[column].subarray(0, cells.satelliteCount));
  }
  const cell: Columns = {
    sat: rows.map((row) => cells.satelliteIds[row]!),
    sig: columns.map((column) => cells.signalIds[column]!),
  };
  for (const { field, column } of cellFields) {
    cell[field] = Array.from(cells[column].subarray(0, cells.cellCount));
  }
  return {
    type: cells.block + cells.level,
    station: cells.station,
    epoch_raw30: cells.epochRaw,
    multiple: Number(cells.moreToCome),
    iods: cells.iods,
    reserved7: cells.reserved,
    clk_steer: cells.clockSteering,
    ext_clk: cells.externalClock,
    smooth: Number(cells.smoothing),
    smooth_int: cells.smoothingInterval,
    sat,
    cell,
  };
}

/** A sample of a recording, which is written row by row, as columns of the fields that it has. */
export function columnsOf(rows: readonly Record<string, number | string>[]): Columns {
  const columns: Columns = {};
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) {
      // Besides the fields there are values in meters and the RINEX code.
      if (/^(?:sat|sig|ext|DF\d+)$/.test(name)) (columns[name] ??= []).push(Number(value));
    }
  }
  return columns;
}

/** A decoded legacy message under pyrtcm's names: repeated fields are numbered "DF009_01", "DF009_02", ... */
export function legacyInTheirWords(observations: LegacyObservations): Record<string, number> {
  const isGps = observations.messageNumber <= 1004;
  const theirs: Record<string, number> = {
    DF002: observations.messageNumber,
    DF003: observations.station,
    [isGps ? 'DF004' : 'DF034']: observations.epochRaw,
    DF005: Number(observations.moreToCome),
    [isGps ? 'DF006' : 'DF035']: observations.satelliteCount,
    [isGps ? 'DF007' : 'DF036']: Number(observations.smoothing),
    [isGps ? 'DF008' : 'DF037']: observations.smoothingInterval,
  };
  for (const { field, column } of LEGACY_LAYOUTS.get(observations.messageNumber)!.fields) {
    for (let index = 0; index < observations.satelliteCount; index++) {
      theirs[`${field}_${String(index + 1).padStart(2, '0')}`] = observations[column][index]!;
    }
  }
  return theirs;
}

/** Fields that a message may repeat, so that pyrtcm numbers them even where there is one. */
const REPEATED = ['DF030', 'DF033', 'DF055', 'DF056', 'DF057', 'DF228', 'DF230', 'DF232'];

/** A decoded station or ephemeris message under pyrtcm's names. */
export function fieldsInTheirWords(message: MessageFields): Record<string, number | string> {
  const theirs: Record<string, number | string> = {};
  const seen = new Map<string, number>();
  for (let index = 0; index < message.count; index++) {
    const { name, bits } = message.fields[index]!;
    // A negative zero is a zero to everybody else.
    const value = message.values[index]! + 0;
    if (name === 'DF140') {
      theirs[name] = `${theirs[name] ?? ''}${String.fromCharCode(value)}`;
    } else if (REPEATED.includes(name)) {
      const number = (seen.get(name) ?? 0) + 1;
      seen.set(name, number);
      theirs[`${name}_${String(number).padStart(2, '0')}`] = value;
    } else {
      theirs[name === 'DF001' ? `DF001_${bits}` : name] = value;
    }
  }
  return theirs;
}

/** pyrtcm's values without its scaling; characters as their codes. */
export function unscaled(fields: PyrtcmFields): Record<string, number | string> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      if (name === 'DF140') return [name, value];
      if (typeof value === 'string') return [name, value.charCodeAt(0)];
      return [name, Math.round(value / (RESOLUTIONS.get(name.slice(0, 5)) ?? 1)) + 0];
    }),
  );
}

/** Resolution -> the fields that have it, as pyrtcm's table of data fields gives them. */
const FIELDS_BY_RESOLUTION: readonly (readonly [resolution: number, fields: string])[] = [
  [60, 'DF293 DF304'],
  [16, 'DF081 DF093 DF430 DF442 DF522 DF537'],
  [8, 'DF493 DF505'],
  [0.25, 'DF015 DF020 DF045 DF050'],
  [0.1, 'DF057 DF513 DF514'],
  [0.02, 'DF011 DF017 DF041 DF047 DF423 DF424 DF425 DF426'],
  [0.0005, 'DF012 DF018 DF042 DF048'],
  [0.0001, 'DF025 DF026 DF027 DF028'],
  [2 ** -4, 'DF533 DF534'],
  [2 ** -5, 'DF086 DF098 DF297 DF309 DF435 DF447'],
  [2 ** -6, 'DF498 DF510'],
  [2 ** -11, 'DF112 DF115 DF118'],
  [2 ** -19, 'DF092 DF303 DF441 DF504 DF539'],
  [2 ** -20, 'DF111 DF114 DF117'],
  [2 ** -28, 'DF529 DF530 DF531 DF532'],
  [2 ** -29, 'DF089 DF091 DF094 DF096 DF300 DF302 DF305 DF307 DF438 DF440 DF443 DF445'],
  [2 ** -30, 'DF113 DF116 DF119'],
  [
    2 ** -31,
    `DF084 DF088 DF095 DF097 DF099 DF101 DF299 DF306 DF308 DF310 DF433 DF437 DF444 DF446 DF448 DF455 DF500 DF501 DF503
     DF506 DF507 DF508 DF509 DF511 DF518 DF523 DF536 DF540 DF541 DF543`,
  ],
  [2 ** -32, 'DF312 DF313'],
  [2 ** -33, 'DF090 DF301 DF439 DF496 DF502 DF538'],
  [2 ** -34, 'DF296'],
  [2 ** -41, 'DF524 DF542'],
  [
    2 ** -43,
    'DF079 DF083 DF087 DF100 DF292 DF298 DF311 DF432 DF436 DF449 DF450 DF491 DF499 DF512 DF519 DF535',
  ],
  [2 ** -46, 'DF295'],
  [2 ** -50, 'DF495'],
  [2 ** -55, 'DF082 DF431 DF520'],
  [2 ** -59, 'DF294'],
  [2 ** -66, 'DF494'],
];

const RESOLUTIONS: ReadonlyMap<string, number> = new Map(
  FIELDS_BY_RESOLUTION.flatMap(([resolution, fields]) =>
    fields.split(/\s+/).map((name): [string, number] => [name, resolution]),
  ),
);
