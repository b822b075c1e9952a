// What the live state promises, whichever kind it is: one suite for both.

import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LiveState, SlotVerdict } from '../../../caster/accounts/live/live-state.ts';
import { MemoryLiveState } from '../../../caster/accounts/live/memory-live-state.ts';
import { SIGNATURE_WINDOW_MS } from '../../../config/limits.ts';
import { redisMissing, RedisServer } from '../../support/redis-server.ts';
import { claim, count, LocalNode, refuse, replace } from './nodes.ts';

interface Kind {
  readonly name: LiveState['kind'];
  readonly missing: string | undefined;
  start(): Promise<void>;
  open(): Promise<{ live: LiveState; close: () => Promise<void> }>;
  stop(): Promise<void>;
}

let server: RedisServer | undefined;

const KINDS: readonly Kind[] = [
  {
    name: 'memory',
    missing: undefined,
    start: () => Promise.resolve(),
    open: () => {
      const live = new MemoryLiveState();
      return Promise.resolve({ live, close: () => live.close() });
    },
    stop: () => Promise.resolve(),
  },
  {
    name: 'redis',
    missing: redisMissing,
    start: async () => {
      server = await RedisServer.start();
    },
    open: async () => {
      const node = new LocalNode(server!.url);
      await node.live.ready;
      return { live: node.live, close: () => node.close() };
    },
    stop: async () => server?.stop(),
  },
];

const token = (verdict: SlotVerdict): number => (verdict.ok ? verdict.token : NaN);
/** Expiry of a signature that is made now. */
const soon = (): number => Date.now() + SIGNATURE_WINDOW_MS;

