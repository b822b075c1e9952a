// Positions that rovers send up: NMEA 0183 GGA lines among whatever else they forward (UBX, RTCM, ten other sentences
// ten times a second; esp32-xbee alone sends 960 B/s). Read, bound, ignore: nothing here may fail, keep more than one
// unfinished sentence, or allocate for bytes that cannot be a GGA.

import { GGA_LINE_BYTES_MAX } from '../../config/limits.ts';

export interface Gga {
  latitudeDeg: number;
  longitudeDeg: number;
  /** Above mean sea level; undefined where the field is empty. */
  heightM: number | undefined;
  /** 0 none, 1 single, 2 differential, 4 fixed, 5 float, 6 estimated, 7 manual, 8 simulated. */
  quality: number;
  satellites: number;
  hdop: number | undefined;
  /** Of the corrections in use. */
  ageS: number | undefined;
  /** hhmmss or hhmmss.ss as sent; empty where it was. */
  utc: string;
}

/** `$GPGGA,` */
const PREFIX_CHARS = 7;
const DOLLAR = 0x24;
const STAR = 0x2a;
const COMMA = 0x2c;
const UPPER_G = 0x47;
const UPPER_A = 0x41;

const UTC = /^(?:\d{6}(?:\.\d*)?)?$/;
const UNSIGNED = /^\d{1,7}(?:\.\d{0,12})?$/;
const SIGNED = /^-?\d{1,7}(?:\.\d{0,12})?$/;

/**
 * Reads one sentence, with or without line end and checksum (a wrong checksum refuses it). Undefined where it is not
 * a GGA, is damaged, or holds no position.
 */
export function parseGga(line: string): Gga | undefined {
  const sentence = line.trim();
  if (sentence.length > GGA_LINE_BYTES_MAX || !/^\$[A-Z0-9]{2}GGA,/.test(sentence)) return undefined;
  const star = sentence.indexOf('*');
  if (star >= 0 && !isChecksumRight(sentence, star)) return undefined;
  const fields = (star < 0 ? sentence : sentence.slice(0, star)).split(',');
  const [, utc, latitude, north, longitude, east, quality, satellites, hdop, height, , , , age] = fields;
  if (utc === undefined || !UTC.test(utc)) return undefined;
  if (quality === undefined || !/^[0-8]$/.test(quality)) return undefined;
  const latitudeDeg = parseAngle(latitude, north, 'N', 'S', 90);
  const longitudeDeg = parseAngle(longitude, east, 'E', 'W', 180);
  if (latitudeDeg === undefined || longitudeDeg === undefined) return undefined;
  return {
    latitudeDeg,
    longitudeDeg,
    heightM: parseNumber(height, SIGNED),
    quality: Number(quality),
    satellites: parseNumber(satellites, UNSIGNED) ?? 0,
    hdop: parseNumber(hdop, UNSIGNED),
    ageS: parseNumber(age, UNSIGNED),
    utc,
  };
}

/**
 * The position as a GGA sentence with checksum, CR and LF. `utc` is hhmmss.ss; the geoid separation is given as zero,
 * so `heightM` counts as both heights.
 */
export function formatGga(
  position: Omit<Gga, 'heightM' | 'hdop'> & { heightM: number; hdop: number },
): string {
  const { latitudeDeg, longitudeDeg, heightM, quality, satellites, hdop, ageS, utc } = position;
  const fields = [
    'GPGGA',
    utc,
    formatAngle(latitudeDeg, 2),
    latitudeDeg < 0 ? 'S' : 'N',
    formatAngle(longitudeDeg, 3),
    longitudeDeg < 0 ? 'W' : 'E',
    String(quality),
    String(satellites).padStart(2, '0'),
    hdop.toFixed(1),
    heightM.toFixed(3),
    'M',
    '0.000',
    'M',
    ageS === undefined ? '' : ageS.toFixed(1),
    '',
  ];
  const body = fields.join(',');
  return `$${body}*${checksum(body).toString(16).toUpperCase().padStart(2, '0')}\r\n`;
}

/** Finds GGA sentences in the bytes a rover sends, however they are cut and mixed. */
export class GgaReader {
  /** A sentence whose end has not come; starts with `$`, bounded, nearly always empty. */
  #open = '';

