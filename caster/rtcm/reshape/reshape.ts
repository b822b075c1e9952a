// HOT: bench/micro/rtcm-reshape.bench.ts
// Makes of a mountpoint's stream the one that a service spec asks for, epoch by epoch. It keeps the order of the frames,
// never changes a measured value but by the rounding of lower-level.ts, and hands on no frame that is not whole.
//
//   observations    those the shape does not want go; satellites that no signal is left of go; messages that no satellite
//                   is left of go. What needs no change goes out byte for byte
//   undecodable     an observation that the codec refuses goes out in no shape: a receiver cannot read it either, and it
//                   might be the one that closes the epoch
//   repeated        of a constellation that the base sends at several levels, levels above the highest wanted are lowered
//                   only where none is sent at or below it; of two above, the higher one. A message without any of the
//                   signals that are wanted takes nobody's place
//   split           the parts of a message are messages like any other
//   last bit        exactly one observation of each station in an epoch, its last, says that no more will come,
//                   whatever the base said. This holds for each part that the assembler had to cut an epoch into
//   everything else goes out untouched, unknown numbers too, unless the lists or the constellations drop it. It goes out
//                   with epochs that decimation drops as well
//
// One reshape belongs to one stream, since it remembers its epochs and lock times; the scratch space is shared.
import { decodeLegacy, encodeLegacy } from '../codec/legacy-codec.ts';
import { createLegacyObservations } from '../codec/legacy-observations.ts';
import { createMsmCells } from '../codec/msm-cells.ts';
import { decodeMsm, signalMaskAt } from '../codec/msm-decoder.ts';
import { encodeMsm } from '../codec/msm-encoder.ts';
import { type EncodeRefusal } from '../codec/refusals.ts';
import { type AssembledEpoch } from '../epoch-assembler.ts';
import { createObservationHeader, readObservationHeader } from '../observation-header.ts';
import { type SatelliteSystem } from '../satellite-system.ts';
import { Decimation } from './decimation.ts';
import { clearOfferedSystems } from './frame-flags.ts';
import { keepSatellites } from './keep-satellites.ts';
import { keepSignals } from './keep-signals.ts';
import { LockMemory } from './lock-memory.ts';
import { lowerLevel } from './lower-level.ts';
import { type LegacyPlan, type MessagePlan, type MsmPlan, planMessage } from './message-plan.ts';
import { OutgoingFrames } from './outgoing-frames.ts';
import { type Shape } from './shape.ts';

export interface Reshape {
  /**
   * The next epoch of the stream in its new shape: `epoch` itself where nothing is different, undefined where nothing is
   * left of it.
   */
  take(epoch: AssembledEpoch): AssembledEpoch | undefined;
}

export function makeReshape(shape: Shape): Reshape {
  return new StreamReshape(shape);
}

/** Scratch space of whichever reshape is at work on this thread. */
const cells = createMsmCells();
const observations = createLegacyObservations();
const header = createObservationHeader();
const outgoing = new OutgoingFrames();

/** Stations, and message numbers of stations, that one stream is remembered for; a base has one and about ten. */
const STATIONS_MAX = 16;
const LOCK_MEMORIES_MAX = 64;

const TIME_RANK_BEST = 3;

class StreamReshape implements Reshape {
  readonly #shape: Shape;
  readonly #plans = new Map<number, MessagePlan>();
  /** By station and block of MSM numbers: one bit for each level that the epoch has and the shape keeps. */
  readonly #levels = new Map<number, number>();
  readonly #decimations = new Map<number, Decimation>();
  readonly #lockMemories = new Map<number, LockMemory>();

  constructor(shape: Shape) {
    this.#shape = shape;
  }

