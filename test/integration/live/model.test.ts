// Any sequence of claims, ends and logins has the outcome of a model that is too simple to be wrong, in memory and in
// Redis.

import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LiveState, SlotScope, SlotVerdict } from '../../../caster/accounts/live/live-state.ts';
import { MemoryLiveState } from '../../../caster/accounts/live/memory-live-state.ts';
import { redisMissing, RedisServer } from '../../support/redis-server.ts';
import { LocalNode } from './nodes.ts';

type Outcome = 'full' | { readonly replaced: readonly string[]; readonly over: readonly string[] };

/** Sessions as a list, oldest first. */
class Model {
  sessions: { readonly id: string; readonly keys: readonly string[] }[] = [];
  readonly counts = new Map<string, number>();

  take(id: string, scopes: readonly SlotScope[]): Outcome {
    let staying = this.sessions;
    const inScope = (key: string) => staying.filter(({ keys }) => keys.includes(key));
    for (const { key, max, onFull } of scopes) {
      if (onFull !== 'replace' || max === 0) continue;
      const surplus = Math.max(0, inScope(key).length + 1 - max);
      const going = inScope(key).slice(0, surplus);
      staying = staying.filter((session) => !going.includes(session));
    }
    if (scopes.some(({ key, max, onFull }) => onFull !== 'count' && inScope(key).length >= max))
      return 'full';
    const replaced = this.sessions.filter((session) => !staying.includes(session));
    staying = [...staying, { id, keys: scopes.map(({ key }) => key) }];
    this.sessions = staying;
    const over = scopes.filter(({ key, max, onFull }) => onFull === 'count' && inScope(key).length > max);
    return { replaced: replaced.map((session) => session.id).toSorted(), over: over.map(({ key }) => key) };
  }

  release(id: string): void {
    this.sessions = this.sessions.filter((session) => session.id !== id);
  }

  login(key: string, perMinute: number): boolean {
    const count = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, count);
    return count <= perMinute;
  }
}

const outcomeOf = (verdict: SlotVerdict): Outcome | 'outage' => {
  if (!verdict.ok) return verdict.reason;
  return { replaced: verdict.replaced.toSorted(), over: [...verdict.over] };
};

const scope = fc.record({
  key: fc.constantFrom('a', 'b', 'c', 'd'),
  max: fc.integer({ min: 0, max: 4 }),
  onFull: fc.constantFrom('refuse', 'replace', 'count'),
});
const step = fc.oneof(
  { weight: 5, arbitrary: fc.uniqueArray(scope, { maxLength: 3, selector: ({ key }) => key }) },
  { weight: 2, arbitrary: fc.nat({ max: 30 }) },
  { weight: 1, arbitrary: fc.record({ login: fc.constantFrom('a', 'b'), perMinute: fc.nat({ max: 3 }) }) },
);

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** Runs the steps on both; the keys of one run are not those of another. */
async function compare(live: LiveState, steps: readonly Step[]): Promise<void> {
  const run = randomUUID();
  const model = new Model();
  const ids: string[] = [];
  for (const what of steps) {
    if (typeof what === 'number') {
      const id = ids[what % Math.max(1, ids.length)];
      if (id === undefined) continue;
      live.releaseSlots(id);
      model.release(id);
    } else if ('login' in what) {
      const key = `${what.login}:${run}`;
      const mayGoOn = (await live.countLogin(key, what.perMinute)) === 0;
      expect(mayGoOn).toBe(model.login(key, what.perMinute));
    } else {
      const id = `${ids.length}:${run}`;
      ids.push(id);
      const scopes = what.map((one) => ({ ...one, key: `${one.key}:${run}` }));
      expect(outcomeOf(await live.takeSlots({ sessionId: id, scopes }))).toEqual(model.take(id, scopes));
    }
  }
  for (const id of ids) live.releaseSlots(id);
}

describe('live state and its model', () => {
  let server: RedisServer | undefined;
  let node: LocalNode | undefined;

  beforeAll(async () => {
    if (redisMissing !== undefined) return;
    server = await RedisServer.start();
    node = new LocalNode(server.url);
    await node.live.ready;
  });
  afterAll(async () => {
    await node?.close();
    await server?.stop();
  });

  const property = (live: () => LiveState) =>
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), (steps) => compare(live(), steps));

  it('agree in memory', async () => {
    await fc.assert(
      property(() => new MemoryLiveState()),
      { numRuns: 1000, seed: 20_260_301 },
    );
  });

  it('agree in Redis', async (context) => {
    context.skip(redisMissing !== undefined, redisMissing);
    await fc.assert(
      property(() => node!.live),
      { numRuns: 200, seed: 20_260_302 },
    );
  });
});
