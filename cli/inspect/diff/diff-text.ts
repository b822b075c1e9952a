// The comparison of two recordings for people: what is different at a glance, then what a reshape is asked about, with
// long lists cut short unless all is wanted.

import { messageType } from '../../../caster/rtcm/message-types.ts';
import { harmless, tint } from '../../terminal.ts';
import { byteSize, counted, duration, timeOfDay } from '../../units.ts';
import { SYSTEM_NAMES } from '../satellite-name.ts';
import {
  type DiffReport,
  type Finding,
  type FindingCode,
  type LoneEpochs,
  type MessageDiff,
} from './diff-report.ts';
import { type FieldReport } from './field-tally.ts';
import { type SatellitePresence } from './presence.ts';
import { type SideReport } from './recording-side.ts';
import { tableLines } from './table-lines.ts';

const LINES_SHOWN = 10;

const FINDING_TEXT: Readonly<Record<FindingCode, string>> = {
  differs_beyond_rounding: 'off by more than rounding',
  became_invalid: 'no longer valid',
  became_valid: 'valid, and was not before',
  last_bit_broken: 'epochs whose last message no longer says that it is the last',
  epochs_added: 'epochs that the first recording has not',
  messages_added: 'messages that the first recording has not',
  other_message_changed: 'messages with another content',
};

