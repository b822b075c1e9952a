import { describe, expect, test } from 'vitest';
import { type AssembledEpoch, EpochAssembler } from '../../../caster/rtcm/epoch-assembler.ts';
import { legacyFrame, msmFrame, otherFrame, type TestFrame } from './observation-frames.ts';
import { seededRandom } from './seeded-random.ts';

const HOLD_MS = 200;
const RIDE_MS = 1500;

class Fixture {
  readonly epochs: AssembledEpoch[] = [];
  nowMs = 50_000;
  readonly assembler: EpochAssembler;

  constructor(epochBytesMax = 8192) {
    this.assembler = new EpochAssembler({
      epochHoldMs: HOLD_MS,
      rideAlongMs: RIDE_MS,
      epochBytesMax,
      onEpoch: (epoch) => this.epochs.push(epoch),
    });
  }

  push(...frames: TestFrame[]): void {
    for (const { bytes, messageNumber } of frames) this.assembler.pushFrame(bytes, messageNumber, this.nowMs);
  }

  /** Lets time pass with ticks of 10 ms. */
  wait(durationMs: number): void {
    for (const endMs = this.nowMs + durationMs; this.nowMs < endMs;) {
      this.nowMs += 10;
      this.assembler.tick(this.nowMs);
    }
  }

  /** What came out since the last call: message numbers and the reason. */
  take(): string[] {
    return this.epochs
      .splice(0)
      .map(({ messageNumbers, closedBy }) => `${messageNumbers.join(' ')} ${closedBy}`);
  }
}

describe('an epoch is complete', () => {
  test('when an observation says that no more will come', () => {
    const fixture = new Fixture();
    fixture.push(msmFrame(1074, 5000, 1), msmFrame(1094, 5000, 1), msmFrame(1124, 2 ** 30 - 9000, 0));
    expect(fixture.take()).toEqual(['1074 1094 1124 bit']);
  });

  test('when the epoch time changes: the new frame opens the next one', () => {
    const fixture = new Fixture();
    fixture.push(msmFrame(1074, 5000, 1), msmFrame(1094, 5000, 1), msmFrame(1074, 6000, 1));
    expect(fixture.take()).toEqual(['1074 1094 time']);
    fixture.push(msmFrame(1094, 6000, 0));
    expect(fixture.take()).toEqual(['1074 1094 bit']);
  });

  test('when its first observation has waited epochHoldMs', () => {
    const fixture = new Fixture();
    fixture.push(msmFrame(1074, 5000, 1));
    fixture.wait(HOLD_MS - 50);
    fixture.push(msmFrame(1094, 5000, 1));
    fixture.wait(40);
    expect(fixture.take()).toEqual([]);
    fixture.wait(10);
    expect(fixture.take()).toEqual(['1074 1094 hold']);
  });

  test('when the stream ends', () => {
    const fixture = new Fixture();
    fixture.push(msmFrame(1074, 5000, 1), otherFrame(1005));
    fixture.assembler.flush();
    fixture.assembler.flush();
    expect(fixture.take()).toEqual(['1074 1005 flush']);
  });

  test('legacy and MSM share one chain', () => {
    const fixture = new Fixture();
    fixture.push(legacyFrame(1004, 5000, 1), legacyFrame(1012, 10_787_000, 1), msmFrame(1077, 5000, 1));
    expect(fixture.take()).toEqual([]);
    fixture.push(msmFrame(1127, 2 ** 30 - 9000, 0));
    expect(fixture.take()).toEqual(['1004 1012 1077 1127 bit']);
  });

  test('a message in several parts does not end it', () => {
    const fixture = new Fixture();
    fixture.push(msmFrame(1075, 5000, 1), msmFrame(1075, 5000, 1), msmFrame(1075, 5000, 0));
    expect(fixture.take()).toEqual(['1075 1075 1075 bit']);
  });

  test('when the message has come that was the last before, in a stream that calls every message the last', () => {
    const fixture = new Fixture();
    const second = (timeMs: number): TestFrame[] =>
      [1074, 1094, 1114].map((number) => msmFrame(number, timeMs, 0));
    fixture.push(...second(5000), ...second(6000));
    fixture.take();
    fixture.push(...second(7000));
    expect(fixture.take()).toEqual(['1074 1094 1114 bit']);
    fixture.push(...second(8000));
    expect(fixture.take()).toEqual(['1074 1094 1114 bit']);
  });

  test('when both levels have come, of a base that sends two and ends each of them', () => {
    const fixture = new Fixture();
    const second = (timeMs: number): TestFrame[] => [
      msmFrame(1074, timeMs, 1),
      msmFrame(1094, timeMs, 0),
      msmFrame(1077, timeMs, 0),
    ];
    fixture.push(...second(5000), ...second(6000));
    fixture.take();
    fixture.push(...second(7000));
    expect(fixture.take()).toEqual(['1074 1094 1077 bit']);
  });

  test('twice, where a base ends MSM and legacy messages of one time on their own', () => {
    const fixture = new Fixture();
    for (const timeMs of [5000, 6000]) fixture.push(msmFrame(1074, timeMs, 0), legacyFrame(1004, timeMs, 0));
    expect(fixture.take()).toEqual(['1074 bit', '1004 bit', '1074 bit', '1004 bit']);
  });

  test('by its bit again, once nothing has been called the last too early', () => {
    const fixture = new Fixture();
    fixture.push(msmFrame(1074, 5000, 0), msmFrame(1094, 5000, 0));
    for (const timeMs of [6000, 7000]) fixture.push(msmFrame(1074, timeMs, 1), msmFrame(1094, timeMs, 0));
    fixture.take();
    fixture.push(msmFrame(1074, 8000, 0));
    expect(fixture.take()).toEqual(['1074 bit']);
  });

  test('after the hold, where the message that was the last before does not come', () => {
    const fixture = new Fixture();
    for (const timeMs of [5000, 6000]) fixture.push(msmFrame(1074, timeMs, 0), msmFrame(1094, timeMs, 0));
    fixture.take();
    fixture.push(msmFrame(1074, 7000, 0));
    expect(fixture.take()).toEqual([]);
    fixture.wait(HOLD_MS);
    expect(fixture.take()).toEqual(['1074 hold']);
    fixture.push(msmFrame(1074, 8000, 0));
    expect(fixture.take()).toEqual(['1074 bit']);
  });

  test('a late frame of an epoch that was given up goes out by its own bit', () => {
    const fixture = new Fixture();
    fixture.push(msmFrame(1074, 5000, 1));
    fixture.wait(HOLD_MS);
    fixture.push(msmFrame(1094, 5000, 0));
    expect(fixture.take()).toEqual(['1074 hold', '1094 bit']);
  });
});

