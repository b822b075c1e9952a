// All messages that are no observations: of each number how many are the same in both recordings, byte for byte, which
// have changed and in which fields, and which only one has. They come a little earlier or later in the other recording,
// so each waits until the epochs around it are paired; it must never hold more than a bounded number of bytes.

import { RtcmCodec } from '../../../caster/rtcm/codec/codec.ts';
import { type MessageFields } from '../../../caster/rtcm/codec/message-fields.ts';
import { ephemerisSatellite } from '../../../caster/rtcm/ephemeris-id.ts';
import { messageType } from '../../../caster/rtcm/message-types.ts';

export interface OtherReport {
  /** -1 for frames that are too short for a number. */
  readonly message: number;
  readonly name: string;
  readonly equal: number;
  readonly changed: number;
  readonly onlyBefore: number;
  readonly onlyAfter: number;
  /** Of the changed ones; empty where nobody knows the fields of this message. */
  readonly fields: readonly ChangedField[];
}

export interface ChangedField {
  /** "DF022"; empty for the bits behind the last field that is known. */
  readonly field: string;
  readonly count: number;
  /** Raw values of the first change; null where one side has no such field. */
  readonly before: number | null;
  readonly after: number | null;
}

interface Waiting {
  readonly frame: Buffer;
  /** Groups of observations that had begun before it in its recording. */
  readonly group: number;
}

interface Line {
  readonly message: number;
  readonly before: Waiting[];
  readonly after: Waiting[];
}

interface Row {
  readonly message: number;
  equal: number;
  changed: number;
  onlyBefore: number;
  onlyAfter: number;
  readonly fields: Map<string, { count: number; before: number | null; after: number | null }>;
}

/** Epochs that have to be paired behind a message before it counts as missing. */
const GROUPS_BEHIND = 2;
/** Of both recordings; only streams without observations, or of which one has no end in common, come near it. */
const WAITING_BYTES_MAX = 8_000_000;
/** The same of one number and station or satellite. */
const LINE_MAX = 1000;

export class OtherMessages {
  readonly #codecBefore = new RtcmCodec();
  readonly #codecAfter = new RtcmCodec();
  readonly #lines = new Map<string, Line>();
  readonly #rows = new Map<number, Row>();
  #waitingBytes = 0;

  takeBefore(frame: Buffer, message: number, group: number): void {
    const line = this.#lineOf(frame, message);
    this.#take({ frame, group }, line, line.before, line.after);
  }

  takeAfter(frame: Buffer, message: number, group: number): void {
    const line = this.#lineOf(frame, message);
    this.#take({ frame, group }, line, line.after, line.before);
  }

  /** Groups of these places are a pair: what came well before them has no partner left to wait for. */
  settle(groupBefore: number, groupAfter: number): void {
    if (this.#waitingBytes === 0) return;
    for (const [key, line] of this.#lines) {
      while (
        isPast(line.before[0], groupBefore - GROUPS_BEHIND) ||
        isPast(line.after[0], groupAfter - GROUPS_BEHIND)
      ) {
        this.#settleFirst(line, groupBefore + GROUPS_BEHIND, groupAfter + GROUPS_BEHIND);
      }
      if (line.before.length === 0 && line.after.length === 0) this.#lines.delete(key);
    }
  }

  /** Both recordings are over. */
  end(): void {
    for (const line of this.#lines.values()) {
      while (line.before.length > 0 || line.after.length > 0) this.#settleFirst(line);
    }
    this.#lines.clear();
  }

  report(): OtherReport[] {
    return [...this.#rows.values()]
      .sort((a, b) => a.message - b.message)
      .map(({ fields, ...row }) => ({
        ...row,
        name: row.message < 0 ? 'Empty frame' : messageType(row.message).name,
        fields: [...fields].map(([field, change]) => ({ field, ...change })),
      }));
  }

  #take(waiting: Waiting, line: Line, own: Waiting[], other: Waiting[]): void {
    const at = other.findIndex(({ frame }) => frame.equals(waiting.frame));
    if (at >= 0) {
      other.splice(at, 1);
      this.#waitingBytes -= waiting.frame.length;
      this.#rowOf(line.message).equal++;
      return;
    }
    own.push(waiting);
    this.#waitingBytes += waiting.frame.length;
    if (own.length > LINE_MAX) this.#settleFirst(line);
    if (this.#waitingBytes > WAITING_BYTES_MAX) this.end();
  }

  /** The first of both sides are a changed pair; where one side has none up to that group, it lacks the message. */
  #settleFirst({ message, before, after }: Line, untilBefore = Infinity, untilAfter = Infinity): void {
    const row = this.#rowOf(message);
    const old = isPast(before[0], untilBefore) ? before.shift() : undefined;
    const young = isPast(after[0], untilAfter) ? after.shift() : undefined;
    this.#waitingBytes -= (old?.frame.length ?? 0) + (young?.frame.length ?? 0);
    if (old === undefined) row.onlyAfter++;
    else if (young === undefined) row.onlyBefore++;
    else {
      row.changed++;
      this.#compare(row, old.frame, young.frame);
    }
  }

  #compare(row: Row, before: Buffer, after: Buffer): void {
    const isKnown =
      this.#codecBefore.decode(before) === 'fields' && this.#codecAfter.decode(after) === 'fields';
    if (!isKnown) return;
    const [old, young] = [this.#codecBefore.fields, this.#codecAfter.fields];
    let isAnyDifferent = false;
    for (let index = 0; index < Math.max(old.count, young.count); index++) {
      const [a, b] = [valueAt(old, index), valueAt(young, index)];
      if (Object.is(a, b)) continue;
      isAnyDifferent = true;
      noteChange(row, (index < old.count ? old : young).fields[index]!.name, a, b);
    }
    if (!isAnyDifferent) noteChange(row, '', null, null);
  }

  /** Messages that could be a pair: of one number, and station or satellite where it names one. */
  #lineOf(frame: Buffer, message: number): Line {
    const { family } = messageType(message);
    const about =
      family === 'station' ? frame.readUInt16BE(4) & 0x0fff : (ephemerisSatellite(frame, message) ?? -1);
    const key = `${message}/${about}`;
    let line = this.#lines.get(key);
    if (line === undefined) {
      line = { message, before: [], after: [] };
      this.#lines.set(key, line);
    }
    return line;
  }

  #rowOf(message: number): Row {
    let row = this.#rows.get(message);
    if (row === undefined) {
      row = { message, equal: 0, changed: 0, onlyBefore: 0, onlyAfter: 0, fields: new Map() };
      this.#rows.set(message, row);
    }
    return row;
  }
}

function isPast(waiting: Waiting | undefined, group: number): boolean {
  return waiting !== undefined && waiting.group < group;
}

function valueAt(message: MessageFields, index: number): number | null {
  return index < message.count ? message.values[index]! : null;
}

function noteChange(row: Row, field: string, before: number | null, after: number | null): void {
  const known = row.fields.get(field);
  if (known === undefined) row.fields.set(field, { count: 1, before, after });
  else known.count++;
}
