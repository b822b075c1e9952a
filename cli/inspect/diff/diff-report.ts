// What a comparison of two recordings tells: plain data, which `--json` prints as it is. Keys stay; new ones may come.

import { type FieldReport } from './field-tally.ts';
import { type OtherReport } from './other-messages.ts';
import { type SatellitePresence, type SignalPresence } from './presence.ts';
import { type SideReport } from './recording-side.ts';

export interface DiffReport {
  readonly before: SideReport;
  readonly after: SideReport;
  /** Whether every message is in both, byte for byte. */
  readonly same: boolean;
  /** What no reshaping does; empty where all differences are dropped parts and rounding. */
  readonly findings: readonly Finding[];
  readonly epochs: EpochsDiff;
  readonly messages: readonly MessageDiff[];
  readonly others: readonly OtherReport[];
  /** Of epochs that are in both. */
  readonly satellites: readonly SatellitePresence[];
  readonly signals: readonly SignalPresence[];
  readonly fields: readonly FieldReport[];
  /** The first values that are off by more than rounding. */
  readonly examples: readonly DifferenceExample[];
}

export interface EpochsDiff {
  readonly inBoth: number;
  readonly onlyBefore: LoneEpochs;
  readonly onlyAfter: LoneEpochs;
  /** Of those in both: whether the last message, and it alone, says that no more will come (DF393, DF005). */
  readonly lastBit: {
    readonly wrongBefore: number;
    readonly wrongAfter: number;
    readonly repaired: number;
    readonly broken: number;
  };
}

export interface LoneEpochs {
  readonly count: number;
  /** The first of them. */
  readonly times: readonly { readonly gpsDayMs: number; readonly station: number }[];
}

/** An observation message that became another; of epochs that are in both. */
export interface MessageDiff {
  /** Null where it was added. */
  readonly before: number | null;
  /** Null where it was dropped. */
  readonly after: number | null;
  readonly count: number;
  /** Byte for byte. */
  readonly equal: number;
  /** DF393 or DF005 says something else. */
  readonly lastBitChanged: number;
  /** The codec cannot read it, or only one of the two. */
  readonly undecodable: number;
}

export interface DifferenceExample {
  readonly gpsDayMs: number;
  readonly station: number;
  readonly messageBefore: number;
  readonly messageAfter: number;
  /** RINEX name; null for what is said of the message as a whole. */
  readonly satellite: string | null;
  /** RINEX code, or `id 7`; null for what is said of the satellite as a whole, and for legacy messages. */
  readonly signal: string | null;
  readonly field: string;
  readonly before: number;
  readonly after: number;
  readonly unit: string | null;
}

export interface Finding {
  readonly code: FindingCode;
  readonly count: number;
  /** The field it is about, where it is about one. */
  readonly field: string | null;
}

export type FindingCode =
  /** A value is off by more than the level of its message rounds. */
  | 'differs_beyond_rounding'
  /** A value is now marked invalid, or was. */
  | 'became_invalid'
  | 'became_valid'
  /** Epochs whose last message no longer says that it is the last: RTKLIB loses them. */
  | 'last_bit_broken'
  /** The second recording has what the first had not. */
  | 'epochs_added'
  | 'messages_added'
  /** A message that is no observation has changed beyond the flags of what a station offers. */
  | 'other_message_changed';

/** A station says which constellations it offers; a reshape clears those that it drops. */
const OFFERED_FLAGS = ['DF022', 'DF023', 'DF024'];

export function findingsOf(report: Omit<DiffReport, 'findings' | 'same'>): Finding[] {
  const findings: Finding[] = [];
  const add = (code: FindingCode, count: number, field: string | null = null): void => {
    if (count > 0) findings.push({ code, count, field });
  };
  for (const { field, different, becameInvalid, becameValid } of report.fields) {
    add('differs_beyond_rounding', different, field);
    add('became_invalid', becameInvalid, field);
    add('became_valid', becameValid, field);
  }
  add('last_bit_broken', report.epochs.lastBit.broken);
  add('epochs_added', report.epochs.onlyAfter.count);
  const added = report.messages.filter(({ before }) => before === null);
  const othersAdded = report.others.reduce((sum, { onlyAfter }) => sum + onlyAfter, 0);
  add('messages_added', added.reduce((sum, { count }) => sum + count, 0) + othersAdded);
  for (const { message, changed, fields } of report.others) {
    const isOffer = fields.length > 0 && fields.every(({ field }) => OFFERED_FLAGS.includes(field));
    if (!isOffer) add('other_message_changed', changed, String(message));
  }
  return findings;
}

export function isSame({ epochs, messages, others }: Omit<DiffReport, 'findings' | 'same'>): boolean {
  return (
    epochs.onlyBefore.count + epochs.onlyAfter.count === 0 &&
    messages.every(
      ({ count, equal, before, after }) => before !== null && after !== null && equal === count,
    ) &&
    others.every(({ changed, onlyBefore, onlyAfter }) => changed + onlyBefore + onlyAfter === 0)
  );
}
