// What is wrong with a sourcetable: what the standard fixes (NTRIP 2.0, RTCM 10410.1), and what receivers of the field
// were seen to stumble over. `fail` is what keeps receivers from a stream, `warn` what misleads them.

import { type ParsedSourcetable, parseRecord, type StrRecord } from '../../caster/ntrip/sourcetable.ts';
import { type ReplyHead } from '../ntrip/reply-reader.ts';
import { harmless } from '../terminal.ts';
import { counted } from '../units.ts';

export interface TableFinding {
  readonly level: 'fail' | 'warn';
  /** Line of the table counted from 1; null for the whole. */
  readonly line: number | null;
  readonly mountpoint: string | null;
  readonly message: string;
}

export interface FetchedTable {
  readonly head: ReplyHead;
  readonly body: Buffer;
  /** Why the body may not be whole. */
  readonly fault: string | undefined;
  readonly table: ParsedSourcetable;
}

/** Fields of a STR record, the type included; the last may hold semicolons. */
const STR_FIELDS = 19;
const STR_FIELDS_NEEDED = 18;
const SYSTEMS = [
  'GPS',
  'GLO',
  'GAL',
  'BDS',
  'QZS',
  'QZSS',
  'SBAS',
  'IRN',
  'IRNSS',
  'NAVIC',
  'GLONASS',
  'GALILEO',
];
const MOUNTPOINT = /^[A-Za-z0-9._-]{1,100}$/;
const DETAILS = /^(?:\d{1,4}(?:\(\d+(?:\.\d+)?\))?(?:,\s*|$))+$/;

/** In the order of the table. */
export function checkSourcetable({ head, body, fault, table }: FetchedTable): TableFinding[] {
  const findings: TableFinding[] = [];
  const whole = (level: TableFinding['level'], message: string): void =>
    void findings.push({ level, line: null, mountpoint: null, message });
  if (fault !== undefined) whole('warn', `the table may not be whole: ${fault}`);
  if (!table.complete)
    whole('fail', 'ENDSOURCETABLE is missing: many receivers wait for it and list nothing');
  checkHead(head, body, whole);
  if (table.streams.length === 0)
    whole('warn', 'there is no stream in it: some receivers refuse such a caster');

  const seen = new Set<string>();
  for (const [index, text] of body.toString('latin1').trimEnd().split(/\r?\n/).entries()) {
    if (text.startsWith('ENDSOURCETABLE')) break;
    if (text.trim() === '') {
      if (index > 0)
        findings.push({
          level: 'warn',
          line: index + 1,
          mountpoint: null,
          message: `line ${index + 1} is blank`,
        });
      continue;
    }
    const record = parseRecord(text);
    const mountpoint = record?.type === 'STR' ? harmless(record.mountpoint) : null;
    const say = (level: TableFinding['level'], message: string): void => {
      const who = mountpoint === null ? `line ${index + 1}` : `${mountpoint} (line ${index + 1})`;
      findings.push({ level, line: index + 1, mountpoint, message: `${who}: ${message}` });
    };
    if (record === undefined) say('warn', 'is no record of a known type');
    if (record?.type !== 'STR') continue;
    if (seen.has(record.mountpoint)) say('fail', 'the mountpoint is listed twice');
    seen.add(record.mountpoint);
    checkStream(record, text.split(';').length, say);
  }
  return findings;
}

function checkHead(
  { protocol, headers }: ReplyHead,
  body: Buffer,
  whole: (level: TableFinding['level'], message: string) => void,
): void {
  const type = headers.get('content-type') ?? '';
  if (protocol === 'HTTP' && !/^gnss\/sourcetable\b/i.test(type)) {
    whole(
      'warn',
      `the reply has Content-Type ${type === '' ? 'missing' : harmless(type)}, not gnss/sourcetable`,
    );
  }
  const length = headers.get('content-length');
  if (length !== undefined && Number(length) > body.length) {
    whole('warn', `Content-Length says ${harmless(length)}, ${counted(body.length, 'byte')} came`);
  }
  if (/[^\r]\n/.test(body.toString('latin1'))) whole('warn', 'lines end in LF alone; the standard has CR LF');
  if (/[\x80-\xff]/.test(body.toString('latin1'))) {
    whole('warn', 'it holds characters beyond ASCII: receivers show them wrongly or stop reading');
  }
}

function checkStream(
  stream: StrRecord,
  fieldCount: number,
  say: (level: TableFinding['level'], message: string) => void,
): void {
  const { mountpoint, format, formatDetails, carrier, navSystem, latitudeDeg, longitudeDeg } = stream;
  if (fieldCount < STR_FIELDS_NEEDED) {
    say('fail', `has ${fieldCount} of ${STR_FIELDS} fields: receivers read the wrong ones or skip the line`);
    return;
  }
  if (!MOUNTPOINT.test(mountpoint)) say('warn', 'the name has characters that receivers cannot type or send');
  if (format === '') say('fail', 'the format is empty');
  if (/^RTCM ?3/i.test(format)) {
    if (formatDetails === '') say('warn', 'the message types are empty');
    else if (!DETAILS.test(formatDetails))
      say('warn', 'the message types are not of the form 1005(10),1077(1)');
  }
  if (carrier === undefined || ![0, 1, 2].includes(carrier)) say('warn', 'the carrier is not 0, 1 or 2');
  const unknown = navSystem.split('+').filter((name) => !SYSTEMS.includes(name.trim().toUpperCase()));
  if (navSystem === '') say('warn', 'the satellite systems are empty');
  else if (unknown.length > 0) say('warn', `unknown satellite systems: ${harmless(unknown.join(', '))}`);
  checkPlace(latitudeDeg, longitudeDeg, stream, say);
  if (!/^[NBD]$/.test(stream.authentication)) say('warn', 'the authentication is not N, B or D');
  if (stream.bitrateBps === undefined || stream.bitrateBps === 0) say('warn', 'the bit rate is not told');
}

function checkPlace(
  latitudeDeg: number | undefined,
  longitudeDeg: number | undefined,
  { nmeaRequired, country }: StrRecord,
  say: (level: TableFinding['level'], message: string) => void,
): void {
  if (latitudeDeg === undefined || longitudeDeg === undefined) {
    say('fail', 'has no position: receivers that choose the nearest base cannot');
    return;
  }
  if (Math.abs(latitudeDeg) > 90 || longitudeDeg < -180 || longitudeDeg > 360)
    say('fail', 'the position is not on Earth');
  // A network solution has no place of its own.
  if (latitudeDeg === 0 && longitudeDeg === 0 && !nmeaRequired) say('warn', 'the position is 0, 0');
  if (!/^[A-Z]{3}$/.test(country)) say('warn', 'the country is not three letters (ISO 3166)');
}
