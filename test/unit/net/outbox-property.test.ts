// Tests by generated scripts: whatever the kernel answers and however epochs come, a rover gets whole frames, none
// twice, each epoch in its order, and what it does not get is counted.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BURST_MS } from '../../../config/limits.ts';
import { type Epoch } from '../../../caster/stream/epoch.ts';
import {
  dechunk,
  ephemerisFrame,
  epochOf,
  observationFrame,
  splitFrames,
  stationFrame,
} from '../stream/frames.ts';
import { ScriptedSocket, type ScriptedOptions, type SendResult } from './scripted-socket.ts';

const SEED = 20_260_417;
const RUNS = 1000;

type FrameKind = 'observation' | { station: number } | { satellite: number };
type Step =
  | { do: 'deliver'; gapMs: number; frames: FrameKind[] }
  | { do: 'kernel'; results: SendResult[] }
  | { do: 'held'; bytes: number }
  | { do: 'take' | 'done' | 'tick' };

const frameKind: fc.Arbitrary<FrameKind> = fc.oneof(
  { weight: 3, arbitrary: fc.constant('observation' as const) },
  { weight: 1, arbitrary: fc.record({ station: fc.integer({ min: 0, max: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ satellite: fc.integer({ min: 1, max: 3 }) }) },
);
const sendResult: fc.Arbitrary<SendResult> = fc.oneof(
  fc.constant('whole' as const),
  fc.constant('blocked' as const),
  fc.integer({ min: 1, max: 120 }),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('deliver' as const),
      gapMs: fc.constantFrom(0, 1, 40, BURST_MS, 1000),
      frames: fc.array(frameKind, { minLength: 1, maxLength: 5 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('kernel' as const),
      results: fc.array(sendResult, { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('held' as const), bytes: fc.constantFrom(0, 0, 100, 100_000) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('take' as const, 'done' as const, 'tick' as const) }),
  },
);
const script = fc.array(step, { maxLength: 60 });

const ways: [string, ScriptedOptions][] = [
  ['native', {}],
  ['native, chunked', { chunked: true }],
  ['its lane', { lane: true }],
  ['its lane, chunked', { lane: true, chunked: true }],
  ['its lane, a kernel that takes queued bytes at once', { lane: true, takesAtOnce: true }],
  ['native, a kernel that takes queued bytes at once', { takesAtOnce: true }],
  ['Node’s own writes', { native: false }],
  [
    'Node’s own writes, a kernel that takes them at once, chunked',
    { native: false, takesAtOnce: true, chunked: true },
  ],
  ['TLS', { encrypted: true, takesAtOnce: true }],
];

interface Outcome {
  readonly socket: ScriptedSocket;
  readonly offered: readonly Epoch[];
  /** What the rover got. */
  readonly bytes: Buffer;
  readonly frames: readonly Buffer[];
}

/** Plays the script, then lets the kernel take everything. */
function play(steps: readonly Step[], options: ScriptedOptions): Outcome {
  const socket = new ScriptedSocket(options);
  const offered: Epoch[] = [];
  let nowMs = 0;
  for (const one of steps) {
    if (one.do === 'deliver') {
      nowMs += one.gapMs;
      const epoch = epochOf(one.frames.map(frameOf), nowMs);
      offered.push(epoch);
      socket.deliver(epoch);
    } else if (one.do === 'kernel') socket.results.push(...one.results);
    else if (one.do === 'held') socket.unacknowledgedBytes = one.bytes;
    else if (one.do === 'take') socket.take();
    else if (one.do === 'done') socket.done();
    else for (const outbox of socket.blocked) outbox.retry();
  }
  socket.results.length = 0;
  socket.unacknowledgedBytes = 0;
  socket.outbox.retry();
  socket.flush();
  const wire = socket.takeWire();
  const bytes = options.chunked === true ? dechunk(wire) : wire;
  return { socket, offered, bytes, frames: splitFrames(bytes) };
}

function frameOf(kind: FrameKind): Buffer {
  if (kind === 'observation') return observationFrame();
  return 'station' in kind ? stationFrame(1006, kind.station) : ephemerisFrame(1019, kind.satellite);
}

const idOf = (frame: Buffer): string => frame.toString('hex');
const isObservation = (frame: Buffer): boolean => frame.readUInt16BE(3) >> 4 === 1077;

describe.each(ways)('over %s', (_name, options) => {
  const holds = (check: (outcome: Outcome) => void): void =>
    fc.assert(
      fc.property(script, (steps) => check(play(steps, options))),
      { seed: SEED, numRuns: RUNS },
    );

  test('what comes out are frames that went in, none of them twice', () => {
    holds(({ offered, frames }) => {
      const known = new Set(offered.flatMap((epoch) => splitFrames(epoch.bytes).map(idOf)));
      const out = frames.map(idOf);
      expect(out.filter((id) => !known.has(id))).toEqual([]);
      expect(new Set(out).size).toBe(out.length);
    });
  });

  test('an epoch comes out in one piece or, apart from its carried frames, not at all', () => {
    holds(({ socket, offered, bytes }) => {
      const whole = offered.filter((epoch) => bytes.includes(epoch.bytes));
      const observations = whole.flatMap((epoch) => splitFrames(epoch.bytes).filter(isObservation).map(idOf));
      expect(splitFrames(bytes).filter(isObservation).map(idOf)).toEqual(observations);
      expect(whole.length).toBeGreaterThanOrEqual(socket.outbox.epochsTaken);
    });
  });

  test('every epoch is counted once, as taken or as dropped', () => {
    holds(({ socket, offered }) => {
      expect(socket.outbox.epochsTaken + socket.outbox.epochsDropped).toBe(offered.length);
    });
  });

  test('bytes and frames are counted as they came out', () => {
    holds(({ socket, bytes, frames }) => {
      expect(socket.outbox).toMatchObject({ bytesTaken: bytes.length, framesTaken: frames.length });
    });
  });

  test('every observation that did not come out is counted as dropped', () => {
    holds(({ socket, offered, frames }) => {
      const frameCount = offered.reduce((sum, epoch) => sum + epoch.frameCount, 0);
      const observations = offered.flatMap((epoch) => splitFrames(epoch.bytes)).filter(isObservation).length;
      const lostObservations = observations - frames.filter(isObservation).length;
      expect(socket.outbox.framesDropped).toBeGreaterThanOrEqual(lostObservations);
      expect(socket.outbox.framesDropped).toBeLessThanOrEqual(frameCount - frames.length);
    });
  });

  test('of each kind of station or ephemeris frame the newest that was offered comes out', () => {
    holds(({ offered, frames }) => {
      const out = new Set(frames.map(idOf));
      const newest = new Map<string, string>();
      for (const frame of offered.flatMap((epoch) => splitFrames(epoch.bytes))) {
        if (!isObservation(frame)) newest.set(frame.toString('hex', 3, 6), idOf(frame));
      }
      expect([...newest.values()].filter((id) => !out.has(id))).toEqual([]);
    });
  });

  test('nothing waits once the kernel has taken everything', () => {
    holds(({ socket }) => {
      expect([socket.outbox.isBusy, socket.blocked.size, socket.writesOpen]).toEqual([false, 0, 0]);
    });
  });

  test('the newest epoch always comes out', () => {
    holds(({ offered, bytes }) => {
      const newest = offered.at(-1);
      expect(newest === undefined || bytes.includes(newest.bytes)).toBe(true);
    });
  });
});

test('every frame that did not come out is counted as dropped, carried ones that gave way too', () => {
  fc.assert(
    fc.property(script, (steps) => {
      const { socket, offered, frames } = play(steps, {});
      const frameCount = offered.reduce((sum, epoch) => sum + epoch.frameCount, 0);
      expect(socket.outbox.framesDropped).toBe(frameCount - frames.length);
    }),
    { seed: SEED, numRuns: RUNS },
  );
});
