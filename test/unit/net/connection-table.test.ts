// Tests the table of connections against a plain list, and whether the sweep comes by in time.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConnectionTable } from '../../../caster/net/connection-table.ts';
import { type PeerSocket } from '../../../caster/net/peer-socket.ts';
import { seededRandom } from '../rtcm/seeded-random.ts';

const PERIOD_MS = 1000;
const TICK_MS = 100;
const SEED = 4711;

interface Watched {
  readonly socket: PeerSocket;
  /** When it was last looked at, or else added. */
  seenMs: number;
}

/** A table with a clock of its own that ticks every TICK_MS and keeps the longest time anybody had to wait. */
class Swept {
  readonly table = new ConnectionTable(PERIOD_MS);
  readonly open: Watched[] = [];
  nowMs = 0;
  looks = 0;
  longestMs = 0;
  onLook: ((watched: Watched) => void) | undefined;

  constructor() {
    this.table.sweep(0);
  }

  add(): Watched {
    // The table looks at nothing else of a socket.
    const socket = { peerIndex: -1, peer: { onSweep: () => this.#look(watched) } } as unknown as PeerSocket;
    const watched: Watched = { socket, seenMs: this.nowMs };
    this.open.push(watched);
    this.table.add(socket);
    return watched;
  }

  remove(watched: Watched): void {
    this.table.remove(watched.socket);
    this.open.splice(this.open.indexOf(watched), 1);
  }

  tick(durationMs = TICK_MS): void {
    this.nowMs += durationMs;
    this.table.sweep(this.nowMs);
    const waits = this.open.map(({ seenMs }) => this.nowMs - seenMs);
    this.longestMs = Math.max(this.longestMs, ...waits);
  }

  #look(watched: Watched): void {
    watched.seenMs = this.nowMs;
    this.looks += 1;
    this.onLook?.(watched);
  }
}

function sweptWith(count: number): Swept {
  const swept = new Swept();
  for (let n = 0; n < count; n++) swept.add();
  return swept;
}

describe('the table', () => {
  test('holds what was added and not removed, whatever the order', () => {
    const steps = fc.array(fc.oneof(fc.constant('add' as const), fc.nat()), { maxLength: 100 });
    fc.assert(
      fc.property(steps, (all) => {
        const swept = new Swept();
        for (const step of all) {
          const victim = step === 'add' ? undefined : swept.open[step % Math.max(1, swept.open.length)];
          if (step === 'add') swept.add();
          else if (victim !== undefined) swept.remove(victim);
        }
        const expected = new Set(swept.open.map(({ socket }) => socket));
        expect(swept.table.size).toBe(expected.size);
        expect(new Set(swept.table.all())).toEqual(expected);
        for (const [index, socket] of swept.table.all().entries()) expect(socket.peerIndex).toBe(index);
      }),
      { seed: SEED },
    );
  });

  test('is not harmed by a second removal', () => {
    const swept = sweptWith(3);
    const victim = swept.open[0]!;
    swept.table.remove(victim.socket);
    swept.table.remove(victim.socket);
    expect([swept.table.size, victim.socket.peerIndex]).toEqual([2, -1]);
  });

  test('gives a copy that is safe to walk while connections end', () => {
    const swept = sweptWith(5);
    const all = swept.table.all();
    for (const socket of all) swept.table.remove(socket);
    expect([all.length, swept.table.size]).toEqual([5, 0]);
  });
});

describe('a sweep', () => {
  test.each([1, 7, 10, 999, 1000])('looks at each of %s connections at least once in a period', (count) => {
    const swept = sweptWith(count);
    for (let n = 0; n < 50; n++) swept.tick();
    expect(swept.longestMs).toBeLessThanOrEqual(PERIOD_MS);
  });

  test.each([10, 1000])('looks at each of %s connections not much more often than that', (count) => {
    const swept = sweptWith(count);
    for (let n = 0; n < 50; n++) swept.tick();
    expect(swept.looks).toBe(5 * count);
  });

  test('looks at nobody twice after a pause of many periods', () => {
    const swept = sweptWith(100);
    swept.tick(60 * PERIOD_MS);
    expect(swept.looks).toBe(100);
  });

  test('looks at nobody in no time', () => {
    const swept = sweptWith(100);
    swept.table.sweep(0);
    expect(swept.looks).toBe(0);
  });

  test('does nothing where there is nobody', () => {
    const swept = new Swept();
    swept.tick();
    expect(swept.looks).toBe(0);
  });

  test('goes by the period in force', () => {
    const swept = sweptWith(100);
    swept.table.periodMs = 10 * PERIOD_MS;
    for (let n = 0; n < 10; n++) swept.tick();
    expect(swept.looks).toBe(10);
  });

  test('survives that a connection removes itself and others while it is looked at', () => {
    const swept = sweptWith(100);
    swept.onLook = (watched) => {
      swept.remove(watched);
      const other = swept.open[0];
      if (other !== undefined) swept.remove(other);
    };
    for (let n = 0; n < 100; n++) swept.tick();
    expect(swept.table.size).toBe(0);
  });

  test('comes by in time while as many connections come as go', () => {
    const random = seededRandom(SEED);
    const swept = sweptWith(1000);
    for (let n = 0; n < 300; n++) {
      for (let m = 0; m < 50; m++) swept.remove(swept.open[random.below(swept.open.length)]!);
      for (let m = 0; m < 50; m++) swept.add();
      swept.tick();
    }
    expect(swept.longestMs).toBeLessThanOrEqual(PERIOD_MS + TICK_MS);
  });

  test('comes by everybody within two periods, however many come and go', () => {
    const step = fc.record({ goPercent: fc.nat(40), come: fc.nat(300) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 60 }), fc.nat(), (steps, seed) => {
        const random = seededRandom(seed);
        const swept = sweptWith(500);
        for (const { goPercent, come } of steps) {
          const going = Math.floor((swept.open.length * goPercent) / 100);
          for (let n = 0; n < going; n++) swept.remove(swept.open[random.below(swept.open.length)]!);
          for (let n = 0; n < come; n++) swept.add();
          swept.tick();
        }
        expect(swept.longestMs).toBeLessThanOrEqual(2 * PERIOD_MS + TICK_MS);
      }),
      { seed: SEED, numRuns: 50 },
    );
  });

  test('comes by everybody in time where it ends each one it looks at', () => {
    const swept = sweptWith(10_000);
    swept.onLook = (watched) => swept.remove(watched);
    for (let n = 0; n < 11; n++) swept.tick();
    expect(swept.table.size).toBe(0);
  });
});
