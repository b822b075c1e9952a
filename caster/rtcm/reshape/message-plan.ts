// What becomes of each message number under a shape. This needs the number alone and is worked out once per number.
//
//   drop       a number that the lists do not want, or that speaks of a constellation that is not wanted
//   pass       everything that is no observation, known or not: it goes out byte for byte
//   position   1005, 1006: the flags of what the station offers lose the constellations that are dropped
//   msm        goes out at `levelOut` with the signals of `signalMask`
//   legacy     goes out as `numberOut`: 1004, 1003, 1012, 1011 lose their second band where it is not wanted
import { messageType } from '../message-types.ts';
import { type SatelliteSystem } from '../satellite-system.ts';
import { type Band, bandOf } from '../signals.ts';
import { type Shape } from './shape.ts';

export interface MsmPlan {
  readonly kind: 'msm';
  readonly level: number;
  readonly levelOut: number;
  /** As DF395: the highest bit is signal 1. */
  readonly signalMask: number;
}

export interface LegacyPlan {
  readonly kind: 'legacy';
  readonly numberOut: number;
  /** GPS messages carry SBAS satellites too (DF009 40 to 58). */
  readonly keepsOwn: boolean;
  readonly keepsSbas: boolean;
}

export interface PositionPlan {
  readonly kind: 'position';
  /** Of the flags DF022, DF023, DF024 (GPS, GLONASS, Galileo; the highest bit is GPS) those that are cleared. */
  readonly clearedFlags: number;
}

export type MessagePlan =
  { readonly kind: 'drop' } | { readonly kind: 'pass' } | PositionPlan | MsmPlan | LegacyPlan;

const DROP: MessagePlan = { kind: 'drop' };
const PASS: MessagePlan = { kind: 'pass' };

const GLONASS_EPHEMERIS = 1020;
const MSM_LEVEL_WITH_CHANNELS = 5;
const FLAGGED_SYSTEMS: readonly SatelliteSystem[] = ['GPS', 'GLO', 'GAL'];

/** Messages with a second band -> the same without it. */
const FIRST_BAND_ONLY: ReadonlyMap<number, number> = new Map([
  [1003, 1001],
  [1004, 1002],
  [1011, 1009],
  [1012, 1010],
]);

/** `messageNumber` may be NO_MESSAGE_NUMBER: filler passes, but no list keeps it. */
export function planMessage(shape: Shape, messageNumber: number): MessagePlan {
  const { family, system } = messageType(messageNumber);
  if (family === 'legacy-observation') return planLegacy(shape, messageNumber, system!);
  if (system !== undefined && !keepsSystem(shape, system)) return DROP;
  if (family === 'msm') return planMsm(shape, messageNumber, system!);
  if (!isWanted(shape, messageNumber, messageNumber)) return DROP;
  return messageNumber === 1005 || messageNumber === 1006 ? planPosition(shape) : PASS;
}

/** The level that a message of `level` has with at most `levelMax`. MSM6 has no rates and so becomes no MSM5. */
export function loweredLevel(level: number, levelMax: number): number {
  if (level <= levelMax) return level;
  return level === 6 ? 4 : levelMax;
}

function planMsm(shape: Shape, messageNumber: number, system: SatelliteSystem): MessagePlan {
  const level = messageNumber % 10;
  const signalMask = signalMaskOf(shape, system);
  if (signalMask === 0) return DROP;
  for (const levelOut of levelsOut(shape, system, level)) {
    const numberOut = messageNumber - level + levelOut;
    if (isWanted(shape, messageNumber, numberOut)) return { kind: 'msm', level, levelOut, signalMask };
  }
  return DROP;
}

/** The levels that a message may go out at, the one to prefer first. */
function levelsOut(shape: Shape, system: SatelliteSystem, level: number): number[] {
  const lowered = loweredLevel(level, shape.msmLevelMax ?? 7);
  const losesChannels =
    system === 'GLO' && lowered === 4 && (level === MSM_LEVEL_WITH_CHANNELS || level === 7);
  if (!losesChannels) return [lowered];
  const ephemeridesDropped = !isWanted(shape, GLONASS_EPHEMERIS, GLONASS_EPHEMERIS);
  // A list that names 1084 alone is a wish of its own.
  return shape.glonassChannelsKept === true || ephemeridesDropped
    ? [MSM_LEVEL_WITH_CHANNELS, lowered]
    : [lowered];
}

function planLegacy(shape: Shape, messageNumber: number, system: SatelliteSystem): MessagePlan {
  const keepsOwn = keepsSystem(shape, system);
  const keepsSbas = system === 'GPS' && keepsSystem(shape, 'SBAS');
  const [first, second]: readonly [Band, Band] = system === 'GPS' ? ['L1', 'L2'] : ['G1', 'G2'];
  // Everything in these messages is told relative to the first band.
  if (!(keepsOwn || keepsSbas) || !keepsBand(shape, first)) return DROP;
  const numberOut = keepsBand(shape, second)
    ? messageNumber
    : (FIRST_BAND_ONLY.get(messageNumber) ?? messageNumber);
  if (!isWanted(shape, messageNumber, numberOut)) return DROP;
  return { kind: 'legacy', numberOut, keepsOwn, keepsSbas };
}

function planPosition(shape: Shape): MessagePlan {
  const clearedFlags = FLAGGED_SYSTEMS.reduce(
    (flags, system, index) => flags | (keepsSystem(shape, system) ? 0 : 4 >>> index),
    0,
  );
  return clearedFlags === 0 ? PASS : { kind: 'position', clearedFlags };
}

function signalMaskOf(shape: Shape, system: SatelliteSystem): number {
  if (shape.bands === undefined) return -1;
  let mask = 0;
  for (let id = 1; id <= 32; id++) if (keepsBand(shape, bandOf(system, id))) mask |= 1 << (32 - id);
  return mask;
}

function keepsSystem(shape: Shape, system: SatelliteSystem): boolean {
  return shape.constellations?.includes(system) ?? true;
}

function keepsBand(shape: Shape, band: Band): boolean {
  return shape.bands === undefined || (band !== 'other' && shape.bands.includes(band));
}

function isWanted({ messagesKept, messagesDropped }: Shape, numberIn: number, numberOut: number): boolean {
  const names = (list: readonly number[]): boolean => list.includes(numberIn) || list.includes(numberOut);
  return (messagesKept === undefined || names(messagesKept)) && !(messagesDropped && names(messagesDropped));
}
