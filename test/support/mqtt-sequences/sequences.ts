// What the files of Mosquitto's sequences say: groups of tests, each a list of packets to send and to get, written in a
// small language ("82 r6 m1234 s1 'p' 00"). Only those of MQTT 3.1 and 3.1.1 are read. Pure but for the reading.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A number with its width, or bytes as they stand. */
export type Token =
  | { readonly kind: 'bytes'; readonly bytes: Buffer; readonly isText: boolean }
  | { readonly kind: 'number'; readonly letter: string; readonly value: number };

export type Step =
  | { readonly type: 'send' | 'recv'; readonly tokens: readonly Token[] }
  | { readonly type: 'publish'; readonly topic: string; readonly qos: 0 | 1 | 2; readonly payload: string };

export interface Sequence {
  /** The file it stands in, without its ending: the kind of packet. */
  readonly file: string;
  readonly name: string;
  readonly clientId: string;
  readonly version: 3 | 4;
  /** Whether a CONNECT of this name goes before. */
  readonly connects: boolean;
  readonly endsClosed: boolean;
  readonly steps: readonly Step[];
}

/** As in the files. */
interface Defaults {
  readonly ver?: number;
  readonly connect?: boolean;
  readonly expect_disconnect?: boolean;
}

interface Message {
  readonly type: 'send' | 'recv' | 'publish';
  readonly payload: string;
  readonly topic?: string;
  readonly qos?: 0 | 1 | 2;
}

interface Group extends Defaults {
  readonly group: string;
  readonly disable?: boolean;
  readonly tests: readonly (Defaults & { readonly name: string; readonly msgs: readonly Message[] })[];
}

export function readSequences(folder: string): Sequence[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.toSorted().flatMap((file) => {
    const groups = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as readonly Group[];
    return groups.filter(({ disable }) => disable !== true).flatMap((group) => ofGroup(file, group));
  });
}

function ofGroup(file: string, group: Group): Sequence[] {
  return group.tests.flatMap(({ name, msgs, ...own }) => {
    const { ver = 4, connect = true, expect_disconnect: endsClosed = true } = { ...group, ...own };
    if (ver !== 3 && ver !== 4) return [];
    const whole = `${group.group} ${name}`;
    return {
      ...{ file: path.basename(file, '.json'), name: whole, clientId: whole },
      ...{ version: ver, connects: connect, endsClosed, steps: msgs.map(stepOf) },
    };
  });
}

function stepOf({ type, payload, topic = '', qos = 0 }: Message): Step {
  return type === 'publish' ? { type, topic, qos, payload } : { type, tokens: tokensOf(payload) };
}

/** Letters: `i` 8 bits; `H`, `k`, `m`, `s` 16; `L` 32; `r`, `v` of variable length; else hexadecimal, or quoted text. */
function tokensOf(payload: string): Token[] {
  return [...payload.matchAll(/'([^']*)'|([iHkmsLrv])(\d+)|([0-9A-Fa-f]+)/g)].map(
    ([, text, letter, digits, hex]) => {
      if (letter !== undefined) return { kind: 'number', letter, value: Number(digits) };
      const bytes = hex === undefined ? Buffer.from(text!) : Buffer.from(hex, 'hex');
      return { kind: 'bytes', bytes, isText: hex === undefined };
    },
  );
}

export function bytesOf(tokens: readonly Token[]): Buffer {
  return Buffer.concat(
    tokens.map((token) => (token.kind === 'bytes' ? token.bytes : numberBytes(token.letter, token.value))),
  );
}

function numberBytes(letter: string, value: number): Buffer {
  if (letter === 'r' || letter === 'v') return variableLength(value);
  const width = letter === 'i' ? 1 : letter === 'L' ? 4 : 2;
  const bytes = Buffer.alloc(width);
  bytes.writeUIntBE(value, 0, width);
  return bytes;
}

/** Longer than the four bytes that there may be, where the value asks for it. */
function variableLength(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  do {
    bytes.push((left % 128) + (left >= 128 ? 128 : 0));
    left = Math.floor(left / 128);
  } while (left > 0);
  return Buffer.from(bytes);
}
