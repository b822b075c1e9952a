// What a live stream says about its base, for the sourcetable and the console: message rates, systems, carriers,
// position, antenna, receiver. It believes what is sent, not what a base was configured to send. Cheap per frame;
// it must never keep a view of a frame.
import { readUnsigned } from './bit-reader.ts';
import { CRC_BYTES, HEADER_BYTES, NO_MESSAGE_NUMBER, PAYLOAD_BIT_OFFSET } from './frame-layout.ts';
import { geodeticOfEcef } from './geodesy.ts';
import { MessageRates } from './message-rates.ts';
import { messageType, msmLevel } from './message-types.ts';
import { createObservationHeader, readObservationHeader } from './observation-header.ts';
import { SATELLITE_SYSTEMS, type SatelliteSystem } from './satellite-system.ts';
import { bandOf } from './signals.ts';
import { streamFormat, streamFormatDetails } from './sourcetable-format.ts';
import {
  decodeAntennaDescriptor,
  decodeReceiverDescriptor,
  decodeStationPosition,
  decodeSystemParameters,
} from './station-messages.ts';

/** NTRIP sourcetable, STR field "carrier": 0 none, 1 one frequency, 2 two or more. */
export type CarrierPhase = 0 | 1 | 2;

export interface StationFactsPosition {
  readonly latitudeDeg: number;
  readonly longitudeDeg: number;
  /** Of the antenna reference point above the WGS 84 ellipsoid. */
  readonly heightM: number;
  /** DF028; null where only 1005 is sent. */
  readonly antennaHeightM: number | null;
}

/** Plain data that can be posted to another thread. Null means that the stream has not said it. */
export interface StationFactsSnapshot {
  readonly frames: number;
  readonly bytes: number;
  readonly firstFrameMs: number | null;
  readonly lastFrameMs: number | null;
  /** Over the last ten seconds that are over, else over what there is. */
  readonly bitsPerSecond: number;
  /** As of streamFormat and streamFormatDetails. */
  readonly format: string;
  readonly formatDetails: string;
  /** In the order of the sourcetable; only systems of which observations with satellites came in the last minute. */
  readonly systems: readonly SatelliteSystem[];
  readonly carrier: CarrierPhase;
  readonly station: number | null;
  readonly position: StationFactsPosition | null;
  /** IGS antenna name; empty where the base sends an empty one. */
  readonly antenna: string | null;
  readonly antennaSerial: string | null;
  readonly receiver: string | null;
  readonly firmware: string | null;
  readonly receiverSerial: string | null;
  /** GPS - UTC as of 1013. */
  readonly leapSeconds: number | null;
  readonly framesByType: readonly { readonly messageNumber: number; readonly frames: number }[];
}

const OBSERVATION_MEMORY_MS = 60_000;
const BIT_RATE_WINDOW_MS = 10_000;

/** Carriers of the legacy observation messages. */
const LEGACY_CARRIER: ReadonlyMap<number, CarrierPhase> = new Map([
  [1001, 1],
  [1002, 1],
  [1003, 2],
  [1004, 2],
  [1009, 1],
  [1010, 1],
  [1011, 2],
  [1012, 2],
]);

/** MSM1 has code only. */
const MSM_LEVEL_WITH_PHASE_MIN = 2;

const MSM_MASKS_END_BYTES = HEADER_BYTES + 22;

/** What the last observations of one message number carried. */
interface Carried {
  lastMs: number;
  signalMask: number;
  carrier: CarrierPhase;
}

export class StationFacts {
  readonly #rates = new MessageRates();
  readonly #header = createObservationHeader();
  readonly #carried = new Map<number, Carried>();
  #frames = 0;
  #bytes = 0;
  #firstFrameMs: number | null = null;
  #lastFrameMs: number | null = null;
  #windowStartMs = 0;
  #windowBytes = 0;
  #bitsPerSecond: number | null = null;
  #station: number | null = null;
  #position: StationFactsPosition | null = null;
  #antenna: string | null = null;
  #antennaSerial: string | null = null;
  #receiver: string | null = null;
  #firmware: string | null = null;
  #receiverSerial: string | null = null;
  #leapSeconds: number | null = null;

  /** Takes note of the next valid frame. `nowMs` is any clock that does not go back. */
  observe(frame: Buffer, messageNumber: number, nowMs: number): void {
    this.#count(frame.length, nowMs);
    if (messageNumber === NO_MESSAGE_NUMBER) return;
    const header = this.#header;
    if (!readObservationHeader(frame, messageNumber, header)) {
      this.#rates.observe(messageNumber, nowMs, nowMs);
      this.#observeStation(frame, messageNumber);
      return;
    }
    this.#rates.observe(messageNumber, nowMs, header.epochKey);
    this.#station = header.station;
    const legacyCarrier = LEGACY_CARRIER.get(messageNumber);
    if (legacyCarrier === undefined) this.#observeMsm(frame, messageNumber, header.system, nowMs);
    else this.#carried.set(messageNumber, { lastMs: nowMs, signalMask: 0, carrier: legacyCarrier });
  }

