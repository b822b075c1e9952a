// What each RTCM 3 message number is (RTCM 10403.3, table of messages; numbers that 10403.4 added are named too).
// A number that is not listed is no error: it belongs to family 'other' and passes through untouched.
import { type SatelliteSystem } from './satellite-system.ts';

export type MessageFamily =
  | 'msm'
  | 'legacy-observation'
  | 'station'
  | 'ephemeris'
  | 'ssr'
  | 'text'
  | 'network'
  | 'proprietary'
  | 'other';

export interface MessageType {
  readonly name: string;
  readonly family: MessageFamily;
  /** The satellite system it speaks of, where it is one. */
  readonly system?: SatelliteSystem;
}

type Row = readonly [messageNumber: number, family: MessageFamily, name: string, system?: SatelliteSystem];

const ROWS: readonly Row[] = [
  // The number BeiDou ephemerides had before 1042; receivers of those years still send it.
  [63, 'ephemeris', 'BeiDou ephemeris, draft', 'BDS'],
  [1001, 'legacy-observation', 'GPS L1 observations', 'GPS'],
  [1002, 'legacy-observation', 'GPS L1 observations, extended', 'GPS'],
  [1003, 'legacy-observation', 'GPS L1 and L2 observations', 'GPS'],
  [1004, 'legacy-observation', 'GPS L1 and L2 observations, extended', 'GPS'],
  [1005, 'station', 'Station position'],
  [1006, 'station', 'Station position with antenna height'],
  [1007, 'station', 'Antenna descriptor'],
  [1008, 'station', 'Antenna descriptor and serial number'],
  [1009, 'legacy-observation', 'GLONASS L1 observations', 'GLO'],
  [1010, 'legacy-observation', 'GLONASS L1 observations, extended', 'GLO'],
  [1011, 'legacy-observation', 'GLONASS L1 and L2 observations', 'GLO'],
  [1012, 'legacy-observation', 'GLONASS L1 and L2 observations, extended', 'GLO'],
  [1013, 'station', 'System parameters'],
  [1014, 'network', 'Network auxiliary station data'],
  [1015, 'network', 'GPS ionospheric correction differences', 'GPS'],
  [1016, 'network', 'GPS geometric correction differences', 'GPS'],
  [1017, 'network', 'GPS combined correction differences', 'GPS'],
  [1019, 'ephemeris', 'GPS ephemeris', 'GPS'],
  [1020, 'ephemeris', 'GLONASS ephemeris', 'GLO'],
  [1021, 'network', 'Helmert or abridged Molodenski transformation'],
  [1022, 'network', 'Molodenski-Badekas transformation'],
  [1023, 'network', 'Residuals on an ellipsoidal grid'],
  [1024, 'network', 'Residuals on a plane grid'],
  [1025, 'network', 'Projection parameters'],
  [1026, 'network', 'Projection parameters, Lambert conic conformal'],
  [1027, 'network', 'Projection parameters, oblique Mercator'],
  [1029, 'text', 'Unicode text'],
  [1030, 'network', 'GPS network residuals', 'GPS'],
  [1031, 'network', 'GLONASS network residuals', 'GLO'],
  [1032, 'network', 'Physical reference station position'],
  [1033, 'station', 'Receiver and antenna descriptors'],
  [1034, 'network', 'GPS network FKP gradients', 'GPS'],
  [1035, 'network', 'GLONASS network FKP gradients', 'GLO'],
  [1037, 'network', 'GLONASS ionospheric correction differences', 'GLO'],
  [1038, 'network', 'GLONASS geometric correction differences', 'GLO'],
  [1039, 'network', 'GLONASS combined correction differences', 'GLO'],
  [1041, 'ephemeris', 'NavIC ephemeris', 'IRN'],
  [1042, 'ephemeris', 'BeiDou ephemeris', 'BDS'],
  [1043, 'ephemeris', 'SBAS ephemeris', 'SBAS'],
  [1044, 'ephemeris', 'QZSS ephemeris', 'QZS'],
  [1045, 'ephemeris', 'Galileo F/NAV ephemeris', 'GAL'],
  [1046, 'ephemeris', 'Galileo I/NAV ephemeris', 'GAL'],
  [1230, 'station', 'GLONASS code-phase biases', 'GLO'],
  [1264, 'ssr', 'SSR ionosphere, spherical harmonics'],
  [1300, 'network', 'Service coordinate reference system'],
  [1301, 'network', 'Fifteen parameter transformation'],
  [1302, 'network', 'RTCM coordinate reference system'],
  [1303, 'network', 'BeiDou network residuals', 'BDS'],
  [1304, 'network', 'Galileo network residuals', 'GAL'],
  [1305, 'network', 'QZSS network residuals', 'QZS'],
  [4076, 'ssr', 'IGS SSR'],
];