describe.each(KINDS)('live state in $name', (kind) => {
  let live: LiveState;
  let close: () => Promise<void>;
  /** Keys of one test, since Redis keeps those of the others. */
  let key: (name: string) => string;

  beforeAll(async () => {
    if (kind.missing === undefined) await kind.start();
  });
  afterAll(() => kind.stop());
  beforeEach(async (context) => {
    context.skip(kind.missing !== undefined, kind.missing);
    ({ live, close } = await kind.open());
    const test = randomUUID();
    key = (name) => `${name}:${test}`;
  });
  afterEach(() => close());

  describe('nonces', () => {
    it('are fresh once, then a repeat for the same tag and used for another', async () => {
      expect(await live.useNonce(key('n'), 'device-1', soon())).toBe('fresh');
      expect(await live.useNonce(key('n'), 'device-1', soon())).toBe('repeat');
      expect(await live.useNonce(key('n'), 'device-2', soon())).toBe('used');
      expect(await live.useNonce(key('n'), 'device-1', soon())).toBe('repeat');
    });

    it('are used up for one of those who come at the same time', async () => {
      const tags = Array.from({ length: 50 }, (_, index) => `device-${index}`);
      const verdicts = await Promise.all(tags.map((tag) => live.useNonce(key('n'), tag, soon())));
      expect(verdicts.filter((verdict) => verdict === 'fresh')).toHaveLength(1);
      expect(verdicts.filter((verdict) => verdict === 'used')).toHaveLength(49);
    });

    it('are stale where they were signed before the memory began, and then used up all the same', async () => {
      const before = Date.now() + SIGNATURE_WINDOW_MS - 120_000;
      expect(await live.useNonce(key('n'), 'device-1', before)).toBe('stale');
      expect(await live.useNonce(key('n'), 'device-1', before)).toBe('repeat');
      expect(await live.useNonce(key('n'), 'device-2', before)).toBe('used');
    });

    it('are stale where their time is over', async () => {
      expect(await live.useNonce(key('n'), 'device-1', Date.now() - 1)).toBe('stale');
    });

    it('may hold any characters', async () => {
      const odd = key('app {x} "y"\n\u0000 中文');
      expect(await live.useNonce(odd, 'tag\r\n$5', soon())).toBe('fresh');
      expect(await live.useNonce(odd, 'tag\r\n$5', soon())).toBe('repeat');
    });
  });

  describe('places', () => {
    it('are taken up to the maximum, and free again when they are given back', async () => {
      const scope = refuse(key('account'), 2);
      expect(await live.takeSlots(claim(key('s1'), scope))).toMatchObject({
        ok: true,
        replaced: [],
        over: [],
      });
      expect(await live.takeSlots(claim(key('s2'), scope))).toMatchObject({ ok: true });
      expect(await live.takeSlots(claim(key('s3'), scope))).toEqual({
        ok: false,
        reason: 'full',
        key: scope.key,
      });
      live.releaseSlots(key('s1'));
      live.releaseSlots(key('s1'));
      live.releaseSlots('nobody');
      expect(await live.takeSlots(claim(key('s4'), scope))).toMatchObject({ ok: true });
      expect(await live.takeSlots(claim(key('s5'), scope))).toMatchObject({ ok: false });
    });

    it('are taken in every scope or in none', async () => {
      const [account, app] = [refuse(key('account'), 1), refuse(key('app'), 1)];
      await live.takeSlots(claim(key('s1'), app));
      const refused = await live.takeSlots(claim(key('s2'), account, app));
      expect(refused).toEqual({ ok: false, reason: 'full', key: app.key });
      expect(await live.takeSlots(claim(key('s3'), account))).toMatchObject({ ok: true });
    });

    it('come with tokens that grow', async () => {
      const tokens: number[] = [];
      for (let n = 0; n < 5; n++)
        tokens.push(token(await live.takeSlots(claim(key(`s${n}`), count(key('a'), 1)))));
      expect(tokens).toEqual(tokens.toSorted((a, b) => a - b));
      expect(new Set(tokens).size).toBe(5);
      expect(tokens.every(Number.isSafeInteger)).toBe(true);
    });

    it('of the oldest session are given to the newest where the scope says replace', async () => {
      const scope = replace(key('account'), 2);
      for (const id of ['s1', 's2']) await live.takeSlots(claim(key(id), scope));
      const third = await live.takeSlots(claim(key('s3'), scope));
      expect(third).toMatchObject({ ok: true, replaced: [key('s1')] });
      expect(await live.takeSlots(claim(key('s4'), scope))).toMatchObject({ replaced: [key('s2')] });
      live.releaseSlots(key('s3'));
      expect(await live.takeSlots(claim(key('s5'), scope))).toMatchObject({ ok: true, replaced: [] });
    });

    it('make room for as many as a lowered maximum demands', async () => {
      for (const id of ['s1', 's2', 's3']) await live.takeSlots(claim(key(id), replace(key('a'), 3)));
      const last = await live.takeSlots(claim(key('s4'), replace(key('a'), 1)));
      expect(last).toMatchObject({ ok: true, replaced: [key('s1'), key('s2'), key('s3')] });
    });

    it('of a replaced session are free in its other scopes, too, so a full app takes back its own', async () => {
      const scopes = [replace(key('account'), 1), refuse(key('app'), 1)];
      await live.takeSlots(claim(key('s1'), ...scopes));
      expect(await live.takeSlots(claim(key('s2'), ...scopes))).toMatchObject({
        ok: true,
        replaced: [key('s1')],
      });
      const stranger = claim(key('s3'), replace(key('other'), 1), refuse(key('app'), 1));
      expect(await live.takeSlots(stranger)).toMatchObject({ ok: false, key: key('app') });
    });

    it('are not given up for a newcomer that is refused elsewhere', async () => {
      await live.takeSlots(claim(key('s1'), replace(key('account'), 1)));
      await live.takeSlots(claim(key('s2'), refuse(key('app'), 1)));
      const refused = await live.takeSlots(
        claim(key('s3'), replace(key('account'), 1), refuse(key('app'), 1)),
      );
      expect(refused).toMatchObject({ ok: false, key: key('app') });
      expect(await live.takeSlots(claim(key('s4'), replace(key('account'), 1)))).toMatchObject({
        replaced: [key('s1')],
      });
    });

    it('are counted without limit where the scope says count, and the verdict names what is over', async () => {
      const scopes = [count(key('account'), 1), count(key('app'), 5)];
      expect(await live.takeSlots(claim(key('s1'), ...scopes))).toMatchObject({ ok: true, over: [] });
      expect(await live.takeSlots(claim(key('s2'), ...scopes))).toMatchObject({
        ok: true,
        replaced: [],
        over: [key('account')],
      });
    });

    it('are there for nobody where the maximum is 0', async () => {
      expect(await live.takeSlots(claim(key('s1'), refuse(key('a'), 0)))).toMatchObject({ ok: false });
      expect(await live.takeSlots(claim(key('s1'), replace(key('a'), 0)))).toMatchObject({ ok: false });
      expect(await live.takeSlots(claim(key('s2'), count(key('a'), 0)))).toMatchObject({ over: [key('a')] });
    });

    it('are unlimited where there is no scope or no maximum', async () => {
      expect(await live.takeSlots(claim(key('s1')))).toMatchObject({ ok: true });
      expect(await live.takeSlots(claim(key('s2'), refuse(key('a'), Infinity)))).toMatchObject({ ok: true });
      expect(await live.takeSlots(claim(key('s3'), count(key('a'), Number.MAX_SAFE_INTEGER)))).toMatchObject({
        ok: true,
        over: [],
      });
    });

    it('of a session that is held anyway count for those who come later', async () => {
      live.holdAnyway(claim(key('s1'), refuse(key('a'), 1)));
      expect(await live.takeSlots(claim(key('s2'), refuse(key('a'), 1)))).toMatchObject({ ok: false });
      live.releaseSlots(key('s1'));
      expect(await live.takeSlots(claim(key('s3'), refuse(key('a'), 1)))).toMatchObject({ ok: true });
    });

    it('go to exactly 5,000 of 20,000 that come at once', async () => {
      const app = refuse(key('app'), 5000);
      const verdicts = await Promise.all(
        Array.from({ length: 20_000 }, (_, index) =>
          live.takeSlots(claim(key(`s${index}`), refuse(key(`account-${index}`), 1), app)),
        ),
      );
      const taken = verdicts.filter(({ ok }) => ok);
      expect(taken).toHaveLength(5000);
      expect(new Set(taken.map(token)).size).toBe(5000);
      const full = { ok: false, reason: 'full', key: app.key };
      expect(verdicts.filter(({ ok }) => !ok)).toEqual(Array(15_000).fill(full));
    });
  });

  describe('logins', () => {
    it('are counted for each key, and those beyond the rate are told when to come back', async () => {
      expect(await live.countLogin(key('app'), 2)).toBe(0);
      expect(await live.countLogin(key('app'), 2)).toBe(0);
      const wait = await live.countLogin(key('app'), 2);
      expect(wait).toBeGreaterThan(50);
      expect(wait).toBeLessThanOrEqual(60);
      expect(await live.countLogin(key('other'), 2)).toBe(0);
    });

    it('are counted one by one where many come at once', async () => {
      const waits = await Promise.all(Array.from({ length: 1000 }, () => live.countLogin(key('app'), 300)));
      expect(waits.filter((wait) => wait === 0)).toHaveLength(300);
    });

    it('are let in by nobody where the rate is 0', async () => {
      expect(await live.countLogin(key('app'), 0)).toBeGreaterThan(0);
    });
  });
});
