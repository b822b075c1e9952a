// Plays one of Mosquitto's packet sequences against a broker, as msg_sequence_test.py does: each packet that is expected
// must come byte for byte, and at the end the connection is closed, or answers a PINGREQ.

import type { Socket } from 'node:net';
import { connect, packet, publish, text } from '../../unit/licensing/broker/mqtt-bytes.ts';
import { bytesOf, type Sequence, type Step } from './sequences.ts';

/** How long what is expected may take. Only a sequence that fails waits as long. */
const PATIENCE_MS = 2000;
const CLEAN = 2;
const CONNECTED = packet(0x20, 0, 0);

export interface Played {
  readonly sequence: Sequence;
  /** What went wrong; undefined: nothing. */
  readonly failure: string | undefined;
}

export interface PlayParts {
  readonly open: () => Promise<Socket>;
  /** A message that somebody else sends. */
  readonly publish: (step: Extract<Step, { type: 'publish' }>) => Promise<void>;
}

export async function play(sequence: Sequence, parts: PlayParts): Promise<Played> {
  const line = new Line(await parts.open());
  try {
    await playOn(line, sequence, parts);
    return { sequence, failure: undefined };
  } catch (error) {
    return { sequence, failure: (error as Error).message };
  } finally {
    line.end();
  }
}

async function playOn(line: Line, sequence: Sequence, parts: PlayParts): Promise<void> {
  if (sequence.connects) {
    line.send(helloOf(sequence));
    await line.expect(CONNECTED);
  }
  for (const step of sequence.steps) {
    if (step.type === 'publish') await parts.publish(step);
    else if (step.type === 'send') line.send(bytesOf(step.tokens));
    else await line.expect(bytesOf(step.tokens));
  }
  if (sequence.endsClosed) {
    await line.expectEnd();
    return;
  }
  line.send(packet(0xc0));
  await line.expect(packet(0xd0));
}

function helloOf({ clientId, version }: Sequence): Buffer {
  if (version === 4) return connect(CLEAN, ...text(clientId));
  return packet(0x10, ...text('MQIsdp'), 3, CLEAN, 0, 60, ...text(clientId));
}

/** Publishes as a client of its own, and waits until the broker has taken it. */
export async function publishAsHelper(
  socket: Socket,
  { topic, qos, payload }: Extract<Step, { type: 'publish' }>,
): Promise<void> {
  const line = new Line(socket);
  line.send(connect(CLEAN, ...text('helper')));
  await line.expect(CONNECTED);
  line.send(publish(topic, { first: 0x30 + 2 * qos, id: 1, body: payload }));
  if (qos === 1) await line.expect(packet(0x40, 0, 1));
  if (qos === 2) {
    await line.expect(packet(0x50, 0, 1));
    line.send(packet(0x62, 0, 1));
    await line.expect(packet(0x70, 0, 1));
  }
  line.end();
}

/** A connection from which bytes are taken as they are expected. */
class Line {
  readonly #socket: Socket;
  #got = Buffer.alloc(0);
  #isOver = false;
  #wake = (): void => undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      this.#got = Buffer.concat([this.#got, chunk]);
      this.#wake();
    });
    for (const end of ['end', 'close']) {
      socket.on(end, () => {
        this.#isOver = true;
        this.#wake();
      });
    }
  }

  send(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  async expect(bytes: Buffer): Promise<void> {
    await this.#until(() => this.#got.length >= bytes.length || this.#isOver);
    const got = this.#got.subarray(0, bytes.length);
    if (!got.equals(bytes)) throw new Error(`expected ${bytes.toString('hex')}, got ${this.#told(got)}`);
    this.#got = this.#got.subarray(bytes.length);
  }

  async expectEnd(): Promise<void> {
    await this.#until(() => this.#got.length > 0 || this.#isOver);
    if (this.#got.length > 0) throw new Error(`expected the end, got ${this.#got.toString('hex')}`);
    if (!this.#isOver) throw new Error('expected the end, and it is still connected');
  }

  end(): void {
    this.#socket.destroy();
  }

  #told(got: Buffer): string {
    return got.length > 0 ? got.toString('hex') : this.#isOver ? 'the end' : 'nothing';
  }

  async #until(isThere: () => boolean): Promise<void> {
    const deadlineMs = performance.now() + PATIENCE_MS;
    for (let leftMs = PATIENCE_MS; leftMs > 0 && !isThere(); leftMs = deadlineMs - performance.now()) {
      await new Promise<void>((resolve) => {
        const late = setTimeout(resolve, leftMs);
        this.#wake = () => {
          clearTimeout(late);
          resolve();
        };
      });
    }
  }
}
