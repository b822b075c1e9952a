// Tests whether a worker holds a rover to its grant by itself: the stream runs until its time, inside its area and as
// long as it says where it is, ends within a second with the reason otherwise, and obeys a grant that changes under it.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GrantLimits } from '../../caster/accounts/grant-limits.ts';
import { type GrantedRover, joinGranted, startBase, type StreamingBase } from '../support/granted-rover.ts';
import { ggaLine } from '../support/ntrip-requests.ts';
import { useScriptedWorkers } from '../support/scripted-workers.ts';
import { eventually } from '../support/use-caster.ts';

const WITHIN_MS = 1000;
const workers = useScriptedWorkers({
  timing: { stallMs: 60_000, roverSilentMs: 0 },
  mountpoints: [{ name: 'TEST1', sourcePassword: 'password1' }],
});

let base: StreamingBase;
beforeAll(async () => {
  base = await startBase(workers(), 'TEST1');
});
afterAll(() => base.stop());

const join = (limits: GrantLimits, behind?: string): Promise<GrantedRover> =>
  joinGranted(workers(), limits, behind === undefined ? {} : { behind });

/** Corrections come still. */
async function flows({ peer }: GrantedRover): Promise<void> {
  const before = peer.waitingBytes;
  await eventually('more corrections', () => (peer.waitingBytes > before || peer.ended ? true : undefined));
  expect(peer.ended).toBe(false);
}

function expectWithin(atMs: number, fromMs: number): void {
  expect(atMs - fromMs).toBeGreaterThanOrEqual(0);
  expect(atMs - fromMs).toBeLessThanOrEqual(WITHIN_MS);
}

const IN_BERN = ggaLine(46.948, 7.447);
const IN_ZURICH = ggaLine(47.377, 8.541);
const IN_MILAN = ggaLine(45.464, 9.19);
const ALPS: GrantLimits['area'] = {
  polygon: [
    [5.9, 46],
    [10.5, 46],
    [10.5, 47.9],
    [5.9, 47.9],
  ],
};
/** Bern is 95 km from Zurich. */
const AROUND_ZURICH: GrantLimits['area'] = { center: [8.541, 47.377], radiusKm: 50 };

describe('until when', () => {
  test.each([1200, 1700, 2450])(
    'a grant of %i ms ends then, not before, as grant_expired',
    async (lastsMs) => {
      const untilMs = Date.now() + lastsMs;
      const rover = await join({ untilMs });
      await flows(rover);
      const { reason, atMs } = await rover.ended();
      expect(reason).toBe('grant_expired');
      expectWithin(atMs, untilMs);
    },
  );

  test('a grant that is over when it arrives ends the stream at once', async () => {
    const { reason } = await (await join({ untilMs: Date.now() - 1 })).ended();
    expect(reason).toBe('grant_expired');
  });

  test('a grant that is cut short ends within a second, others go on', async () => {
    const [cut, other, plain] = [
      await join({ untilMs: Date.now() + 86_400_000 }),
      await join({ untilMs: Date.now() + 86_400_000 }),
      await join({}),
    ];
    await flows(cut);
    const cutMs = Date.now();
    workers().updateGrant(cut.sessionId, { untilMs: cutMs + 300 });
    const { reason, atMs } = await cut.ended();
    expect(reason).toBe('grant_expired');
    expectWithin(atMs, cutMs + 300);
    await flows(other);
    await flows(plain);
  });

  test('a grant that is prolonged before it ends goes on, and ends at its new time', async () => {
    const rover = await join({ untilMs: Date.now() + 1000 });
    const untilMs = Date.now() + 2500;
    workers().updateGrant(rover.sessionId, { untilMs });
    const { atMs } = await rover.ended();
    expectWithin(atMs, untilMs);
  });

  test('a rover without an end can be given one', async () => {
    const rover = await join({});
    await flows(rover);
    const untilMs = Date.now();
    workers().updateGrant(rover.sessionId, { untilMs });
    const { reason, atMs } = await rover.ended();
    expect(reason).toBe('grant_expired');
    expectWithin(atMs, untilMs);
  });
});

