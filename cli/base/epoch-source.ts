// Where a base's epochs come from: a recording at its own rate or as fast as it can be taken, standard input as it
// comes, or a simulation in real time. Each is an async iterator that ends when its signal is aborted; what is no valid
// frame is left out and counted.

import { createReadStream } from 'node:fs';
import { DAY_MS, dayDifferenceMs } from '../../caster/rtcm/epoch-time.ts';
import { type AssembledEpoch, EpochAssembler } from '../../caster/rtcm/epoch-assembler.ts';
import { FrameScanner } from '../../caster/rtcm/frame-scanner.ts';
import { simulateEpoch } from '../../caster/simulator/simulate-epoch.ts';
import { type Place } from '../option-values.ts';
import { createSimulatedBase, createSky, gpsTimeAt, SKY_SEED_DEFAULT } from '../simulated-base.ts';
import { pause } from '../stop-signal.ts';

export interface PushedEpoch {
  /** Whole frames. */
  readonly bytes: Buffer;
  readonly frameCount: number;
}

export interface EpochSource {
  readonly epochs: AsyncIterable<PushedEpoch>;
  /** Epochs lose their worth: what cannot be sent now is dropped, not kept. */
  readonly isLive: boolean;
  /** Bytes of the input that are through, and how many there are; zero where nobody knows. */
  readonly progress: () => { readonly bytes: number; readonly totalBytes: number };
  /** Bytes of the input that belong to no valid frame. */
  readonly bytesSkipped: () => number;
}

/** Longest group of frames without an epoch of its own, such as ephemerides. */
const GROUP_BYTES_MAX = 16_384;
/** A step in a recording longer than this is a gap that nobody wants to wait for. */
const STEP_MS_MAX = 30_000;
const STEP_MS_DEFAULT = 1000;
/** Later than this, the recording goes on from now instead of catching up. */
const LATE_MS_MAX = 2000;
/** How long standard input is waited for to complete an epoch. */
const HOLD_MS = 250;
const TICK_MS = 50;
/** Epochs of standard input that wait; it is not read on while there are more. */
const WAITING_MAX = 64;
const STATION_ID = 1;

/** A recording. `totalBytes` is its size; `loops` begins anew at its end. */
export function recordedSource(
  path: string,
  options: { totalBytes: number; loops: boolean; atOwnRate: boolean; signal: AbortSignal },
): EpochSource {
  const { totalBytes, loops, atOwnRate, signal } = options;
  let bytesRead = 0;
  let bytesSkipped = 0;

  async function* readOnce(): AsyncGenerator<AssembledEpoch> {
    let ready: AssembledEpoch[] = [];
    const assembler = new EpochAssembler({
      epochHoldMs: Infinity,
      rideAlongMs: Infinity,
      epochBytesMax: GROUP_BYTES_MAX,
      onEpoch: (epoch) => ready.push(epoch),
    });
    const scanner = new FrameScanner((frame, messageNumber) => assembler.pushFrame(frame, messageNumber, 0));
    bytesRead = 0;
    for await (const block of createReadStream(path) as AsyncIterable<Buffer>) {
      bytesRead += block.length;
      scanner.push(block);
      yield* ready;
      ready = [];
    }
    while (scanner.pendingBytes > 0) scanner.giveUpIncomplete();
    assembler.flush();
    bytesSkipped += scanner.bytesSkipped;
    yield* ready;
  }

  async function* readAll(): AsyncGenerator<AssembledEpoch> {
    for (;;) {
      let isEmpty = true;
      for await (const epoch of readOnce()) {
        isEmpty = false;
        yield epoch;
      }
      if (!loops || isEmpty) return;
    }
  }

  return {
    epochs: atOwnRate ? paced(readAll(), signal) : whileRunning(readAll(), signal),
    isLive: false,
    progress: () => ({ bytes: bytesRead, totalBytes }),
    bytesSkipped: () => bytesSkipped,
  };
}

