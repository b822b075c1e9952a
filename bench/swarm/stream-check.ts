// Compares what one rover receives with what the base pushed, byte for byte, and knows where in the plan it is. A rover
// that joins late is first handed frames that went out earlier; they too must be frames of the plan, whole.
//
//   joining ── first observation frame: now its place is known ──▶ following
//      │                                                              │
//      └────────────── a byte that differs ──────────────▶ corrupt ◀──┘

import type { StreamPlan } from './stream-plan.ts';

/** What all checks of one plan share. */
export interface PlanIndex {
  readonly bytes: Buffer;
  readonly epochEnds: readonly number[];
  /** Every frame of the plan, by its bytes. */
  readonly frames: ReadonlySet<string>;
  /** Where each observation frame begins, by its bytes. */
  readonly observationStarts: ReadonlyMap<string, number>;
}

export function indexPlan({ bytes, epochEnds, frameStarts, observationStarts }: StreamPlan): PlanIndex {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const isObservation = new Set(observationStarts);
  const frames = new Set<string>();
  const starts = new Map<string, number>();
  for (const [index, start] of frameStarts.entries()) {
    const frame = all.toString('latin1', start, frameStarts[index + 1] ?? all.length);
    frames.add(frame);
    if (isObservation.has(start)) starts.set(frame, start);
  }
  return { bytes: all, epochEnds, frames, observationStarts: starts };
}

export class StreamCheck {
  corrupt = false;
  /** Bytes of cached frames that came before the stream itself. */
  greetingBytes = 0;
  /** Where in the plan the next byte is expected; -1 while it is not known. */
  #at: number;
  /** The epoch that ends next. */
  #epoch = 0;
  #held: Buffer | undefined;

  /** `joinsLate` where the base has pushed before this rover came. */
  constructor(joinsLate: boolean) {
    this.#at = joinsLate ? -1 : 0;
  }

  /** Everything to the end of the plan has come. */
  isComplete(plan: PlanIndex): boolean {
    return this.#at === plan.bytes.length && !this.corrupt;
  }

  /** Takes bytes[0..length); calls `onEpoch` with the number of each epoch that they complete. Keeps no view. */
  push(plan: PlanIndex, bytes: Buffer, length: number, onEpoch: (epoch: number) => void): void {
    if (this.corrupt) return;
    if (this.#at < 0) {
      this.#join(plan, bytes.subarray(0, length), onEpoch);
      return;
    }
    const end = this.#at + length;
    if (end > plan.bytes.length || plan.bytes.compare(bytes, 0, length, this.#at, end) !== 0) {
      this.corrupt = true;
      return;
    }
    this.#at = end;
    while (this.#epoch < plan.epochEnds.length && plan.epochEnds[this.#epoch]! <= end) onEpoch(this.#epoch++);
  }

  #join(plan: PlanIndex, piece: Buffer, onEpoch: (epoch: number) => void): void {
    const bytes = this.#held === undefined ? Buffer.from(piece) : Buffer.concat([this.#held, piece]);
    let start = 0;
    while (start + 3 <= bytes.length) {
      const end = start + 6 + (((bytes[start + 1]! & 3) << 8) | bytes[start + 2]!);
      if (end > bytes.length) break;
      const frame = bytes.toString('latin1', start, end);
      const place = plan.observationStarts.get(frame);
      if (place !== undefined) {
        this.#follow(plan, place);
        const rest = bytes.subarray(start);
        this.push(plan, rest, rest.length, onEpoch);
        return;
      }
      if (!plan.frames.has(frame)) {
        this.corrupt = true;
        return;
      }
      this.greetingBytes += end - start;
      start = end;
    }
    this.#held = bytes.subarray(start);
  }

  #follow(plan: PlanIndex, place: number): void {
    this.#held = undefined;
    this.#at = place;
    this.#epoch = plan.epochEnds.findIndex((end) => end > place);
  }
}
