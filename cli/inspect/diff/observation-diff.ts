// Compares the observations of paired epochs: which message became which, and what of it.

import { RtcmCodec } from '../../../caster/rtcm/codec/codec.ts';
import { signalOf } from '../../../caster/rtcm/signals.ts';
import { satelliteName } from '../satellite-name.ts';
import { type DifferenceExample, type MessageDiff } from './diff-report.ts';
import { type EpochGroup, isLastBitRight, type Observation } from './epoch-group.ts';
import { type FieldTally } from './field-tally.ts';
import { legacySatellite, LegacyComparison } from './legacy-comparison.ts';
import { type MessagePair, pairMessages } from './message-pairing.ts';
import { MsmComparison } from './msm-comparison.ts';
import { Presence } from './presence.ts';

/** Examples that are kept; all are counted. */
const EXAMPLES_MAX = 1000;

type MessageRow = { -readonly [key in keyof MessageDiff]: MessageDiff[key] };

export class ObservationDiff {
  readonly #codecBefore = new RtcmCodec();
  readonly #codecAfter = new RtcmCodec();
  readonly presence = new Presence();
  readonly #msm = new MsmComparison(this.presence, (...difference) => this.#noteDifference(...difference));
  readonly #legacy = new LegacyComparison(this.presence, (...difference) =>
    this.#noteDifference(...difference),
  );
  readonly #rows = new Map<string, MessageRow>();
  readonly examples: DifferenceExample[] = [];
  readonly lastBit = { wrongBefore: 0, wrongAfter: 0, repaired: 0, broken: 0 };
  /** What is compared at the moment. */
  #gpsDayMs = 0;
  #station = 0;
  #pair: MessagePair = { before: null, after: null };

  take(before: EpochGroup, after: EpochGroup): void {
    this.#gpsDayMs = before.gpsDayMs;
    this.#station = before.station;
    this.#noteLastBit(isLastBitRight(before), isLastBitRight(after));
    for (const pair of pairMessages(before.observations, after.observations)) {
      this.#pair = pair;
      this.#takePair(pair);
    }
  }

  messages(): MessageDiff[] {
    const order = ({ before, after }: MessageDiff): number => before ?? after ?? 0;
    return [...this.#rows.values()].sort((a, b) => order(a) - order(b));
  }

  fields(): FieldTally[] {
    return [...this.#msm.fields, ...this.#legacy.fields];
  }

  #noteLastBit(isRightBefore: boolean, isRightAfter: boolean): void {
    if (!isRightBefore) this.lastBit.wrongBefore++;
    if (!isRightAfter) this.lastBit.wrongAfter++;
    if (!isRightBefore && isRightAfter) this.lastBit.repaired++;
    if (isRightBefore && !isRightAfter) this.lastBit.broken++;
  }

  #takePair({ before, after }: MessagePair): void {
    const row = this.#rowOf(before, after);
    row.count++;
    if (before === null || after === null) {
      const only = (before ?? after)!;
      const isRead = this.#readOnly(only, before === null ? 'onlyAfter' : 'onlyBefore');
      if (!isRead) row.undecodable++;
      return;
    }
    if (before.bytes.equals(after.bytes)) row.equal++;
    if (before.moreToCome !== after.moreToCome) row.lastBitChanged++;
    const kind = this.#codecBefore.decode(before.bytes);
    const isSameKind = kind === this.#codecAfter.decode(after.bytes);
    if (isSameKind && kind === 'msm') this.#msm.compare(this.#codecBefore.msm, this.#codecAfter.msm);
    else if (isSameKind && kind === 'legacy') {
      this.#legacy.compare(this.#codecBefore.legacy, this.#codecAfter.legacy);
    } else row.undecodable++;
  }

  /** Returns whether it can be decoded. */
  #readOnly({ bytes }: Observation, side: 'onlyBefore' | 'onlyAfter'): boolean {
    const kind = this.#codecBefore.decode(bytes);
    if (kind === 'msm') this.#msm.noteOnly(this.#codecBefore.msm, side);
    if (kind === 'legacy') this.#legacy.noteOnly(this.#codecBefore.legacy, side);
    return kind === 'msm' || kind === 'legacy';
  }

  #rowOf(before: Observation | null, after: Observation | null): MessageRow {
    const key = `${before?.message} ${after?.message}`;
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = {
        before: before?.message ?? null,
        after: after?.message ?? null,
        count: 0,
        equal: 0,
        lastBitChanged: 0,
        undecodable: 0,
      };
      this.#rows.set(key, row);
    }
    return row;
  }

  #noteDifference(tally: FieldTally, satellite: number, signal: number, before: number, after: number): void {
    const from = this.#pair.before;
    if (this.examples.length >= EXAMPLES_MAX || from === null) return;
    const isMsm = from.message > 1070;
    const { system, msmId } = isMsm
      ? { system: from.system, msmId: satellite }
      : legacySatellite(from.message, satellite);
    this.examples.push({
      gpsDayMs: this.#gpsDayMs,
      station: this.#station,
      messageBefore: from.message,
      messageAfter: this.#pair.after?.message ?? 0,
      satellite: satellite === 0 ? null : satelliteName(system, msmId),
      signal: signal === 0 ? null : (signalOf(system, signal)?.code ?? `id ${signal}`),
      field: tally.name,
      before: before * tally.perUnit,
      after: after * tally.perUnit,
      unit: tally.unit,
    });
  }
}
