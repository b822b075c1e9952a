// Joins how a mountpoint's base did in a minute, which the main thread says, with what its rovers got then, which their
// windows say later. A minute is held until the last window that began in it is there; a process that is killed loses
// what it holds, about a minute, since nobody is charged by it.

import { QUALITY_SLACK_MS } from '../../../config/limits.ts';
import type { StreamQualityRow } from '../record-rows.ts';
import type { UsageRow } from '../usage-row.ts';

const MINUTE_MS = 60_000;

interface Delivery {
  readonly minuteAtMs: number;
  delivered: number;
  dropped: number;
}

export class QualityJoin {
  readonly #holdMs: number;
  readonly #held = new Map<string, StreamQualityRow>();
  readonly #deliveries = new Map<string, Delivery>();

  constructor(windowMs: number) {
    this.#holdMs = MINUTE_MS + windowMs + QUALITY_SLACK_MS;
  }

  hold(rows: readonly StreamQualityRow[]): void {
    for (const row of rows) this.#held.set(keyOf(row.mountpoint, row.minuteAtMs), row);
  }

  /** A window belongs to the minute in which it began. */
  count(rows: readonly UsageRow[]): void {
    for (const { role, mountpoint, windowStartedAtMs, delta } of rows) {
      if (role !== 'rover') continue;
      const minuteAtMs = Math.floor(windowStartedAtMs / MINUTE_MS) * MINUTE_MS;
      const key = keyOf(mountpoint, minuteAtMs);
      const delivery = this.#deliveries.get(key) ?? { minuteAtMs, delivered: 0, dropped: 0 };
      delivery.delivered += delta.epochs;
      delivery.dropped += delta.epochsDropped;
      this.#deliveries.set(key, delivery);
    }
  }

  /** The minutes that are complete by now, or all. */
  take(nowMs: number): StreamQualityRow[] {
    const joined: StreamQualityRow[] = [];
    for (const [key, row] of this.#held) {
      if (nowMs - row.minuteAtMs < this.#holdMs) continue;
      const delivery = this.#deliveries.get(key);
      this.#held.delete(key);
      joined.push({
        ...row,
        epochsDelivered: row.epochsDelivered + (delivery?.delivered ?? 0),
        epochsDropped: row.epochsDropped + (delivery?.dropped ?? 0),
      });
    }
    for (const [key, { minuteAtMs }] of this.#deliveries)
      if (nowMs - minuteAtMs >= this.#holdMs + MINUTE_MS) this.#deliveries.delete(key);
    return joined;
  }
}

function keyOf(mountpoint: string, minuteAtMs: number): string {
  return `${minuteAtMs} ${mountpoint}`;
}
