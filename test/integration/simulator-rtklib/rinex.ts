// Reads the parts of RINEX 3.04 files that the tests compare.
import { readFileSync } from 'node:fs';

export interface RinexValue {
  readonly value: number;
  /** Loss of lock indicator; 0 where blank. */
  readonly lossOfLock: number;
}

export interface RinexEpoch {
  /** `2026-03-10T04:00:00.0`, GPS time. */
  readonly time: string;
  /** By satellite (`G05`) and observation code (`C1C`); blank ones are left out. */
  readonly satellites: ReadonlyMap<string, ReadonlyMap<string, RinexValue>>;
}

export interface RinexObservations {
  readonly approximatePosition: readonly number[];
  /** GLONASS channel by satellite. */
  readonly channels: ReadonlyMap<string, number>;
  readonly epochs: readonly RinexEpoch[];
}

export function readObservations(path: string): RinexObservations {
  const lines = readFileSync(path, 'latin1').split('\n');
  const headerEnd = lines.findIndex((line) => line.includes('END OF HEADER'));
  const header = lines.slice(0, headerEnd);
  const codes = readCodes(header);
  const epochs: { time: string; satellites: Map<string, ReadonlyMap<string, RinexValue>> }[] = [];
  for (const line of lines.slice(headerEnd + 1)) {
    if (line.startsWith('>')) epochs.push({ time: readTime(line), satellites: new Map() });
    else if (line !== '')
      epochs.at(-1)!.satellites.set(line.slice(0, 3), readValues(line, codes.get(line[0]!) ?? []));
  }
  return {
    approximatePosition: fieldsOf(header, 'APPROX POSITION XYZ').map(Number),
    channels: readChannels(header),
    epochs,
  };
}

/** Satellites that a navigation file has data of, without repetition. */
export function readNavigationSatellites(path: string): string[] {
  const lines = readFileSync(path, 'latin1').split('\n');
  const records = lines.slice(lines.findIndex((line) => line.includes('END OF HEADER')) + 1);
  return [
    ...new Set(records.filter((line) => /^[GREC]\d\d /.test(line)).map((line) => line.slice(0, 3))),
  ].sort();
}

function readCodes(header: readonly string[]): Map<string, string[]> {
  const codes = new Map<string, string[]>();
  let system = '';
  for (const line of header.filter((text) => text.includes('SYS / # / OBS TYPES'))) {
    if (line[0] !== ' ') system = line[0]!;
    codes.set(system, [...(codes.get(system) ?? []), ...line.slice(7, 60).trim().split(/\s+/)]);
  }
  return codes;
}

function readValues(line: string, codes: readonly string[]): ReadonlyMap<string, RinexValue> {
  const values = new Map<string, RinexValue>();
  for (const [index, code] of codes.entries()) {
    const field = line.slice(3 + index * 16, 19 + index * 16);
    const value = field.slice(0, 14).trim();
    if (value !== '') values.set(code, { value: Number(value), lossOfLock: Number(field.slice(14, 15)) });
  }
  return values;
}

function readTime(line: string): string {
  const [year, month, day, hour, minute, second] = line.slice(1).trim().split(/\s+/);
  return `${year}-${month}-${day}T${hour}:${minute}:${Number(second).toFixed(1).padStart(4, '0')}`;
}

function readChannels(header: readonly string[]): Map<string, number> {
  const fields = header
    .filter((line) => line.includes('GLONASS SLOT / FRQ #'))
    .flatMap((line) => line.slice(4, 60).trim().split(/\s+/));
  const channels = new Map<string, number>();
  for (let index = 0; index + 1 < fields.length; index += 2)
    channels.set(fields[index]!, Number(fields[index + 1]));
  return channels;
}

function fieldsOf(header: readonly string[], label: string): string[] {
  return (header.find((line) => line.includes(label)) ?? '').slice(0, 60).trim().split(/\s+/);
}
