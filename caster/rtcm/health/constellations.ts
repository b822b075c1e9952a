// How many satellites and signals each system has in the epochs of a live stream, how many it usually has, and which
// systems have gone missing altogether.

import { readUnsigned } from '../bit-reader.ts';
import { CRC_BYTES, HEADER_BYTES, PAYLOAD_BIT_OFFSET } from '../frame-layout.ts';
import { readLegacyHeader } from '../legacy-header.ts';
import { messageFamily } from '../message-types.ts';
import { SATELLITE_SYSTEMS, type SatelliteSystem } from '../satellite-system.ts';

export interface SystemHealth {
  readonly system: SatelliteSystem;
  /** In the last epoch that has them; 0 while the system is lost. */
  readonly satellites: number;
  /** Kinds of signal, such as L1 C/A. */
  readonly signals: number;
  /** Over the last few hundred epochs; what was usual before while the system is lost. */
  readonly usualSatellites: number;
  readonly usualSignals: number;
  /** No satellite of it comes any more, and usually there are several. */
  readonly isLost: boolean;
}

/** Epochs that the usual numbers are the mean of, about. */
const EPOCHS_AVERAGED = 300;
/** A system is known after so many epochs. */
const EPOCHS_KNOWN = 10;
/** Fewer set one after the other without a fault: QZSS and SBAS do. */
const SATELLITES_LOST_MIN = 4;
/** Lost is what is missing for so long, and for so many epochs or times as long as it is usually between two of its. */
const LOST_MS = 10_000;
const LOST_EPOCHS = 5;
const LOST_SPACINGS = 3;
/** A system is back with so many epochs in a row. */
const BACK_EPOCHS = 3;

const MSM_MASKS_BIT = PAYLOAD_BIT_OFFSET + 73;
const MSM_FRAME_BYTES_MIN = HEADER_BYTES + 22 + CRC_BYTES;
/** DF009 from here on is an SBAS satellite: 40 is PRN 120, whose MSM id is 1. */
const LEGACY_SBAS_FIRST = 40;
const TWO_FREQUENCIES = [1003, 1004, 1011, 1012];
const SBAS = SATELLITE_SYSTEMS.indexOf('SBAS');

interface System {
  /** In the open epoch: satellites 1..32 and 33..64, signals, and frequencies of legacy messages. */
  high: number;
  low: number;
  signalMask: number;
  frequencies: number;
  /** Epochs that had it, and of how many epochs and at what time the last one was. */
  epochs: number;
  inARow: number;
  lastEpoch: number;
  lastMs: number;
  satellites: number;
  signals: number;
  usualSatellites: number;
  usualSignals: number;
  /** Epochs from one that has it to the next. */
  usualSpacing: number;
  isLost: boolean;
}

export class Constellations {
  /** In the order of SATELLITE_SYSTEMS. */
  readonly #systems: readonly System[] = SATELLITE_SYSTEMS.map(() => emptySystem());
  #epoch = 0;

  /** Takes an observation of the open epoch. */
  take(frame: Uint8Array, messageNumber: number, system: SatelliteSystem): void {
    const entry = this.#systems[SATELLITE_SYSTEMS.indexOf(system)]!;
    if (messageFamily(messageNumber) !== 'msm') {
      this.#takeLegacy(frame, messageNumber, entry);
    } else if (frame.length >= MSM_FRAME_BYTES_MIN) {
      entry.high |= readUnsigned(frame, MSM_MASKS_BIT, 32);
      entry.low |= readUnsigned(frame, MSM_MASKS_BIT + 32, 32);
      entry.signalMask |= readUnsigned(frame, MSM_MASKS_BIT + 64, 32);
    }
  }

  /** The open epoch is complete. `streamMs` is how far the stream has gone, on a scale that does not go back. */
  endEpoch(streamMs: number): void {
    this.#epoch++;
    for (const entry of this.#systems) {
      if ((entry.high | entry.low) !== 0) settle(entry, this.#epoch, streamMs);
      else if (entry.epochs > 0) miss(entry, this.#epoch, streamMs);
    }
  }

  /** Those that have been there, in the order of the sourcetable. */
  systems(): SystemHealth[] {
    return SATELLITE_SYSTEMS.flatMap((system, index) => {
      const { epochs, satellites, signals, usualSatellites, usualSignals, isLost } = this.#systems[index]!;
      if (epochs === 0) return [];
      return [{ system, satellites, signals, usualSatellites, usualSignals, isLost }];
    });
  }

  #takeLegacy(frame: Uint8Array, messageNumber: number, own: System): void {
    const header = readLegacyHeader(frame);
    if (header === undefined) return;
    const frequencies = TWO_FREQUENCIES.includes(messageNumber) ? 2 : 1;
    for (let index = 0; index < header.satelliteCount; index++) {
      const id = readUnsigned(frame, header.dataBitOffset + index * header.satelliteBits, 6);
      const isSbas = header.system === 'GPS' && id >= LEGACY_SBAS_FIRST;
      const entry = isSbas ? this.#systems[SBAS]! : own;
      const bit = (isSbas ? id - LEGACY_SBAS_FIRST : id - 1) & 63;
      if (bit < 32) entry.high |= 1 << (31 - bit);
      else entry.low |= 1 << (63 - bit);
      entry.frequencies = Math.max(entry.frequencies, isSbas ? 1 : frequencies);
    }
  }
}

function emptySystem(): System {
  return {
    ...{ high: 0, low: 0, signalMask: 0, frequencies: 0, epochs: 0, inARow: 0, lastEpoch: 0, lastMs: 0 },
    ...{ satellites: 0, signals: 0, usualSatellites: 0, usualSignals: 0, usualSpacing: 1, isLost: false },
  };
}

/** The epoch has satellites of the system. */
function settle(entry: System, epoch: number, streamMs: number): void {
  entry.satellites = bitsSet(entry.high) + bitsSet(entry.low);
  entry.signals = Math.max(bitsSet(entry.signalMask), entry.frequencies);
  entry.high = entry.low = entry.signalMask = entry.frequencies = 0;
  entry.epochs++;
  entry.inARow++;
  const share = 1 / Math.min(entry.epochs, EPOCHS_AVERAGED);
  entry.usualSatellites += (entry.satellites - entry.usualSatellites) * share;
  entry.usualSignals += (entry.signals - entry.usualSignals) * share;
  if (entry.isLost) entry.isLost = entry.inARow < BACK_EPOCHS;
  else if (entry.epochs > 1) entry.usualSpacing += (epoch - entry.lastEpoch - entry.usualSpacing) * share;
  entry.lastEpoch = epoch;
  entry.lastMs = streamMs;
}

function miss(entry: System, epoch: number, streamMs: number): void {
  const epochsAway = epoch - entry.lastEpoch;
  // A system that comes with every fifth epoch is back, too.
  if (epochsAway > LOST_SPACINGS * entry.usualSpacing) entry.inARow = 0;
  const isAway =
    streamMs - entry.lastMs >= LOST_MS &&
    epochsAway >= Math.max(LOST_EPOCHS, LOST_SPACINGS * entry.usualSpacing);
  if (!isAway) return;
  entry.satellites = entry.signals = 0;
  entry.isLost ||= entry.epochs >= EPOCHS_KNOWN && entry.usualSatellites >= SATELLITES_LOST_MIN;
}

function bitsSet(word: number): number {
  const pairs = word - ((word >>> 1) & 0x5555_5555);
  const fours = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333);
  return (((fours + (fours >>> 4)) & 0x0f0f_0f0f) * 0x0101_0101) >>> 24;
}