describe('two stations in one stream', () => {
  test('interleaved, an epoch ends when both have ended', () => {
    const fixture = new Fixture();
    fixture.push(
      msmFrame(1077, 5000, 1, 1),
      msmFrame(1077, 5000, 1, 2),
      msmFrame(1087, 15_569_000 - 4_787_000 + 5000, 0, 1),
    );
    expect(fixture.take()).toEqual([]);
    fixture.push(msmFrame(1097, 5000, 0, 2));
    expect(fixture.take()).toEqual(['1077 1077 1087 1097 bit']);
  });

  test('one behind the other, each has its own epoch', () => {
    const fixture = new Fixture();
    fixture.push(msmFrame(1077, 5000, 1, 1), msmFrame(1097, 5000, 0, 1));
    fixture.push(legacyFrame(1004, 5000, 1, 2), legacyFrame(1002, 5000, 0, 2));
    expect(fixture.take()).toEqual(['1077 1097 bit', '1004 1002 bit']);
  });

  test('a station that stops in the middle of an epoch does not hold the other back for good', () => {
    const fixture = new Fixture();
    fixture.push(msmFrame(1077, 5000, 1, 1), msmFrame(1077, 5000, 1, 2), msmFrame(1097, 5000, 0, 2));
    fixture.push(msmFrame(1077, 6000, 1, 2), msmFrame(1097, 6000, 0, 2));
    expect(fixture.take()).toEqual(['1077 1077 1097 time', '1077 1097 bit']);
  });
});

