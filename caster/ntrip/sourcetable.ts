// The sourcetable: what a caster says it carries, as typed records and as text (NTRIP 1.0 and 2.0 have the same
// records). Writing follows the standard to the letter, since receivers do; reading takes what casters of the field
// really send: bare LF, blank lines, 8-bit code pages, missing and surplus fields, no end.

import { decodeText } from './text.ts';

/** One data stream. Absent numbers are written as empty fields. */
export interface StrRecord {
  type: 'STR';
  mountpoint: string;
  /** Usually the place. */
  identifier: string;
  /** `RTCM 3.3` and the like. */
  format: string;
  /** Message types with their period in seconds: `1005(10),1077(1)`. */
  formatDetails: string;
  /** 0 none, 1 L1, 2 L1 and L2. */
  carrier: number | undefined;
  /** `GPS+GLO+GAL+BDS` */
  navSystem: string;
  network: string;
  /** ISO 3166, three letters. */
  country: string;
  latitudeDeg: number | undefined;
  longitudeDeg: number | undefined;
  /** The rover must send its position. */
  nmeaRequired: boolean;
  /** 0 single base, 1 network. */
  solution: number | undefined;
  generator: string;
  compression: string;
  /** N none, B Basic, D Digest. */
  authentication: string;
  fee: boolean;
  bitrateBps: number | undefined;
  misc: string;
}

/** One caster. */
export interface CasRecord {
  type: 'CAS';
  host: string;
  port: number | undefined;
  identifier: string;
  operator: string;
  /** The caster takes positions from rovers. */
  nmeaAccepted: boolean;
  country: string;
  latitudeDeg: number | undefined;
  longitudeDeg: number | undefined;
  /** `0.0.0.0` for none. */
  fallbackHost: string;
  fallbackPort: number | undefined;
  misc: string;
}

/** One network of streams. */
export interface NetRecord {
  type: 'NET';
  identifier: string;
  operator: string;
  authentication: string;
  fee: boolean;
  webNetwork: string;
  webStreams: string;
  webRegistration: string;
  misc: string;
}

export type SourcetableRecord = StrRecord | CasRecord | NetRecord;

export interface SourcetableRecords {
  readonly casters: readonly CasRecord[];
  readonly networks: readonly NetRecord[];
  readonly streams: readonly StrRecord[];
}

export interface ParsedSourcetable extends SourcetableRecords {
  /** ENDSOURCETABLE was there. */
  complete: boolean;
  /** Lines that are neither blank nor a record of a known type. */
  linesSkipped: number;
}

const END_LINE = 'ENDSOURCETABLE';

export function formatStr(record: StrRecord): string {
  return recordFields(record).join(';');
}

export function formatCas(record: CasRecord): string {
  return recordFields(record).join(';');
}

export function formatNet(record: NetRecord): string {
  return recordFields(record).join(';');
}

/** The whole table with its last line, all lines ending in CRLF. */
export function buildSourcetable(records: SourcetableRecords): string {
  const lines = [
    ...records.casters.map(formatCas),
    ...records.networks.map(formatNet),
    ...records.streams.map(formatStr),
    END_LINE,
  ];
  return `${lines.join('\r\n')}\r\n`;
}

/** Reads a table (the body, not the reply's head), bytes in UTF-8 or Latin-1. Stops at ENDSOURCETABLE; never throws. */
export function parseSourcetable(table: string | Buffer): ParsedSourcetable {
  const casters: CasRecord[] = [];
  const networks: NetRecord[] = [];
  const streams: StrRecord[] = [];
  let linesSkipped = 0;
  let complete = false;
  for (const rawLine of (typeof table === 'string' ? table : decodeText(table)).split('\n')) {
    const line = rawLine.trim();
    if (line === '') continue;
    if (line.startsWith(END_LINE)) {
      complete = true;
      break;
    }
    const record = parseRecord(line);
    if (record === undefined) linesSkipped++;
    else if (record.type === 'STR') streams.push(record);
    else if (record.type === 'CAS') casters.push(record);
    else networks.push(record);
  }
  return { casters, networks, streams, complete, linesSkipped };
}

/** One line of a table; undefined where it is of no known type or lacks the field that names it. */
export function parseRecord(line: string): SourcetableRecord | undefined {
  const [type = '', ...fields] = splitFields(line).map((field) => field.trim());
  if ((fields[0] ?? '') === '') return undefined;
  switch (type.toUpperCase()) {
    case 'STR':
      return parseStr(fields);
    case 'CAS':
      return parseCas(fields);
    case 'NET':
      return parseNet(fields);
    default:
      return undefined;
  }
}

