// An epoch's observations as MSM7 frames (RTCM 10403.3 §3.5.16; layout: rtcm.md §4-§5). Ranges become integers once,
// here. It must never let a message exceed 64 cells of mask, nor leave the epoch without its last frame marked.
import { BitWriter } from '../rtcm/bit-writer.ts';
import { buildFrame } from '../rtcm/frame-builder.ts';
import { PAYLOAD_BYTES_MAX } from '../rtcm/frame-layout.ts';
import { bdtMs, gpsMsOfWeek, moscowMs, MS_PER_DAY } from './gps-time.ts';
import { lockTimeIndicator } from './lock-time.ts';
import { type SatelliteObservation, type SignalObservation } from './observation.ts';
import { SIMULATED_SYSTEMS, type SimulatedSystem } from './simulated-signals.ts';

const METERS_PER_MS = 299_792.458;
const CELLS_MAX = 64;

const MESSAGE_NUMBER: Readonly<Record<SimulatedSystem, number>> = {
  GPS: 1077,
  GLO: 1087,
  GAL: 1097,
  BDS: 1127,
};

interface MessageContent {
  readonly system: SimulatedSystem;
  readonly satellites: readonly SatelliteObservation[];
}

export interface EpochHeader {
  readonly stationId: number;
  readonly gpsMs: number;
  readonly leapSeconds: number;
}

/** The frames of one epoch, in sending order: DF393 is 1 in all but the last. No observations, no frames. */
export function encodeMsm7Epoch(
  header: EpochHeader,
  observations: readonly SatelliteObservation[],
): Buffer[] {
  const messages = SIMULATED_SYSTEMS.flatMap((system) => splitMessages(system, observations));
  return messages.map((message, index) => encodeMessage(header, message, index < messages.length - 1));
}

/** Satellites in mask order, in as many messages as 64 cells each demand. */
function splitMessages(
  system: SimulatedSystem,
  observations: readonly SatelliteObservation[],
): MessageContent[] {
  const satellites = observations
    .filter((observation) => observation.satellite.system === system)
    .sort((a, b) => a.satellite.satelliteId - b.satellite.satelliteId);
  if (satellites.length === 0) return [];
  const satellitesMax = Math.floor(CELLS_MAX / signalIdsOf(satellites).length);
  const parts = Math.ceil(satellites.length / satellitesMax);
  const perPart = Math.ceil(satellites.length / parts);
  return Array.from({ length: parts }, (_, part) => ({
    system,
    satellites: satellites.slice(part * perPart, (part + 1) * perPart),
  }));
}

function encodeMessage(
  header: EpochHeader,
  { system, satellites }: MessageContent,
  moreFollow: boolean,
): Buffer {
  const writer = new BitWriter(PAYLOAD_BYTES_MAX);
  writer.writeUnsigned(MESSAGE_NUMBER[system], 12);
  writer.writeUnsigned(header.stationId, 12);
  writer.writeUnsigned(epochField(system, header), 30);
  writer.writeUnsigned(moreFollow ? 1 : 0, 1);
  writer.writeUnsigned(0, 3 + 7); // IODS, reserved
  writer.writeUnsigned(1, 2); // DF411: clock steering applied
  writer.writeUnsigned(0, 2 + 1 + 3); // internal clock, no smoothing

  const signalIds = signalIdsOf(satellites);
  writeMask(
    writer,
    satellites.map(({ satellite }) => satellite.satelliteId),
    64,
  );
  writeMask(writer, signalIds, 32);
  for (const { signals } of satellites) {
    for (const id of signalIds)
      writer.writeUnsigned(signals.some(({ signal }) => signal.id === id) ? 1 : 0, 1);
  }
  writeSatelliteFields(writer, satellites);
  writeCellFields(writer, satellites);
  return buildFrame(writer.toBytes());
}

function writeSatelliteFields(writer: BitWriter, satellites: readonly SatelliteObservation[]): void {
  // Rounded as one integer of 1/1024 ms and only then divided: a remainder of 1024 cannot arise.
  const rough = satellites.map(roughRange);
  for (const range of rough) writer.writeUnsigned(Math.floor(range / 1024), 8);
  for (const { satellite } of satellites) {
    writer.writeUnsigned(satellite.system === 'GLO' ? satellite.channel + 7 : 0, 4);
  }
  for (const range of rough) writer.writeUnsigned(range % 1024, 10);
  for (const observation of satellites) writer.writeSigned(roughRate(observation), 14);
}

function writeCellFields(writer: BitWriter, satellites: readonly SatelliteObservation[]): void {
  const cells = satellites.flatMap((observation) =>
    observation.signals.map((signal) => ({
      signal,
      roughMs: roughRange(observation) / 1024,
      roughRateMps: roughRate(observation),
      lockMs: observation.lockMs,
    })),
  );
  for (const { signal, roughMs } of cells) writer.writeSigned(fine(signal.pseudorangeM, roughMs, 29), 20);
  for (const { signal, roughMs } of cells) writer.writeSigned(fine(signal.phaseRangeM, roughMs, 31), 24);
  for (const { lockMs } of cells) writer.writeUnsigned(lockTimeIndicator(lockMs), 10);
  for (let cell = 0; cell < cells.length; cell++) writer.writeUnsigned(0, 1); // half cycles: all resolved
  for (const { signal } of cells) writer.writeUnsigned(Math.round(signal.cnrDbHz * 16), 10);
  for (const { signal, roughRateMps } of cells) {
    writer.writeSigned(Math.round((signal.phaseRangeRateMps - roughRateMps) * 10_000), 15);
  }
}

/** DF397 and DF398 together, units of 2^-10 ms. */
function roughRange({ signals }: SatelliteObservation): number {
  return Math.round((first(signals).pseudorangeM / METERS_PER_MS) * 1024);
}

/** DF399, m/s. */
function roughRate({ signals }: SatelliteObservation): number {
  return Math.round(first(signals).phaseRangeRateMps);
}

/** What is left of a range beyond the rough one, units of 2^-bits ms. */
function fine(rangeM: number, roughMs: number, bits: number): number {
  return Math.round((rangeM / METERS_PER_MS - roughMs) * 2 ** bits);
}

function first(signals: readonly SignalObservation[]): SignalObservation {
  return signals[0]!;
}

/** DF004, DF248, DF427, or DF416 with DF034: 30 bits in each case. */
function epochField(system: SimulatedSystem, { gpsMs, leapSeconds }: EpochHeader): number {
  if (system === 'GLO') {
    const moscow = moscowMs(gpsMs, leapSeconds);
    const day = Math.floor(moscow / MS_PER_DAY);
    return (day % 7) * 2 ** 27 + (moscow - day * MS_PER_DAY);
  }
  return gpsMsOfWeek(system === 'BDS' ? bdtMs(gpsMs) : gpsMs);
}

function signalIdsOf(satellites: readonly SatelliteObservation[]): number[] {
  const ids = new Set(satellites.flatMap(({ signals }) => signals.map(({ signal }) => signal.id)));
  return [...ids].sort((a, b) => a - b);
}

function writeMask(writer: BitWriter, ids: readonly number[], bits: number): void {
  for (let id = 1; id <= bits; id++) writer.writeUnsigned(ids.includes(id) ? 1 : 0, 1);
}
