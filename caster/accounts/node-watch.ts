// Which of the other nodes are dead. Clocks of machines are never compared: a node lives whose sign of life changes, and
// how long it has not is measured by this process's own clock, and only while the store could be looked at. Where nobody
// could reach the store, nobody is dead for that.

import { NODE_DEAD_MS, NODE_SEEN_PERIOD_MS } from '../../config/limits.ts';

export interface NodeSign {
  readonly id: string;
  /** Another one with every sign of life; what it says of the time does not matter here. */
  readonly seenAtMs: number;
}

interface Sight {
  readonly sign: NodeSign;
  readonly sinceMs: number;
}

export class NodeWatch {
  #sights = new Map<string, Sight>();
  #lookedMs = -Infinity;

  /** `signs`: all other nodes, as just read. Gives those without a new sign of life for NODE_DEAD_MS. */
  look(signs: readonly NodeSign[], nowMonotonicMs: number): readonly NodeSign[] {
    const wasAway = nowMonotonicMs - this.#lookedMs > NODE_SEEN_PERIOD_MS;
    this.#lookedMs = nowMonotonicMs;
    this.#sights = new Map(
      signs.map((sign) => {
        const known = this.#sights.get(sign.id);
        const isSame = !wasAway && known?.sign.seenAtMs === sign.seenAtMs;
        return [sign.id, isSame ? known : { sign, sinceMs: nowMonotonicMs }];
      }),
    );
    return [...this.#sights.values()]
      .filter(({ sinceMs }) => nowMonotonicMs - sinceMs >= NODE_DEAD_MS)
      .map(({ sign }) => sign);
  }
}
