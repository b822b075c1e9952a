// What the stations of a stream say about themselves, by station id. A stream may change its base, and network streams
// carry several.

import { readUnsigned } from '../../caster/rtcm/bit-reader.ts';
import { CRC_BYTES, HEADER_BYTES, PAYLOAD_BIT_OFFSET } from '../../caster/rtcm/frame-layout.ts';
import { geodeticOfEcef } from '../../caster/rtcm/geodesy.ts';
import { type MessageFamily } from '../../caster/rtcm/message-types.ts';
import {
  decodeAntennaDescriptor,
  decodeGlonassBiases,
  decodeReceiverDescriptor,
  decodeStationPosition,
  type GlonassBias,
  type StationPosition,
} from '../../caster/rtcm/station-messages.ts';
import { type PositionReport, type StationReport } from './report.ts';

/** Station ids that are told apart; a stream with more is broken. */
const STATIONS_MAX = 256;

const FAMILIES_WITH_STATION: readonly MessageFamily[] = ['msm', 'legacy-observation', 'station', 'text'];

type Station = { -readonly [Name in keyof StationReport]: StationReport[Name] };

export class StationStatistics {
  readonly #stations = new Map<number, Station>();

  take(frame: Buffer, messageNumber: number, family: MessageFamily): void {
    if (!FAMILIES_WITH_STATION.includes(family) || frame.length < HEADER_BYTES + 3 + CRC_BYTES) return;
    const station = this.#stationOf(readUnsigned(frame, PAYLOAD_BIT_OFFSET + 12, 12));
    if (station === undefined) return;
    station.frames++;
    if (family === 'station') takeFacts(station, frame, messageNumber);
  }

  /** By id. */
  report(): StationReport[] {
    return [...this.#stations.values()].sort((a, b) => a.id - b.id);
  }

  #stationOf(id: number): Station | undefined {
    const known = this.#stations.get(id);
    if (known !== undefined || this.#stations.size >= STATIONS_MAX) return known;
    const station: Station = {
      id,
      frames: 0,
      position: null,
      positionChanges: 0,
      antenna: null,
      antennaSerial: null,
      receiver: null,
      firmware: null,
      receiverSerial: null,
      glonassBiasesM: null,
    };
    this.#stations.set(id, station);
    return station;
  }
}

function takeFacts(station: Station, frame: Buffer, messageNumber: number): void {
  switch (messageNumber) {
    case 1005:
    case 1006: {
      const message = decodeStationPosition(frame);
      if (message !== undefined) takePosition(station, message);
      return;
    }
    case 1007:
    case 1008: {
      const descriptor = decodeAntennaDescriptor(frame);
      station.antenna = descriptor?.antenna ?? station.antenna;
      station.antennaSerial = descriptor?.antennaSerial ?? station.antennaSerial;
      return;
    }
    case 1033: {
      const descriptor = decodeReceiverDescriptor(frame);
      if (descriptor === undefined) return;
      const { antenna, antennaSerial, receiver, firmware, receiverSerial } = descriptor;
      Object.assign(station, { antenna, antennaSerial, receiver, firmware, receiverSerial });
      return;
    }
    case 1230: {
      const biases = decodeGlonassBiases(frame);
      if (biases === undefined) return;
      station.glonassBiasesM = {
        aligned: biases.aligned,
        l1Ca: biasM(biases.l1Ca2Cm),
        l1P: biasM(biases.l1P2Cm),
        l2Ca: biasM(biases.l2Ca2Cm),
        l2P: biasM(biases.l2P2Cm),
      };
    }
  }
}

function takePosition(station: Station, message: StationPosition): void {
  const ecefM = {
    x: message.ecefXTenthMm / 10_000,
    y: message.ecefYTenthMm / 10_000,
    z: message.ecefZTenthMm / 10_000,
  };
  const before = station.position;
  if (before !== null && !isSamePlace(before.ecefM, ecefM)) station.positionChanges++;
  const geodetic = geodeticOfEcef(ecefM.x, ecefM.y, ecefM.z);
  const antennaHeight = message.antennaHeightTenthMm;
  station.position = {
    ecefM,
    latitudeDeg: geodetic?.latitudeDeg ?? null,
    longitudeDeg: geodetic?.longitudeDeg ?? null,
    ellipsoidalHeightM: geodetic?.heightM ?? null,
    // A base that sends both 1005 and 1006 has not lost its antenna height with the 1005.
    antennaHeightM: antennaHeight === null ? (before?.antennaHeightM ?? null) : antennaHeight / 10_000,
    itrfYear: message.itrfYear,
    virtualStation: message.virtualStation,
  };
}

function isSamePlace(a: PositionReport['ecefM'], b: PositionReport['ecefM']): boolean {
  return a.x === b.x && a.y === b.y && a.z === b.z;
}

/** -32768 is "invalid". */
function biasM(bias: GlonassBias): number | null {
  return bias === null || bias === -32_768 ? null : bias / 50;
}