export function diffText(report: DiffReport, all: boolean): string {
  if (report.same) {
    const { before, after } = report;
    const verdict = tint('good', `The same: ${counted(after.frames, 'frame')}, byte for byte.`);
    return [...sideLines(before, after), '', verdict].join('\n');
  }
  const sections = [
    sideLines(report.before, report.after),
    findingLines(report.findings),
    epochLines(report, all),
    messageLines(report.messages),
    otherLines(report),
    goneLines(report, all),
    fieldLines(report.fields),
    exampleLines(report, all),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function sideLines(before: SideReport, after: SideReport): string[] {
  const facts = ({ source, frames, epochs, bytes, crcErrors }: SideReport): string[] => [
    harmless(source === '-' ? 'standard input' : source),
    counted(frames, 'frame'),
    counted(epochs, 'epoch'),
    byteSize(bytes),
    crcErrors === 0 ? '' : counted(crcErrors, 'wrong CRC'),
  ];
  return tableLines([
    ['Before', ...facts(before)],
    ['After', ...facts(after)],
  ]);
}

function findingLines(findings: readonly Finding[]): string[] {
  if (findings.length === 0) {
    return [tint('good', 'Nothing but what a reshape does: parts that were dropped, and rounding.')];
  }
  return [
    tint('strong', 'Findings'),
    ...findings.map(({ code, count, field }) =>
      tint('warning', `  ${field === null ? '' : `${field}: `}${count} ${FINDING_TEXT[code]}`),
    ),
  ];
}

function epochLines({ epochs }: DiffReport, all: boolean): string[] {
  const { inBoth, onlyBefore, onlyAfter, lastBit } = epochs;
  const bits = [
    lastBit.repaired > 0 ? `repaired in ${counted(lastBit.repaired, 'epoch')}` : '',
    lastBit.broken > 0 ? `broken in ${counted(lastBit.broken, 'epoch')}` : '',
    lastBit.wrongAfter > lastBit.broken
      ? `still wrong in ${counted(lastBit.wrongAfter - lastBit.broken, 'epoch')}`
      : '',
  ].filter((part) => part !== '');
  return [
    tint('strong', 'Epochs'),
    ...tableLines([
      ['In both', String(inBoth)],
      ['Only before', loneText(onlyBefore, all)],
      ['Only after', loneText(onlyAfter, all)],
      ...(bits.length === 0 ? [] : [['Last-message bit', bits.join(', ')]]),
    ]),
  ];
}

function loneText({ count, times }: LoneEpochs, all: boolean): string {
  if (count === 0) return 'none';
  const shown = times.slice(0, all ? times.length : 3).map(({ gpsDayMs }) => timeOfDay(gpsDayMs));
  return `${count}: ${shown.join(', ')}${shown.length < count ? ', …' : ''}`;
}

function messageLines(messages: readonly MessageDiff[]): string[] {
  if (messages.length === 0) return [];
  const rows = messages.map(({ before, after, count, equal, lastBitChanged, undecodable }) => [
    before === null ? `added ${after}` : `${before} → ${after ?? 'dropped'}`,
    messageType(before ?? after!).name,
    String(count),
    before === null || after === null ? '' : `${equal} equal`,
    lastBitChanged === 0 ? '' : `last-message bit changed in ${lastBitChanged}`,
    undecodable === 0 ? '' : `${undecodable} cannot be read`,
  ]);
  return [tint('strong', 'Observation messages'), ...tableLines(rows)];
}

function otherLines({ others }: DiffReport): string[] {
  if (others.length === 0) return [];
  const rows = others.map(({ message, name, equal, changed, onlyBefore, onlyAfter, fields }) => [
    message < 0 ? '-' : String(message),
    name,
    [
      [equal, 'equal'],
      [changed, 'changed'],
      [onlyBefore, 'dropped'],
      [onlyAfter, 'added'],
    ]
      .flatMap(([count, word]) => (count === 0 ? [] : [`${count} ${word}`]))
      .join(', '),
    fields
      .slice(0, LINES_SHOWN)
      .map(({ field, before, after }) =>
        field === ''
          ? 'other bits behind the last field'
          : `${field} ${before ?? 'none'} → ${after ?? 'none'}`,
      )
      .join(', '),
  ]);
  return [tint('strong', 'Other messages'), ...tableLines(rows)];
}

function goneLines({ satellites, signals }: DiffReport, all: boolean): string[] {
  const named = signals.map(({ system, code, band, id, ...counts }) => ({
    name: `${SYSTEM_NAMES[system]} ${band}${id <= 0 ? '' : ` ${code ?? `(id ${id})`}`}`,
    ...counts,
  }));
  const isPartly = ({ both, onlyBefore, onlyAfter }: SatellitePresence): boolean =>
    both > 0 && onlyBefore + onlyAfter > 0;
  const changed = [
    ...named.filter(({ onlyBefore, onlyAfter }) => onlyBefore + onlyAfter > 0),
    ...satellites.filter(isPartly),
  ];
  const namesOf = (isIt: (satellite: SatellitePresence) => boolean): string =>
    satellites
      .filter((satellite) => satellite.both === 0 && isIt(satellite))
      .map(({ name }) => name)
      .join(' ');
  const gone = namesOf(({ onlyBefore }) => onlyBefore > 0);
  const added = namesOf(({ onlyAfter }) => onlyAfter > 0);
  if (changed.length === 0 && gone === '' && added === '') return [];
  const shown = changed.slice(0, all ? changed.length : 2 * LINES_SHOWN);
  return [
    tint('strong', 'Signals and satellites of these epochs'),
    ...tableLines(
      shown.map(({ name, both, onlyBefore, onlyAfter }) => [
        name,
        onlyBefore === 0
          ? ''
          : both === 0
            ? `gone, all ${onlyBefore}`
            : `${onlyBefore} of ${both + onlyBefore} gone`,
        onlyAfter === 0 ? '' : `${onlyAfter} added`,
      ]),
    ),
    ...moreLine(changed.length - shown.length),
    ...(gone === '' ? [] : [`  Satellites gone: ${gone}`]),
    ...(added === '' ? [] : [`  Satellites added: ${added}`]),
  ];
}

function fieldLines(fields: readonly FieldReport[]): string[] {
  const changed = fields.filter((field) => !isEqual(field));
  const equal = fields.filter(isEqual).map(({ field }) => field);
  const rows = changed.map((field) => [
    field.field,
    `${field.equal} equal`,
    field.rounded === 0 ? '' : `${field.rounded} rounded by up to ${sizeText(field.roundedMax, field)}`,
    ...[
      [field.lowered, 'lowered'],
      [
        field.different,
        `different${field.differentMax === null ? '' : ` by up to ${sizeText(field.differentMax, field)}`}`,
      ],
      [field.becameInvalid, 'became invalid'],
      [field.becameValid, 'became valid'],
      [field.onlyBefore, 'not in the new message'],
      [field.onlyAfter, 'not in the old message'],
    ].map(([count, words]) => (count === 0 ? '' : `${count} ${words}`)),
  ]);
  return [
    ...(changed.length === 0 ? [] : [tint('strong', 'Fields'), ...tableLines(rows)]),
    ...(equal.length === 0 ? [] : [tint('dim', `  Equal everywhere: ${equal.join('; ')}`)]),
  ];
}

function isEqual({
  rounded,
  lowered,
  different,
  becameInvalid,
  becameValid,
  onlyBefore,
  onlyAfter,
}: FieldReport): boolean {
  return rounded + lowered + different + becameInvalid + becameValid + onlyBefore + onlyAfter === 0;
}

function sizeText(size: number | null, { unit, cyclesMax }: FieldReport): string {
  const number = Number((size ?? 0).toPrecision(4));
  const text = unit === 'ms' && number >= 1000 ? duration(number) : `${number} ${unit ?? ''}`.trim();
  return cyclesMax === null ? text : `${text} (${cyclesMax.toPrecision(2)} cycles)`;
}

function exampleLines({ examples, fields }: DiffReport, all: boolean): string[] {
  if (examples.length === 0) return [];
  const shown = examples.slice(0, all ? examples.length : LINES_SHOWN);
  const total = fields.reduce((sum, { different }) => sum + different, 0);
  return [
    tint('strong', 'Off by more than rounding'),
    ...tableLines(
      shown.map(
        ({ gpsDayMs, messageBefore, messageAfter, satellite, signal, field, before, after, unit }) => [
          timeOfDay(gpsDayMs),
          messageBefore === messageAfter ? String(messageBefore) : `${messageBefore} → ${messageAfter}`,
          [satellite ?? '', signal ?? ''].join(' ').trim(),
          field,
          `${before} → ${after}${unit === null ? '' : ` ${unit}`}`,
        ],
      ),
    ),
    ...moreLine(total - shown.length),
  ];
}

function moreLine(more: number): string[] {
  return more > 0 ? [tint('dim', `  and ${more} more (--all)`)] : [];
}