describe('where', () => {
  test.each([
    ['a polygon', ALPS, IN_ZURICH, IN_MILAN],
    ['a circle', AROUND_ZURICH, IN_ZURICH, IN_BERN],
  ])('a rover that leaves %s is ended as left_area', async (_what, area, inside, outside) => {
    const rover = await join({ area });
    rover.peer.send(inside);
    await flows(rover);
    const leftMs = Date.now();
    rover.peer.send(outside);
    const { reason, atMs } = await rover.ended();
    expect(reason).toBe('left_area');
    expectWithin(atMs, leftMs);
  });

  test('a rover whose request tells a place outside has nothing more to wait for', async () => {
    const { reason } = await (await join({ area: ALPS }, IN_MILAN)).ended();
    expect(reason).toBe('left_area');
  });

  test('a rover that has not said where it is is not outside', async () => {
    await flows(await join({ area: ALPS }));
  });

  test('a receiver without a fix, which sends zeros, is not off the coast of Africa', async () => {
    const rover = await join({ area: ALPS }, ggaLine(0, 0, 0));
    rover.peer.send(ggaLine(0, 0, 0));
    await flows(rover);
    rover.peer.send(ggaLine(0, 0, 1));
    expect((await rover.ended()).reason).toBe('left_area');
  });

  test('an area that becomes smaller ends a rover that said only once where it is', async () => {
    const rover = await join({ area: ALPS }, IN_BERN);
    const stays = await join({ area: ALPS }, IN_ZURICH);
    await flows(rover);
    const changedMs = Date.now();
    for (const { sessionId } of [rover, stays]) workers().updateGrant(sessionId, { area: AROUND_ZURICH });
    const { reason, atMs } = await rover.ended();
    expect(reason).toBe('left_area');
    expectWithin(atMs, changedMs);
    await flows(stays);
  });

  test('an area that is new ends a rover that was free to be anywhere', async () => {
    const rover = await join({}, IN_BERN);
    await flows(rover);
    workers().updateGrant(rover.sessionId, { area: AROUND_ZURICH });
    expect((await rover.ended()).reason).toBe('left_area');
  });
});

describe('how often it says where it is', () => {
  test('a rover that never does is ended as gga_missing', async () => {
    const joinedMs = Date.now();
    const rover = await join({ gga: { withinMs: 1000 } });
    const { reason, atMs } = await rover.ended();
    expect(reason).toBe('gga_missing');
    expect(atMs - joinedMs).toBeGreaterThanOrEqual(1000);
    expect(atMs - joinedMs).toBeLessThanOrEqual(1000 + WITHIN_MS + 200);
  });

  test('a rover that does is not, and is when it stops', async () => {
    const rover = await join({ gga: { withinMs: 1000 } }, IN_BERN);
    let saidMs = 0;
    await new Promise<void>((resolve) => {
      let said = 0;
      const saying = setInterval(() => {
        saidMs = Date.now();
        rover.peer.send(IN_BERN);
        if (++said < 7) return;
        clearInterval(saying);
        resolve();
      }, 400);
    });
    await flows(rover);
    const { reason, atMs } = await rover.ended();
    expect(reason).toBe('gga_missing');
    expectWithin(atMs, saidMs + 1000);
  });

  test('a rover without a fix does not say where it is', async () => {
    const rover = await join({ gga: { withinMs: 800 } });
    const saying = setInterval(() => rover.peer.send(ggaLine(46.948, 7.447, 0)), 100);
    const { reason } = await rover.ended();
    clearInterval(saying);
    expect(reason).toBe('gga_missing');
  });

  test('a demand that is new counts from then, a stricter one from the last position', async () => {
    const [rover, strict] = [await join({}), await join({ gga: { withinMs: 60_000 } }, IN_BERN)];
    const saidMs = Date.now();
    await eventually('a second has passed', () => (Date.now() - saidMs > 1000 ? true : undefined));
    const demandedMs = Date.now();
    for (const { sessionId } of [rover, strict]) workers().updateGrant(sessionId, { gga: { withinMs: 900 } });
    const [late, early] = await Promise.all([rover.ended(), strict.ended()]);
    expect([late.reason, early.reason]).toEqual(['gga_missing', 'gga_missing']);
    expectWithin(late.atMs, demandedMs + 900);
    expectWithin(early.atMs, demandedMs);
    expect(early.atMs).toBeLessThan(late.atMs);
  });

  test('a demand that is dropped is none', async () => {
    const rover = await join({ gga: { withinMs: 1000 }, untilMs: Date.now() + 2500 });
    workers().updateGrant(rover.sessionId, { untilMs: Date.now() + 2500 });
    expect((await rover.ended()).reason).toBe('grant_expired');
  });
});