/** The fields of a record as they stand in its line, the type first. */
export function recordFields(record: SourcetableRecord): string[] {
  switch (record.type) {
    case 'STR':
      return [
        'STR',
        record.mountpoint,
        record.identifier,
        record.format,
        record.formatDetails,
        formatInteger(record.carrier),
        record.navSystem,
        record.network,
        record.country,
        formatDegrees(record.latitudeDeg),
        formatDegrees(record.longitudeDeg),
        record.nmeaRequired ? '1' : '0',
        formatInteger(record.solution),
        record.generator,
        record.compression,
        record.authentication,
        record.fee ? 'Y' : 'N',
        formatInteger(record.bitrateBps),
        record.misc,
      ].map(clean);
    case 'CAS':
      return [
        'CAS',
        record.host,
        formatInteger(record.port),
        record.identifier,
        record.operator,
        record.nmeaAccepted ? '1' : '0',
        record.country,
        formatDegrees(record.latitudeDeg),
        formatDegrees(record.longitudeDeg),
        record.fallbackHost,
        formatInteger(record.fallbackPort),
        record.misc,
      ].map(clean);
    case 'NET':
      return [
        'NET',
        record.identifier,
        record.operator,
        record.authentication,
        record.fee ? 'Y' : 'N',
        record.webNetwork,
        record.webStreams,
        record.webRegistration,
        record.misc,
      ].map(clean);
  }
}

function parseStr(fields: string[]): StrRecord {
  const text = (i: number): string => fields[i] ?? '';
  return {
    type: 'STR',
    mountpoint: text(0),
    identifier: text(1),
    format: text(2),
    formatDetails: text(3),
    carrier: parseNumber(text(4)),
    navSystem: text(5),
    network: text(6),
    country: text(7),
    latitudeDeg: parseNumber(text(8)),
    longitudeDeg: parseNumber(text(9)),
    nmeaRequired: text(10) === '1',
    solution: parseNumber(text(11)),
    generator: text(12),
    compression: text(13),
    authentication: text(14),
    fee: text(15).toUpperCase() === 'Y',
    bitrateBps: parseNumber(text(16)),
    misc: fields.slice(17).join(';'),
  };
}

function parseCas(fields: string[]): CasRecord {
  const text = (i: number): string => fields[i] ?? '';
  return {
    type: 'CAS',
    host: text(0),
    port: parseNumber(text(1)),
    identifier: text(2),
    operator: text(3),
    nmeaAccepted: text(4) === '1',
    country: text(5),
    latitudeDeg: parseNumber(text(6)),
    longitudeDeg: parseNumber(text(7)),
    fallbackHost: text(8),
    fallbackPort: parseNumber(text(9)),
    misc: fields.slice(10).join(';'),
  };
}

function parseNet(fields: string[]): NetRecord {
  const text = (i: number): string => fields[i] ?? '';
  return {
    type: 'NET',
    identifier: text(0),
    operator: text(1),
    authentication: text(2),
    fee: text(3).toUpperCase() === 'Y',
    webNetwork: text(4),
    webStreams: text(5),
    webRegistration: text(6),
    misc: fields.slice(7).join(';'),
  };
}

/** Splits at semicolons outside double quotes (NTRIP 1.0: a semicolon in a field is quoted), or at all of them where quotes do not pair up. */
function splitFields(line: string): string[] {
  if (!line.includes('"') || line.split('"').length % 2 === 0) return line.split(';');
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  for (const char of line) {
    if (char === '"') quoted = !quoted;
    else if (char !== ';' || quoted) field += char;
    else {
      fields.push(field);
      field = '';
    }
  }
  return [...fields, field];
}

/** No field may break its line. A comma stands in for a semicolon, because receivers split at quoted ones too. */
function clean(text: string): string {
  return /[;\x00-\x1f\x7f]/.test(text) ? text.replaceAll(';', ',').replace(/[\x00-\x1f\x7f]+/g, ' ') : text;
}

function parseNumber(text: string): number | undefined {
  return /^[+-]?(?:\d{1,15}(?:\.\d*)?|\.\d+)$/.test(text) ? Number(text) : undefined;
}

function formatInteger(value: number | undefined): string {
  return value === undefined ? '' : String(Math.round(value));
}

/** Two decimals: the standard fixes their number. */
function formatDegrees(value: number | undefined): string {
  return value === undefined ? '' : value.toFixed(2).replace('-0.00', '0.00');
}
