// Bit layouts of the Keplerian ephemeris messages 1019, 1042 and 1046 (research: rtcm.md §3), one table each. The same
// table rounds the elements and writes them, so that what goes into the ranges is exactly what a decoder computes with.
import { BitWriter } from '../rtcm/bit-writer.ts';
import { buildFrame } from '../rtcm/frame-builder.ts';
import { type SimulatedSystem } from './simulated-signals.ts';

/** Fields in SI units and radians; times are seconds of the system's own week. */
export type EphemerisField =
  | 'messageNumber'
  | 'satelliteId'
  | 'week'
  | 'issueOfData'
  | 'clockIssueOfData'
  | 'accuracyIndex'
  | 'toc'
  | 'af0'
  | 'af1'
  | 'toe'
  | 'sqrtA'
  | 'e'
  | 'm0'
  | 'deltaN'
  | 'omega0'
  | 'omegaDot'
  | 'i0'
  | 'idot'
  | 'omega'
  | 'cuc'
  | 'cus'
  | 'crc'
  | 'crs'
  | 'cic'
  | 'cis'
  /** Group delays, health, code and fit flags, second clock rate: all zero here. */
  | 'zero';

export type EphemerisValues = Readonly<Record<EphemerisField, number>>;

interface LayoutField {
  readonly name: EphemerisField;
  readonly bits: number;
  readonly signed: boolean;
  readonly unit: number;
}

type KeplerSystem = Exclude<SimulatedSystem, 'GLO'>;

const SEMICIRCLE = Math.PI;

const unsigned = (name: EphemerisField, bits: number, unit = 1): LayoutField => ({
  name,
  bits,
  signed: false,
  unit,
});
const signed = (name: EphemerisField, bits: number, unit: number): LayoutField => ({
  name,
  bits,
  signed: true,
  unit,
});
const angle = (name: EphemerisField): LayoutField => signed(name, 32, 2 ** -31 * SEMICIRCLE);
const zeros = (bits: number): LayoutField => unsigned('zero', bits);

/** From Crs to the rate of the node: the same order in all three, with other widths and units in BeiDou's. */
function orbitFields(harmonicBits: number, angleUnit: number, rangeUnit: number, toe: LayoutField) {
  return [
    signed('crs', harmonicBits, rangeUnit),
    signed('deltaN', 16, 2 ** -43 * SEMICIRCLE),
    angle('m0'),
    signed('cuc', harmonicBits, angleUnit),
    unsigned('e', 32, 2 ** -33),
    signed('cus', harmonicBits, angleUnit),
    unsigned('sqrtA', 32, 2 ** -19),
    toe,
    signed('cic', harmonicBits, angleUnit),
    angle('omega0'),
    signed('cis', harmonicBits, angleUnit),
    angle('i0'),
    signed('crc', harmonicBits, rangeUnit),
    angle('omega'),
    signed('omegaDot', 24, 2 ** -43 * SEMICIRCLE),
  ];
}

const LAYOUTS: Readonly<Record<KeplerSystem, readonly LayoutField[]>> = {
  GPS: [
    unsigned('messageNumber', 12),
    unsigned('satelliteId', 6),
    unsigned('week', 10),
    unsigned('accuracyIndex', 4),
    zeros(2), // DF078, code on L2
    signed('idot', 14, 2 ** -43 * SEMICIRCLE),
    unsigned('issueOfData', 8),
    unsigned('toc', 16, 16),
    zeros(8), // af2
    signed('af1', 16, 2 ** -43),
    signed('af0', 22, 2 ** -31),
    unsigned('clockIssueOfData', 10),
    ...orbitFields(16, 2 ** -29, 2 ** -5, unsigned('toe', 16, 16)),
    zeros(8), // group delay
    zeros(6 + 1 + 1), // health, L2P data flag, fit interval
  ],
  GAL: [
    unsigned('messageNumber', 12),
    unsigned('satelliteId', 6),
    unsigned('week', 12),
    unsigned('issueOfData', 10),
    unsigned('accuracyIndex', 8),
    signed('idot', 14, 2 ** -43 * SEMICIRCLE),
    unsigned('toc', 14, 60),
    zeros(6), // af2
    signed('af1', 21, 2 ** -46),
    signed('af0', 31, 2 ** -34),
    ...orbitFields(16, 2 ** -29, 2 ** -5, unsigned('toe', 14, 60)),
    zeros(10 + 10), // group delays E5a/E1 and E5b/E1
    zeros(3 + 3 + 2), // health and validity of E5b and of E1, reserved
  ],
  BDS: [
    unsigned('messageNumber', 12),
    unsigned('satelliteId', 6),
    unsigned('week', 13),
    unsigned('accuracyIndex', 4),
    signed('idot', 14, 2 ** -43 * SEMICIRCLE),
    unsigned('issueOfData', 5),
    unsigned('toc', 17, 8),
    zeros(11), // af2
    signed('af1', 22, 2 ** -50),
    signed('af0', 24, 2 ** -33),
    unsigned('clockIssueOfData', 5),
    ...orbitFields(18, 2 ** -31, 2 ** -6, unsigned('toe', 17, 8)),
    zeros(10 + 10), // group delays of B1I and B2I
    zeros(1), // health
  ],
};

export interface EncodedEphemeris {
  /** The values that the message really carries: rounded to its fields' units. */
  readonly values: EphemerisValues;
  readonly frame: Buffer;
}

/**
 * The message of `values`, and what a decoder gets out of it. Angles of 32 bits wrap; anything else that does not fit
 * its field is a bug of the caller and throws.
 */
export function encodeEphemeris(system: KeplerSystem, values: EphemerisValues): EncodedEphemeris {
  const writer = new BitWriter(64);
  const carried: Record<EphemerisField, number> = { ...values };
  for (const field of LAYOUTS[system]) {
    const raw = roundedRaw(field, values[field.name]);
    carried[field.name] = raw * field.unit;
    if (field.signed) writer.writeSigned(raw, field.bits);
    else writer.writeUnsigned(raw, field.bits);
  }
  return { values: carried, frame: buildFrame(writer.toBytes()) };
}

function roundedRaw(field: LayoutField, value: number): number {
  const raw = Math.round(value / field.unit);
  if (!field.signed || field.bits !== 32) return raw + 0;
  return raw - Math.floor((raw + 2 ** 31) / 2 ** 32) * 2 ** 32;
}
