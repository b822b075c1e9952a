// Who counts as dead: by the changes of their signs of life and the looker's own clock, never by what the signs say.

import { expect, test } from 'vitest';
import { NodeWatch } from '../../../caster/accounts/node-watch.ts';
import { NODE_DEAD_MS } from '../../../config/limits.ts';

const LOOK_MS = 1000;

/** Looks every second; gives the seconds at which each node was dead for the first time. */
function watch(
  seconds: number,
  seenAt: (second: number) => Readonly<Record<string, number>>,
  looks: (second: number) => boolean = () => true,
): Record<string, number> {
  const nodes = new NodeWatch();
  const deaths: Record<string, number> = {};
  for (let second = 0; second <= seconds; second++) {
    if (!looks(second)) continue;
    const signs = Object.entries(seenAt(second)).map(([id, seenAtMs]) => ({ id, seenAtMs }));
    for (const { id } of nodes.look(signs, 5_000_000 + second * LOOK_MS)) deaths[id] ??= second;
  }
  return deaths;
}

test('a node is dead when its sign has not changed for the stated time, whatever the sign says', () => {
  const signs = { future: 9e12, past: 5 };
  const alive = (second: number): object => ({ beating: -second });
  const deaths = watch(60, (second) => ({ ...signs, ...alive(second) }));
  expect(deaths).toEqual({ future: NODE_DEAD_MS / LOOK_MS, past: NODE_DEAD_MS / LOOK_MS });
});

test('a node that gives a sign again is watched from then on', () => {
  const deaths = watch(60, (second) => ({ node: second < 10 ? 1 : 2 }));
  expect(deaths).toEqual({ node: 10 + NODE_DEAD_MS / LOOK_MS });
});

test('nobody is dead for what nobody could look at: after an outage of the store all have the whole time', () => {
  const deaths = watch(
    60,
    (second) => ({ silent: 1, beating: second < 10 || second > 40 ? second : 10 }),
    (second) => second < 10 || second >= 40,
  );
  expect(deaths).toEqual({ silent: 40 + NODE_DEAD_MS / LOOK_MS });
});