  take(epoch: AssembledEpoch): AssembledEpoch | undefined {
    if (this.#lockMemories.size >= LOCK_MEMORIES_MAX) this.#lockMemories.clear();
    const goesOut = this.#survey(epoch);
    outgoing.begin(epoch.bytes.length);
    let start = 0;
    for (let index = 0; index < epoch.frameCount; index++) {
      const end = epoch.frameEnds[index]!;
      this.#put(epoch.bytes, start, end, epoch.messageNumbers[index]!, goesOut);
      start = end;
    }
    return outgoing.finish(epoch);
  }

  /** Finds out what has to be known of an epoch before its first frame, and returns whether its observations go out. */
  #survey(epoch: AssembledEpoch): boolean {
    const { intervalS, msmLevelMax } = this.#shape;
    if (!epoch.observation) return true;
    if (msmLevelMax !== undefined) this.#noteLevels(epoch);
    return intervalS === undefined || this.#isWantedAt(epoch, intervalS);
  }

  #noteLevels(epoch: AssembledEpoch): void {
    this.#levels.clear();
    let start = 0;
    for (let index = 0; index < epoch.frameCount; index++) {
      const messageNumber = epoch.messageNumbers[index]!;
      const plan = this.#planOf(messageNumber);
      const end = epoch.frameEnds[index]!;
      if (plan.kind === 'msm' && (signalMaskAt(epoch.bytes, start, end) & plan.signalMask) !== 0) {
        const station = ((epoch.bytes[start + 4]! & 15) << 8) | epoch.bytes[start + 5]!;
        const key = levelKey(messageNumber, station);
        this.#levels.set(key, (this.#levels.get(key) ?? 0) | (1 << plan.level));
      }
      start = end;
    }
  }

  #isWantedAt(epoch: AssembledEpoch, intervalS: number): boolean {
    let station = 0;
    let timeMs = epoch.gpsDayMs;
    let timeRank = 0;
    let start = 0;
    for (let index = 0; index < epoch.frameCount; index++) {
      const end = epoch.frameEnds[index]!;
      const frame = epoch.bytes.subarray(start, end);
      start = end;
      if (!readObservationHeader(frame, epoch.messageNumbers[index]!, header)) continue;
      const rank = timeRankOf(header.system);
      if (rank <= timeRank) continue;
      station = timeRank === 0 ? header.station : station;
      timeMs = header.epochKey;
      timeRank = rank;
      if (rank === TIME_RANK_BEST) break;
    }
    return this.#decimationOf(station, intervalS).wants(timeMs);
  }

  /** Puts out what becomes of the frame from `start` to `end`. A view of each frame would be garbage of each frame. */
  #put(bytes: Buffer, start: number, end: number, messageNumber: number, goesOut: boolean): void {
    const plan = this.#planOf(messageNumber);
    switch (plan.kind) {
      case 'drop':
        outgoing.alter();
        return;
      case 'pass':
        outgoing.copyOther(bytes, start, end, messageNumber);
        return;
      case 'position': {
        const at = outgoing.length;
        outgoing.copyOther(bytes, start, end, messageNumber);
        if (clearOfferedSystems(outgoing.bytes, at, end - start, plan.clearedFlags)) outgoing.alter();
        return;
      }
      case 'msm':
        this.#putMsm(bytes, start, end, messageNumber, plan, goesOut);
        return;
      case 'legacy':
        this.#putLegacy(bytes, start, end, messageNumber, plan, goesOut);
    }
  }

  #putMsm(
    bytes: Buffer,
    start: number,
    end: number,
    messageNumber: number,
    plan: MsmPlan,
    goesOut: boolean,
  ): void {
    if (
      decodeMsm(bytes, cells, start, end) !== undefined ||
      this.#isRepeated(plan, messageNumber, cells.station)
    ) {
      outgoing.alter();
      return;
    }
    // MSM1 tells no lock times.
    const locks = plan.level === 1 ? undefined : this.#lockMemoryOf(messageNumber, cells.station);
    locks?.receiveMsm(cells);
    let changed = keepSignals(cells, plan.signalMask);
    if (!goesOut || (changed && cells.cellCount === 0)) {
      outgoing.alter();
      return;
    }
    if (plan.levelOut !== plan.level) {
      lowerLevel(cells, plan.levelOut);
      changed = true;
    }
    if (locks?.sendMsm(cells) === true) changed = true;
    if (!changed) {
      outgoing.copyObservation(bytes, start, end, messageNumber, cells.station);
      return;
    }
    cells.tail.bits = 0;
    putEncoded(encodeMsm(cells, outgoing.bytes, outgoing.length), cells.block + cells.level, cells.station);
  }

  #putLegacy(
    bytes: Buffer,
    start: number,
    end: number,
    messageNumber: number,
    plan: LegacyPlan,
    goesOut: boolean,
  ): void {
    if (decodeLegacy(bytes, observations, start, end) !== undefined) {
      outgoing.alter();
      return;
    }
    const locks = this.#lockMemoryOf(messageNumber, observations.station);
    locks?.receiveLegacy(observations);
    let changed = keepSatellites(observations, plan.keepsOwn, plan.keepsSbas);
    if (!goesOut || (changed && observations.satelliteCount === 0)) {
      outgoing.alter();
      return;
    }
    if (locks?.sendLegacy(observations) === true) changed = true;
    if (plan.numberOut !== messageNumber) {
      observations.messageNumber = plan.numberOut;
      changed = true;
    }
    if (!changed) {
      outgoing.copyObservation(bytes, start, end, messageNumber, observations.station);
      return;
    }
    observations.tail.bits = 0;
    putEncoded(
      encodeLegacy(observations, outgoing.bytes, outgoing.length),
      observations.messageNumber,
      observations.station,
    );
  }

  /** Whether the epoch has another message of this constellation that goes out in place of this one. */
  #isRepeated(plan: MsmPlan, messageNumber: number, station: number): boolean {
    if (plan.levelOut === plan.level) return false;
    const levels = this.#levels.get(levelKey(messageNumber, station)) ?? 0;
    const levelMax = Math.max(plan.levelOut, this.#shape.msmLevelMax ?? 7);
    for (let level = 4; level <= 7; level++) {
      const isPreferred = level <= levelMax || level > plan.level;
      if (level !== plan.level && isPreferred && (levels & (1 << level)) !== 0) return true;
    }
    return false;
  }

  #planOf(messageNumber: number): MessagePlan {
    let plan = this.#plans.get(messageNumber);
    if (plan === undefined) {
      plan = planMessage(this.#shape, messageNumber);
      this.#plans.set(messageNumber, plan);
    }
    return plan;
  }

  #decimationOf(station: number, intervalS: number): Decimation {
    let decimation = this.#decimations.get(station);
    if (decimation === undefined) {
      if (this.#decimations.size >= STATIONS_MAX) this.#decimations.clear();
      decimation = new Decimation(intervalS);
      this.#decimations.set(station, decimation);
    }
    return decimation;
  }

  /** Undefined where every epoch goes out, and slips with it; and beyond what one epoch may have of them. */
  #lockMemoryOf(messageNumber: number, station: number): LockMemory | undefined {
    if (this.#shape.intervalS === undefined) return undefined;
    const key = (station << 12) | messageNumber;
    let memory = this.#lockMemories.get(key);
    if (memory === undefined) {
      if (this.#lockMemories.size >= LOCK_MEMORIES_MAX) return undefined;
      memory = new LockMemory();
      this.#lockMemories.set(key, memory);
    }
    return memory;
  }
}

function putEncoded(frameBytes: number | EncodeRefusal, messageNumber: number, station: number): void {
  outgoing.alter();
  // A refusal would be a bug here; what was not written does not go out.
  if (typeof frameBytes === 'number') outgoing.takeObservation(frameBytes, messageNumber, station);
}

function levelKey(messageNumber: number, station: number): number {
  return (station << 12) | (messageNumber - (messageNumber % 10));
}

/** Whose time to go by: BeiDou may be sent in GPS time, GLONASS may be off by leap seconds. */
function timeRankOf(system: SatelliteSystem): number {
  if (system === 'GLO') return 1;
  return system === 'BDS' ? 2 : TIME_RANK_BEST;
}
