// Tests the exchange of epochs in a network of workers in which bases, rovers and workers come and go, and messages
// take their time.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { epochOf, observationFrame, splitFrames, stationFrame } from './frames.ts';
import { RecordingSubscriber } from './recording-subscriber.ts';
import { WorkerNetwork } from './worker-network.ts';

type Step =
  | { do: 'open' | 'publish' | 'close' | 'join' | 'leave' | 'die'; worker: number }
  | { do: 'pass'; worker: number; to: number };

const WORKERS = 3;
const worker = fc.nat(WORKERS - 1);
const steps = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constantFrom('open' as const, 'close' as const, 'join' as const, 'leave' as const),
        worker,
      }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('publish' as const), worker }) },
    { weight: 8, arbitrary: fc.record({ do: fc.constant('pass' as const), worker, to: worker }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('die' as const), worker }) },
  ),
  { maxLength: 80 },
) satisfies fc.Arbitrary<Step[]>;

interface Base {
  readonly worker: number;
  readonly generation: number;
}

interface Rover {
  readonly worker: number;
  readonly subscriber: RecordingSubscriber;
  /** What it was greeted with. */
  readonly greeted: Buffer;
}

/** One mountpoint in a network in which bases and rovers come, go and lose their workers. */
class Play {
  readonly network = new WorkerNetwork(WORKERS);
  readonly generationOf = new Map<string, number>();
  readonly everyRover: Rover[] = [];
  bases: Base[] = [];
  rovers: Rover[] = [];
  #generation = 0;

  run(all: readonly Step[]): void {
    for (const step of all) {
      if (step.do === 'pass') this.network.pass(step.worker, step.to);
      else this[step.do](step.worker);
    }
  }

  /** A newer base: older ones do not know yet. */
  open(at: number): void {
    this.#generation += 1;
    this.bases.push({ worker: at, generation: this.#generation });
    this.network.directory(at).openBase('A', this.#generation);
  }

  publish(at: number): void {
    const mine = this.bases.filter((base) => base.worker === at);
    for (const base of mine) this.publishAs(base);
  }

  publishAs(base: Base): Buffer {
    const frames = [stationFrame(1006, base.generation % 4), observationFrame()];
    for (const frame of frames) this.generationOf.set(frame.toString('hex'), base.generation);
    const epoch = epochOf(frames, performance.now());
    if (!this.network.directory(base.worker).publishFromBase('A', base.generation, epoch)) this.#end(base);
    return epoch.bytes;
  }

  close(at: number): void {
    const oldest = this.bases.find((base) => base.worker === at);
    if (oldest !== undefined) this.#end(oldest);
  }

  join(at: number): void {
    const subscriber = new RecordingSubscriber();
    const stream = this.network.directory(at).subscribe('A', subscriber)!;
    const greeted = Buffer.from(stream.cache.greeting(0)?.bytes ?? []);
    const rover = { worker: at, subscriber, greeted };
    this.rovers.push(rover);
    this.everyRover.push(rover);
  }

  leave(at: number): void {
    const index = this.rovers.findIndex((rover) => rover.worker === at);
    const [rover] = index < 0 ? [] : this.rovers.splice(index, 1);
    if (rover !== undefined) this.network.directory(at).unsubscribe('A', rover.subscriber);
  }

  die(at: number): void {
    this.network.replace(at);
    this.bases = this.bases.filter((base) => base.worker !== at);
    this.rovers = this.rovers.filter((rover) => rover.worker !== at);
  }

  framesOf({ greeted, subscriber }: Rover): string[] {
    const bytes = Buffer.concat([greeted, ...subscriber.epochs.map((epoch) => epoch.bytes)]);
    return splitFrames(bytes).map((frame) => frame.toString('hex'));
  }

  #end(base: Base): void {
    this.bases = this.bases.filter((one) => one !== base);
    this.network.directory(base.worker).closeBase('A', base.generation);
  }
}

describe('in a network of workers, whatever happens in whatever order', () => {
  const holds = (check: (play: Play) => void): void =>
    fc.assert(
      fc.property(steps, (all) => {
        const play = new Play();
        play.run(all);
        check(play);
      }),
      { seed: 20_260_417, numRuns: 1000 },
    );

  test('no rover hears an older base after a newer one', () => {
    holds((play) => {
      play.network.settle();
      for (const rover of play.everyRover) {
        const generations = play.framesOf(rover).map((frame) => play.generationOf.get(frame)!);
        expect(generations).toEqual(generations.toSorted((a, b) => a - b));
      }
    });
  });

  test('no rover gets an observation twice', () => {
    holds((play) => {
      play.network.settle();
      for (const rover of play.everyRover) {
        const observations = play.framesOf(rover).filter((frame) => frame.startsWith('435', 6));
        expect(new Set(observations).size).toBe(observations.length);
      }
    });
  });

  test('once all messages are through, every rover gets the newest base’s next epoch', () => {
    holds((play) => {
      play.network.settle();
      play.open(0);
      const bytes = play.publishAs(play.bases.at(-1)!);
      play.network.settle();
      for (const { subscriber } of play.rovers) expect(subscriber.epochs.at(-1)?.bytes).toEqual(bytes);
    });
  });

  test('a rover that has joined gets the epoch that comes next, whatever is still on its way', () => {
    holds((play) => {
      play.open(1);
      play.join(2);
      const bytes = play.publishAs(play.bases.at(-1)!);
      play.network.settle();
      const got = play.rovers.at(-1)!.subscriber.epochs.filter((epoch) => epoch.bytes.equals(bytes));
      expect(got).toHaveLength(1);
    });
  });

  test('once all messages are through, a rover that joins anywhere is told what the live base said of itself', () => {
    holds((play) => {
      play.network.settle();
      play.open(1);
      const [station] = splitFrames(play.publishAs(play.bases.at(-1)!));
      play.network.settle();
      play.join(2);
      play.network.settle();
      expect(play.framesOf(play.rovers.at(-1)!)).toContain(station!.toString('hex'));
    });
  });

  test('nothing is left once everybody has gone', () => {
    holds((play) => {
      for (const at of [0, 1, 2]) {
        while (play.bases.some((base) => base.worker === at)) play.close(at);
        while (play.rovers.some((rover) => rover.worker === at)) play.leave(at);
      }
      play.network.settle();
      expect([0, 1, 2].map((at) => play.network.directory(at).mountpoints)).toEqual([0, 0, 0]);
    });
  });
});
