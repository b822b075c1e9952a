// Reads an MSM7 frame back by the layout of research/rtcm.md §4-§5, field by field, sharing nothing with the encoder.
import { readFields } from './raw-bits.ts';

export interface Msm7Cell {
  readonly satelliteId: number;
  readonly signalId: number;
  readonly pseudorangeM: number;
  readonly phaseRangeM: number;
  readonly phaseRangeRateMps: number;
  readonly lockIndicator: number;
  readonly halfCycle: number;
  readonly cnrDbHz: number;
}

export interface Msm7 {
  readonly messageNumber: number;
  readonly stationId: number;
  readonly epoch: number;
  readonly multiple: number;
  readonly clockSteering: number;
  readonly satelliteIds: readonly number[];
  readonly signalIds: readonly number[];
  readonly cells: readonly Msm7Cell[];
  readonly roughMs: readonly number[];
  readonly roughRemainder: readonly number[];
  readonly extendedInfo: readonly number[];
}

const METERS_PER_MS = 299_792.458;

export function readMsm7(frame: Uint8Array): Msm7 {
  const fields = readFields(frame);
  const messageNumber = fields.unsigned(12);
  const stationId = fields.unsigned(12);
  const epoch = fields.unsigned(30);
  const multiple = fields.unsigned(1);
  fields.skip(3 + 7);
  const clockSteering = fields.unsigned(2);
  fields.skip(2 + 1 + 3);
  const mask = (bits: number) =>
    Array.from({ length: bits }, (_, index) => index + 1).filter(() => fields.unsigned(1) === 1);
  const satelliteIds = mask(64);
  const signalIds = mask(32);
  const pairs = satelliteIds
    .flatMap((satelliteId) => signalIds.map((signalId) => ({ satelliteId, signalId })))
    .filter(() => fields.unsigned(1) === 1);
  const perSatellite = (read: () => number) => satelliteIds.map(read);
  const perCell = (read: () => number) => pairs.map(read);

  const roughMs = perSatellite(() => fields.unsigned(8));
  const extendedInfo = perSatellite(() => fields.unsigned(4));
  const roughRemainder = perSatellite(() => fields.unsigned(10));
  const roughRates = perSatellite(() => fields.signed(14));
  const finePseudoranges = perCell(() => fields.signed(20));
  const finePhaseRanges = perCell(() => fields.signed(24));
  const lockIndicators = perCell(() => fields.unsigned(10));
  const halfCycles = perCell(() => fields.unsigned(1));
  const cnrs = perCell(() => fields.unsigned(10));
  const fineRates = perCell(() => fields.signed(15));
  const cells = pairs.map(({ satelliteId, signalId }, index) => {
    const row = satelliteIds.indexOf(satelliteId);
    const rough = roughMs[row]! + roughRemainder[row]! / 1024;
    return {
      satelliteId,
      signalId,
      pseudorangeM: METERS_PER_MS * (rough + finePseudoranges[index]! / 2 ** 29),
      phaseRangeM: METERS_PER_MS * (rough + finePhaseRanges[index]! / 2 ** 31),
      phaseRangeRateMps: roughRates[row]! + fineRates[index]! * 0.0001,
      lockIndicator: lockIndicators[index]!,
      halfCycle: halfCycles[index]!,
      cnrDbHz: cnrs[index]! / 16,
    };
  });
  return {
    messageNumber,
    stationId,
    epoch,
    multiple,
    clockSteering,
    satelliteIds,
    signalIds,
    cells,
    roughMs,
    roughRemainder,
    extendedInfo,
  };
}
