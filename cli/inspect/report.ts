// What `rovercast inspect` finds, as plain data: the same as its JSON output. Null means that the stream does not say.
// Epoch times are milliseconds of the GPS day, whatever scale the messages use.

import { type MessageFamily } from '../../caster/rtcm/message-types.ts';
import { type SatelliteSystem } from '../../caster/rtcm/satellite-system.ts';
import { type Band } from '../../caster/rtcm/signals.ts';
import { type Interval } from './interval-histogram.ts';

export interface StreamReport {
  readonly bytes: number;
  readonly frames: number;
  /** Frames with a right CRC and a payload too short for a message number, such as filler. */
  readonly emptyFrames: number;
  /** Bytes that belong to no valid frame: noise, other formats, damaged frames. */
  readonly bytesOutsideFrames: number;
  /** What looked like a frame and had a wrong CRC. */
  readonly crcErrors: number;
  /** Bytes of a frame whose end is missing at the end. */
  readonly unfinishedBytes: number;
  /** From the first epoch to the end of the last by its interval; of a live stream the time it was watched. */
  readonly durationMs: number | null;
  readonly bitsPerSecond: number | null;
  readonly stations: readonly StationReport[];
  readonly epochs: EpochReport | null;
  readonly systems: readonly SystemReport[];
  readonly messages: readonly MessageReport[];
  readonly ephemerides: readonly EphemerisReport[];
  readonly texts: readonly string[];
  /** Only for a stream that was received live. */
  readonly live: LiveReport | null;
}

export interface MessageReport {
  /** DF002. */
  readonly message: number;
  readonly name: string;
  readonly family: MessageFamily;
  readonly system: SatelliteSystem | null;
  readonly count: number;
  readonly bytes: number;
  /** Epochs in which it came; null for messages that carry no epoch. */
  readonly epochs: number | null;
  /** The usual time between two sendings. */
  readonly intervalMs: number | null;
  readonly intervals: readonly Interval[];
}

export interface EpochReport {
  readonly count: number;
  readonly firstGpsDayMs: number;
  readonly lastGpsDayMs: number;
  /** The usual time between two epochs. */
  readonly intervalMs: number | null;
  readonly intervals: readonly Interval[];
  /** By the usual interval, from first to last. */
  readonly missing: number;
  /** count / (count + missing), 0 to 1. */
  readonly completeness: number;
  readonly gapCount: number;
  /** The longest, in the order in which they came. */
  readonly gaps: readonly Gap[];
  /** How often time went back: recordings put together, or a base that was set. */
  readonly backwardSteps: number;
  /** Epochs of which no message says that it is the last (DF393, DF005): receivers wait for the rest, or lose them. */
  readonly unfinished: number;
  /** Systems whose time is not that of the others: wrong leap seconds, or another time scale. */
  readonly systemsApart: readonly SystemApart[];
  /** Messages behind one that said to be the last of its epoch: receivers may take them for another epoch. */
  readonly afterLast: number;
}

export interface SystemApart {
  readonly system: SatelliteSystem;
  /** By how much it is late in the last of these epochs; negative where early. */
  readonly offsetMs: number;
  readonly epochs: number;
}

export interface Gap {
  readonly afterGpsDayMs: number;
  readonly lengthMs: number;
  readonly missing: number;
}

export interface SystemReport {
  readonly system: SatelliteSystem;
  /** 1 to 7; 0 stands for the legacy messages. */
  readonly msmLevels: readonly number[];
  readonly messages: readonly number[];
  /** Epochs with at least one satellite. */
  readonly epochs: number;
  /** All that were seen, as the messages number them. */
  readonly satellites: readonly SatelliteReport[];
  /** Per epoch with at least one. */
  readonly satellitesPerEpoch: { readonly min: number; readonly mean: number; readonly max: number } | null;
  /** MSM only; the legacy messages name no signals. */
  readonly signals: readonly SignalReport[];
  readonly bands: readonly Band[];
  /** How often the receiver lost the carrier of a signal: its lock time fell back (DF402, DF407 and the like). */
  readonly cycleSlips: number;
}

export interface SatelliteReport {
  readonly id: number;
  /** RINEX name, such as G05. */
  readonly name: string;
  /** Messages in which it was. */
  readonly messages: number;
}

export interface SignalReport {
  /** DF395. */
  readonly id: number;
  /** RINEX band and attribute; null for ids that are not agreed upon. */
  readonly code: string | null;
  readonly band: Band;
  /** Observations of one satellite in one message (DF396). */
  readonly cells: number;
  readonly satellites: number;
}

export interface StationReport {
  /** DF003. */
  readonly id: number;
  readonly frames: number;
  readonly position: PositionReport | null;
  /** How often another position was sent. */
  readonly positionChanges: number;
  readonly antenna: string | null;
  readonly antennaSerial: string | null;
  readonly receiver: string | null;
  readonly firmware: string | null;
  readonly receiverSerial: string | null;
  /** 1230; null where it was not sent. */
  readonly glonassBiasesM: GlonassBiasReport | null;
}

export interface PositionReport {
  readonly ecefM: { readonly x: number; readonly y: number; readonly z: number };
  /** Null at the center of the Earth, where receivers without a position are. */
  readonly latitudeDeg: number | null;
  readonly longitudeDeg: number | null;
  readonly ellipsoidalHeightM: number | null;
  /** DF028, of the reference point above the marker; null where only 1005 is sent. */
  readonly antennaHeightM: number | null;
  readonly itrfYear: number;
  readonly virtualStation: boolean;
}

export interface GlonassBiasReport {
  readonly aligned: boolean;
  readonly l1Ca: number | null;
  readonly l1P: number | null;
  readonly l2Ca: number | null;
  readonly l2P: number | null;
}

export interface EphemerisReport {
  readonly message: number;
  readonly name: string;
  readonly system: SatelliteSystem | null;
  readonly count: number;
  readonly satellites: readonly number[];
}

export interface LiveReport {
  readonly watchedMs: number;
  /** Between the caster's consent and the first whole frame. */
  readonly firstFrameAfterMs: number | null;
  /** Age of an epoch when its last message came, by this machine's clock. */
  readonly ageMs: { readonly min: number; readonly median: number; readonly max: number } | null;
  /** Epochs that came more than a usual interval later than most. */
  readonly late: number;
  readonly longestSilenceMs: number;
}