  /**
   * The newest valid GGA that `chunk` completes. A sentence ends at its checksum, a line end or the next `$`; so
   * clients that send no line end are understood too.
   */
  push(chunk: Buffer): Gga | undefined {
    const open = this.#open;
    this.#open = '';
    let newest: Gga | undefined;
    let end = chunk.length;
    for (let at = chunk.length - 1; at >= 0; at--) {
      if (chunk[at] !== DOLLAR) continue;
      if (mayStartGga(chunk, at, end)) {
        const stop = findStop(chunk, at, end);
        if (stop === end && end === chunk.length && !isEnded(chunk, at, end)) {
          this.#keep(chunk.toString('latin1', at, Math.min(end, at + GGA_LINE_BYTES_MAX + 1)));
        } else {
          newest = parseGga(chunk.toString('latin1', at, Math.min(stop, at + GGA_LINE_BYTES_MAX + 1)));
        }
        if (newest !== undefined) return newest;
      }
      end = at;
    }
    return open === '' ? undefined : this.#resume(open, chunk, end);
  }

  /** Goes on with a sentence from an earlier chunk; `chunk[0, end)` is what precedes the first `$` in this one. */
  #resume(open: string, chunk: Buffer, end: number): Gga | undefined {
    const taken = Math.min(end, GGA_LINE_BYTES_MAX + 1 - open.length);
    const bytes = Buffer.from(open + chunk.toString('latin1', 0, taken), 'latin1');
    const stop = findStop(bytes, 0, bytes.length);
    if (stop === bytes.length && end === chunk.length && !isEnded(bytes, 0, stop)) {
      if (mayStartGga(bytes, 0, bytes.length)) this.#keep(bytes.toString('latin1'));
      return undefined;
    }
    return parseGga(bytes.toString('latin1', 0, stop));
  }

  #keep(sentence: string): void {
    if (sentence.length <= GGA_LINE_BYTES_MAX) this.#open = sentence;
  }
}

/** Whether `bytes[at, end)`, which starts with `$`, agrees with `$ttGGA,` as far as it goes. */
function mayStartGga(bytes: Buffer, at: number, end: number): boolean {
  for (let i = 1; i < PREFIX_CHARS && at + i < end; i++) {
    const byte = bytes[at + i]!;
    if (i < 3) {
      if (!((byte >= 0x41 && byte <= 0x5a) || (byte >= 0x30 && byte <= 0x39))) return false;
    } else if (byte !== (i === 6 ? COMMA : i === 5 ? UPPER_A : UPPER_G)) return false;
  }
  return true;
}

/** Index of the first byte that cannot belong to the sentence (line end, binary), after a checksum, or `end`. */
function findStop(bytes: Buffer, at: number, end: number): number {
  for (let i = at; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === STAR) return Math.min(end, i + 3);
    if (byte < 0x20 || byte > 0x7e) return i;
  }
  return end;
}

/** Whether the sentence `bytes[at, end)` is complete by itself, that is, ends in `*hh`. */
function isEnded(bytes: Buffer, at: number, end: number): boolean {
  return end - at > PREFIX_CHARS + 3 && bytes[end - 3] === STAR;
}

function isChecksumRight(sentence: string, star: number): boolean {
  const sent = sentence.slice(star + 1);
  return /^[0-9a-f]{2}$/i.test(sent) && Number.parseInt(sent, 16) === checksum(sentence.slice(1, star));
}

function checksum(body: string): number {
  let sum = 0;
  for (let i = 0; i < body.length; i++) sum ^= body.charCodeAt(i);
  return sum;
}

/** `dddmm.mmm` and its hemisphere, in degrees. */
function parseAngle(
  value: string | undefined,
  hemisphere: string | undefined,
  positive: string,
  negative: string,
  degMax: number,
): number | undefined {
  const number = parseNumber(value, UNSIGNED);
  if (number === undefined || (hemisphere !== positive && hemisphere !== negative)) return undefined;
  const degrees = Math.floor(number / 100);
  const minutes = number - degrees * 100;
  const angle = degrees + minutes / 60;
  if (minutes >= 60 || angle > degMax) return undefined;
  return hemisphere === negative ? -angle : angle;
}

function formatAngle(angleDeg: number, degreeDigits: number): string {
  const unitsPerMinute = 1e7;
  const units = Math.round(Math.abs(angleDeg) * 60 * unitsPerMinute);
  const degrees = Math.floor(units / (60 * unitsPerMinute));
  const minutes = (units - degrees * 60 * unitsPerMinute) / unitsPerMinute;
  return String(degrees).padStart(degreeDigits, '0') + minutes.toFixed(7).padStart(10, '0');
}

function parseNumber(value: string | undefined, form: RegExp): number | undefined {
  return value !== undefined && form.test(value) ? Number(value) : undefined;
}