describe('frames that are no observations', () => {
  function streamWithEpochs(): Fixture {
    const fixture = new Fixture();
    fixture.push(msmFrame(1074, 5000, 0));
    fixture.take();
    return fixture;
  }

  test('ride along with the next epoch, in their place', () => {
    const fixture = streamWithEpochs();
    fixture.push(otherFrame(1005));
    fixture.wait(980);
    fixture.push(msmFrame(1074, 6000, 1), otherFrame(1019, 61), msmFrame(1094, 6000, 0));
    expect(fixture.take()).toEqual(['1005 1074 1019 1094 bit']);
  });

  test('behind the closing frame cost no write of their own', () => {
    const fixture = streamWithEpochs();
    fixture.push(msmFrame(1074, 6000, 1), msmFrame(1094, 6000, 0), otherFrame(1230), otherFrame(1005));
    fixture.wait(1000);
    fixture.push(msmFrame(1074, 7000, 0));
    expect(fixture.take()).toEqual(['1074 1094 bit', '1230 1005 1074 bit']);
  });

  test('wait for rideAlongMs and not longer', () => {
    const fixture = streamWithEpochs();
    fixture.push(otherFrame(1005));
    fixture.wait(RIDE_MS - 10);
    expect(fixture.take()).toEqual([]);
    fixture.wait(10);
    expect(fixture.take()).toEqual(['1005 hold']);
  });

  test('wait only for epochHoldMs where the stream has no epochs', () => {
    const fixture = new Fixture();
    fixture.push(otherFrame(1057), otherFrame(1058));
    fixture.wait(HOLD_MS - 10);
    expect(fixture.take()).toEqual([]);
    fixture.wait(10);
    expect(fixture.take()).toEqual(['1057 1058 hold']);
  });

  test('wait only for epochHoldMs once the last epoch is more than ten seconds ago', () => {
    const fixture = streamWithEpochs();
    fixture.wait(10_000);
    fixture.push(otherFrame(1005));
    fixture.wait(HOLD_MS);
    expect(fixture.take()).toEqual(['1005 hold']);
  });

  test('alone are marked as holding no observation', () => {
    const fixture = new Fixture();
    fixture.push(otherFrame(1057));
    fixture.assembler.flush();
    expect(fixture.epochs[0]).toMatchObject({ observation: false, gpsDayMs: -1, frameCount: 1 });
  });

  test('such as the zero-length filler are handed on as well', () => {
    const fixture = streamWithEpochs();
    const filler = { bytes: Buffer.from('d3000047ea4b', 'hex'), messageNumber: -1 };
    fixture.push(filler, msmFrame(1074, 6000, 0));
    expect(fixture.take()).toEqual(['-1 1074 bit']);
  });
});

describe('what is handed out', () => {
  test('owns its memory and says where each frame ends', () => {
    const fixture = new Fixture();
    const frames = [msmFrame(1074, 5000, 1), otherFrame(1005, 19), msmFrame(1094, 5000, 0)];
    fixture.push(...frames);
    const epoch = fixture.epochs[0]!;
    expect(epoch.bytes.buffer.byteLength).toBe(epoch.bytes.length);
    expect(epoch).toMatchObject({
      bytes: Buffer.concat(frames.map(({ bytes }) => bytes)),
      frameCount: 3,
      frameEnds: [28, 53, 81],
      messageNumbers: [1074, 1005, 1094],
      observation: true,
      gpsDayMs: 5000,
    });
  });

  test('never has more than epochBytesMax bytes', () => {
    const fixture = new Fixture(1029);
    fixture.push(otherFrame(1019, 500), otherFrame(1019, 500), otherFrame(1019, 12), otherFrame(4000, 1023));
    fixture.assembler.flush();
    expect(fixture.epochs.map(({ bytes, closedBy }) => [bytes.length, closedBy])).toEqual([
      [1012, 'size'],
      [18, 'size'],
      [1029, 'flush'],
    ]);
  });

  test('an epochBytesMax that cannot hold every frame is refused', () => {
    expect(() => new Fixture(1028)).toThrow(RangeError);
  });

  test.each([11, 12, 13, 14])(
    'is every frame once and in order, whatever comes and when (seed %d)',
    (seed) => {
      const random = seededRandom(seed);
      const fixture = new Fixture(2048);
      const pushed: Buffer[] = [];
      for (let count = 0; count < 5000; count++) {
        const more = random.below(4) === 0 ? 0 : 1;
        const epoch = 1000 * random.below(5);
        const station = random.below(3);
        const frames = [
          msmFrame(1071 + 10 * random.below(7) + random.below(7), epoch, more, station),
          legacyFrame(random.below(2) === 0 ? 1004 : 1012, epoch, more, station),
          otherFrame(random.below(4096), 2 + random.below(900)),
        ];
        const frame = frames[random.below(3)]!;
        pushed.push(frame.bytes);
        fixture.push(frame);
        if (random.below(3) === 0) fixture.wait(10 * random.below(30));
      }
      fixture.assembler.flush();
      const handedOut = Buffer.concat(fixture.epochs.map(({ bytes }) => bytes));
      expect(handedOut.equals(Buffer.concat(pushed))).toBe(true);
    },
  );
});