  snapshot(nowMs: number): StationFactsSnapshot {
    const rates = this.#rates.list(nowMs);
    const recent = [...this.#carried].filter(
      ([, carried]) => nowMs - carried.lastMs <= OBSERVATION_MEMORY_MS,
    );
    const systems = new Set(recent.map(([messageNumber]) => messageType(messageNumber).system));
    return {
      frames: this.#frames,
      bytes: this.#bytes,
      firstFrameMs: this.#firstFrameMs,
      lastFrameMs: this.#lastFrameMs,
      bitsPerSecond: this.#bitRate(nowMs),
      format: streamFormat(rates.map((rate) => rate.messageNumber)),
      formatDetails: streamFormatDetails(rates),
      systems: SATELLITE_SYSTEMS.filter((system) => systems.has(system)),
      carrier: recent.reduce<CarrierPhase>((most, [, { carrier }]) => (carrier > most ? carrier : most), 0),
      station: this.#station,
      position: this.#position,
      antenna: this.#antenna,
      antennaSerial: this.#antennaSerial,
      receiver: this.#receiver,
      firmware: this.#firmware,
      receiverSerial: this.#receiverSerial,
      leapSeconds: this.#leapSeconds,
      framesByType: rates.map(({ messageNumber, frames }) => ({ messageNumber, frames })),
    };
  }

  #count(frameBytes: number, nowMs: number): void {
    if (this.#firstFrameMs === null) {
      this.#firstFrameMs = nowMs;
      this.#windowStartMs = nowMs;
    }
    const windowMs = nowMs - this.#windowStartMs;
    if (windowMs >= BIT_RATE_WINDOW_MS) {
      this.#bitsPerSecond = (this.#windowBytes * 8000) / windowMs;
      this.#windowStartMs = nowMs;
      this.#windowBytes = 0;
    }
    this.#lastFrameMs = nowMs;
    this.#frames++;
    this.#bytes += frameBytes;
    this.#windowBytes += frameBytes;
  }

  #bitRate(nowMs: number): number {
    const windowMs = nowMs - this.#windowStartMs;
    const current = windowMs > 0 ? (this.#windowBytes * 8000) / windowMs : 0;
    // A window that is over and was not closed by a frame means that the stream has gone quiet.
    const overdue = windowMs >= 2 * BIT_RATE_WINDOW_MS;
    return Math.round(this.#bitsPerSecond === null || overdue ? current : this.#bitsPerSecond);
  }

  #observeMsm(frame: Buffer, messageNumber: number, system: SatelliteSystem, nowMs: number): void {
    if (frame.length < MSM_MASKS_END_BYTES + CRC_BYTES) return;
    const satelliteOffset = PAYLOAD_BIT_OFFSET + 73;
    const satelliteMask =
      readUnsigned(frame, satelliteOffset, 32) + readUnsigned(frame, satelliteOffset + 32, 32);
    if (satelliteMask === 0) return;
    const signalMask = readUnsigned(frame, PAYLOAD_BIT_OFFSET + 137, 32);
    const carried = this.#carried.get(messageNumber);
    if (carried?.signalMask === signalMask) {
      carried.lastMs = nowMs;
      return;
    }
    const carrier = msmLevel(messageNumber) < MSM_LEVEL_WITH_PHASE_MIN ? 0 : carrierOf(system, signalMask);
    this.#carried.set(messageNumber, { lastMs: nowMs, signalMask, carrier });
  }

  #observeStation(frame: Buffer, messageNumber: number): void {
    switch (messageNumber) {
      case 1005:
      case 1006:
        this.#observePosition(frame);
        return;
      case 1007:
      case 1008: {
        const descriptor = decodeAntennaDescriptor(frame);
        if (descriptor === undefined) return;
        this.#antenna = descriptor.antenna;
        this.#antennaSerial = descriptor.antennaSerial ?? this.#antennaSerial;
        return;
      }
      case 1013:
        this.#leapSeconds = decodeSystemParameters(frame)?.leapSeconds ?? this.#leapSeconds;
        return;
      case 1033: {
        const descriptor = decodeReceiverDescriptor(frame);
        if (descriptor === undefined) return;
        this.#antenna = descriptor.antenna;
        this.#antennaSerial = descriptor.antennaSerial;
        this.#receiver = descriptor.receiver;
        this.#firmware = descriptor.firmware;
        this.#receiverSerial = descriptor.receiverSerial;
      }
    }
  }

  #observePosition(frame: Buffer): void {
    const message = decodeStationPosition(frame);
    if (message === undefined) return;
    this.#station = message.station;
    const { ecefXTenthMm, ecefYTenthMm, ecefZTenthMm, antennaHeightTenthMm } = message;
    const position = geodeticOfEcef(ecefXTenthMm / 10_000, ecefYTenthMm / 10_000, ecefZTenthMm / 10_000);
    if (position === undefined) return;
    // A base that sends both 1005 and 1006 has not lost its antenna height with the 1005.
    const antennaHeightM =
      antennaHeightTenthMm === null
        ? (this.#position?.antennaHeightM ?? null)
        : antennaHeightTenthMm / 10_000;
    this.#position = { ...position, antennaHeightM };
  }
}

/** 2 where the signals lie in two bands or more. */
function carrierOf(system: SatelliteSystem, signalMask: number): CarrierPhase {
  const bands = new Set<string>();
  for (let id = 1; id <= 32; id++) {
    if ((signalMask & (1 << (32 - id))) !== 0) bands.add(bandOf(system, id));
  }
  return bands.size > 1 ? 2 : 1;
}