/** The six SSR messages of one system come in one row of numbers, always in this order. */
const SSR_KINDS = ['orbit', 'clock', 'code bias', 'orbit and clock', 'URA', 'high rate clock'];

const SSR_BLOCKS: readonly (readonly [first: number, system: SatelliteSystem, name: string])[] = [
  [1057, 'GPS', 'GPS'],
  [1063, 'GLO', 'GLONASS'],
  [1240, 'GAL', 'Galileo'],
  [1246, 'QZS', 'QZSS'],
  [1252, 'SBAS', 'SBAS'],
  [1258, 'BDS', 'BeiDou'],
];

/** SSR phase biases, one number per system in this order (drafts that are in use). */
const SSR_PHASE_BIAS_FIRST = 1265;
const SSR_PHASE_BIAS_SYSTEMS: readonly SatelliteSystem[] = ['GPS', 'GLO', 'GAL', 'QZS', 'SBAS', 'BDS'];

/** MSM1 to MSM7 of a system are block + 1 to block + 7. */
const MSM_BLOCKS: readonly (readonly [block: number, system: SatelliteSystem, name: string])[] = [
  [1070, 'GPS', 'GPS'],
  [1080, 'GLO', 'GLONASS'],
  [1090, 'GAL', 'Galileo'],
  [1100, 'SBAS', 'SBAS'],
  [1110, 'QZS', 'QZSS'],
  [1120, 'BDS', 'BeiDou'],
  [1130, 'IRN', 'NavIC'],
];

const PROPRIETARY_FIRST = 4001;
const PROPRIETARY_LAST = 4095;

/** Owners of the proprietary numbers that are met in base streams. */
const PROPRIETARY_OWNERS: ReadonlyMap<number, string> = new Map([
  [4062, 'Swift Navigation'],
  [4063, 'CHCNAV'],
  [4065, 'Allystar'],
  [4068, 'Qianxun'],
  [4072, 'u-blox'],
  [4073, 'Mitsubishi Electric'],
  [4074, 'Unicore'],
  [4075, 'Alberding'],
  [4077, 'Hemisphere'],
  [4078, 'ComNav'],
  [4080, 'NavCom'],
  [4087, 'Fugro'],
  [4088, 'IfEN'],
  [4089, 'Septentrio'],
  [4090, 'Geo++'],
  [4091, 'Topcon'],
  [4092, 'Leica'],
  [4093, 'NovAtel'],
  [4094, 'Trimble'],
  [4095, 'Ashtech'],
]);

const UNKNOWN: MessageType = { name: 'Unknown', family: 'other' };

const TYPES = buildTypes();

function buildTypes(): readonly MessageType[] {
  const types: MessageType[] = new Array<MessageType>(4096).fill(UNKNOWN);
  for (let number = PROPRIETARY_FIRST; number <= PROPRIETARY_LAST; number++) {
    const owner = PROPRIETARY_OWNERS.get(number);
    types[number] = {
      name: owner === undefined ? 'Proprietary' : `Proprietary, ${owner}`,
      family: 'proprietary',
    };
  }
  for (const [first, system, systemName] of SSR_BLOCKS) {
    for (const [index, kind] of SSR_KINDS.entries()) {
      types[first + index] = { name: `SSR ${systemName} ${kind}`, family: 'ssr', system };
    }
  }
  for (const [index, system] of SSR_PHASE_BIAS_SYSTEMS.entries()) {
    types[SSR_PHASE_BIAS_FIRST + index] = { name: `SSR ${system} phase bias`, family: 'ssr', system };
  }
  for (const [block, system, systemName] of MSM_BLOCKS) {
    for (let level = 1; level <= 7; level++) {
      types[block + level] = { name: `${systemName} MSM${level}`, family: 'msm', system };
    }
  }
  for (const [number, family, name, system] of ROWS) {
    types[number] = system === undefined ? { name, family } : { name, family, system };
  }
  return types;
}

/** What a message number is; family 'other' for numbers that are unknown or out of range. */
export function messageType(messageNumber: number): MessageType {
  return TYPES[messageNumber] ?? UNKNOWN;
}

export function messageFamily(messageNumber: number): MessageFamily {
  return messageType(messageNumber).family;
}

/** The satellite system a message speaks of; undefined where it speaks of none or of several. */
export function systemOf(messageNumber: number): SatelliteSystem | undefined {
  return messageType(messageNumber).system;
}

/** MSM level 1..7 of a message number, 0 where it is no MSM. */
export function msmLevel(messageNumber: number): number {
  return messageFamily(messageNumber) === 'msm' ? messageNumber % 10 : 0;
}