/** Standard input, epoch by epoch as it comes. */
export function streamSource(input: NodeJS.ReadableStream, signal: AbortSignal): EpochSource {
  const waiting: PushedEpoch[] = [];
  let wake: () => void = () => undefined;
  let isOver = false;
  let bytes = 0;
  const assembler = new EpochAssembler({
    epochHoldMs: HOLD_MS,
    rideAlongMs: HOLD_MS,
    epochBytesMax: GROUP_BYTES_MAX,
    onEpoch: (epoch) => {
      waiting.push(epoch);
      if (waiting.length >= WAITING_MAX) input.pause();
      wake();
    },
  });
  const scanner = new FrameScanner((frame, messageNumber) =>
    assembler.pushFrame(frame, messageNumber, performance.now()),
  );
  const ticks = setInterval(() => assembler.tick(performance.now()), TICK_MS);
  const end = (): void => {
    if (isOver) return;
    isOver = true;
    clearInterval(ticks);
    while (scanner.pendingBytes > 0) scanner.giveUpIncomplete();
    assembler.flush();
    input.removeAllListeners('data');
    input.pause();
    wake();
  };
  input.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    scanner.push(chunk);
  });
  input.on('end', end);
  input.on('error', end);
  signal.addEventListener('abort', end);

  async function* take(): AsyncGenerator<PushedEpoch> {
    for (;;) {
      const epoch = waiting.shift();
      if (epoch !== undefined) {
        if (waiting.length === 0 && !isOver) input.resume();
        yield epoch;
      } else if (isOver) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  return {
    epochs: take(),
    isLive: true,
    progress: () => ({ bytes, totalBytes: 0 }),
    bytesSkipped: () => scanner.bytesSkipped,
  };
}

/** A simulated base, its epochs on whole periods of GPS time. */
export function simulatedSource(place: Place, rateHz: number, signal: AbortSignal): EpochSource {
  async function* simulate(): AsyncGenerator<PushedEpoch> {
    const receiver = createSimulatedBase(
      createSky(SKY_SEED_DEFAULT, gpsTimeAt(Date.now())),
      place,
      STATION_ID,
    );
    let number = Math.ceil(gpsTimeAt(Date.now()) * rateHz);
    for (;;) {
      await pause((number / rateHz - gpsTimeAt(Date.now())) * 1000, signal);
      if (signal.aborted) return;
      const { frames } = simulateEpoch(receiver, number / rateHz);
      yield { bytes: Buffer.concat(frames), frameCount: frames.length };
      // After a standstill of the process the epochs in between are left out.
      number = Math.max(number + 1, Math.ceil(gpsTimeAt(Date.now() - LATE_MS_MAX) * rateHz));
    }
  }
  return {
    epochs: simulate(),
    isLive: true,
    progress: () => ({ bytes: 0, totalBytes: 0 }),
    bytesSkipped: () => 0,
  };
}

async function* whileRunning(
  epochs: AsyncIterable<AssembledEpoch>,
  signal: AbortSignal,
): AsyncGenerator<PushedEpoch> {
  for await (const epoch of epochs) {
    if (signal.aborted) return;
    yield epoch;
  }
}

/** Each epoch when it is due by the recording's own times, counted from the first. */
async function* paced(
  epochs: AsyncIterable<AssembledEpoch>,
  signal: AbortSignal,
): AsyncGenerator<PushedEpoch> {
  let dueMs = performance.now();
  let lastDayMs: number | undefined;
  let usualStepMs = STEP_MS_DEFAULT;
  let isFirst = true;
  for await (const epoch of epochs) {
    const stepMs =
      lastDayMs === undefined || !epoch.observation
        ? usualStepMs
        : dayDifferenceMs(epoch.gpsDayMs % DAY_MS, lastDayMs);
    const isStep = stepMs >= 0 && stepMs <= STEP_MS_MAX;
    if (isStep && stepMs > 0) usualStepMs = stepMs;
    if (!isFirst) dueMs += isStep ? stepMs : usualStepMs;
    isFirst = false;
    if (epoch.observation) lastDayMs = epoch.gpsDayMs % DAY_MS;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await pause(waitMs, signal);
    else if (waitMs < -LATE_MS_MAX) dueMs = performance.now();
    if (signal.aborted) return;
    yield epoch;
  }
}
