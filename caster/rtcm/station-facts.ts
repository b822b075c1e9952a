// What a live stream says about its base, for the sourcetable and the console: message rates, systems, carriers,
// position, antenna, receiver. It believes what is sent, not what a base was configured to send. Cheap per frame;
// it must never keep a view of a frame.
import { bitCount, readUnsigned } from './bit-reader.ts';
import { CRC_BYTES, HEADER_BYTES, NO_MESSAGE_NUMBER, PAYLOAD_BIT_OFFSET } from './frame-layout.ts';
import { geodeticOfEcef } from './geodesy.ts';
import { type CarrierPhase, legacyCarrier, msmCarrier } from './carrier-phase.ts';
import { MessageRates } from './message-rates.ts';
import { messageType } from './message-types.ts';
import { createObservationHeader, readObservationHeader } from './observation-header.ts';
import { SATELLITE_SYSTEMS, type SatelliteSystem } from './satellite-system.ts';
import { streamFormat, streamFormatDetails } from './sourcetable-format.ts';
import {
  decodeAntennaDescriptor,
  decodeReceiverDescriptor,
  decodeStationPosition,
  decodeSystemParameters,
} from './station-messages.ts';

export interface StationFactsPosition {
  readonly latitudeDeg: number;
  readonly longitudeDeg: number;
  /** Of the antenna reference point above the WGS 84 ellipsoid. */
  readonly heightM: number;
  /** DF028; null where only 1005 is sent. */
  readonly antennaHeightM: number | null;
}

/** What has come of one message number. */
export interface MessageFacts {
  readonly messageNumber: number;
  readonly frames: number;
  readonly bytes: number;
  /** Mean time between sendings; null until there were two. */
  readonly intervalMs: number | null;
  /** Of the last observation that had satellites; null where none came in the last minute. */
  readonly observed: ObservedSignals | null;
}

export interface ObservedSignals {
  /** As DF395; 0 of a legacy message. */
  readonly signalMask: number;
  /** 0 of a legacy message. */
  readonly satellites: number;
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
  /** Of the numbers that are still coming, ascending. */
  readonly messages: readonly MessageFacts[];
}

const OBSERVATION_MEMORY_MS = 60_000;
const BIT_RATE_WINDOW_MS = 10_000;

const MSM_MASKS_END_BYTES = HEADER_BYTES + 22;

const NO_MASKS = { signalMask: 0, satellitesHigh: 0, satellitesLow: 0 } as const;

/** What the last observations of one message number carried. */
interface Carried {
  lastMs: number;
  signalMask: number;
  /** DF394, its two halves. */
  satellitesHigh: number;
  satellitesLow: number;
  carrier: CarrierPhase;
}

export class StationFacts {
  readonly #rates = new MessageRates();
  readonly #header = createObservationHeader();
  readonly #carried = new Map<number, Carried>();
  readonly #bytesOf = new Map<number, number>();
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
    this.#bytesOf.set(messageNumber, (this.#bytesOf.get(messageNumber) ?? 0) + frame.length);
    const header = this.#header;
    if (!readObservationHeader(frame, messageNumber, header)) {
      this.#rates.observe(messageNumber, nowMs, nowMs);
      this.#observeStation(frame, messageNumber);
      return;
    }
    this.#rates.observe(messageNumber, nowMs, header.epochKey);
    this.#station = header.station;
    const carrier = legacyCarrier(messageNumber);
    if (carrier === undefined) this.#observeMsm(frame, messageNumber, header.system, nowMs);
    else this.#carried.set(messageNumber, { lastMs: nowMs, ...NO_MASKS, carrier });
  }

  snapshot(nowMs: number): StationFactsSnapshot {
    const rates = this.#rates.list(nowMs);
    const recent = new Map(
      [...this.#carried].filter(([, carried]) => nowMs - carried.lastMs <= OBSERVATION_MEMORY_MS),
    );
    const systems = new Set([...recent.keys()].map((messageNumber) => messageType(messageNumber).system));
    return {
      frames: this.#frames,
      bytes: this.#bytes,
      firstFrameMs: this.#firstFrameMs,
      lastFrameMs: this.#lastFrameMs,
      bitsPerSecond: this.#bitRate(nowMs),
      format: streamFormat(rates.map((rate) => rate.messageNumber)),
      formatDetails: streamFormatDetails(rates),
      systems: SATELLITE_SYSTEMS.filter((system) => systems.has(system)),
      carrier: [...recent.values()].reduce<CarrierPhase>(
        (most, { carrier }) => (carrier > most ? carrier : most),
        0,
      ),
      station: this.#station,
      position: this.#position,
      antenna: this.#antenna,
      antennaSerial: this.#antennaSerial,
      receiver: this.#receiver,
      firmware: this.#firmware,
      receiverSerial: this.#receiverSerial,
      leapSeconds: this.#leapSeconds,
      messages: rates.map((rate) => ({
        ...rate,
        bytes: this.#bytesOf.get(rate.messageNumber) ?? 0,
        observed: observedSignals(recent.get(rate.messageNumber)),
      })),
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
    const satellitesHigh = readUnsigned(frame, satelliteOffset, 32);
    const satellitesLow = readUnsigned(frame, satelliteOffset + 32, 32);
    if (satellitesHigh === 0 && satellitesLow === 0) return;
    const signalMask = readUnsigned(frame, PAYLOAD_BIT_OFFSET + 137, 32);
    const carried = this.#carried.get(messageNumber);
    if (carried?.signalMask === signalMask) {
      carried.lastMs = nowMs;
      carried.satellitesHigh = satellitesHigh;
      carried.satellitesLow = satellitesLow;
      return;
    }
    const carrier = msmCarrier(messageNumber, system, signalMask);
    const masks = { signalMask, satellitesHigh, satellitesLow };
    this.#carried.set(messageNumber, { lastMs: nowMs, ...masks, carrier });
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

function observedSignals(carried: Carried | undefined): ObservedSignals | null {
  if (carried === undefined) return null;
  const { signalMask, satellitesHigh, satellitesLow } = carried;
  return { signalMask, satellites: bitCount(satellitesHigh) + bitCount(satellitesLow) };
}
