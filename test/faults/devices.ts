// Bases and rovers as they are in the field: they keep their connection, and when it ends they come back, again and
// again. Each connection is a life of its own, and what happened in it is kept.

import { type Connection, openBase, openRover, type PeerPlace } from './peers.ts';
import { EpochReader, makeEpoch } from './numbered-epochs.ts';

/** How long a device waits before it connects again: shorter than in the field, so that more happens. */
const RETURN_MS = 50;

export interface BaseLife {
  /** Station number in its frames: no other life of any base has it. */
  readonly base: number;
  readonly name: string;
  /** Epochs given to the socket. */
  sent: number;
  granted: boolean;
  ended: boolean;
}

let livesOfBases = 0;

/** A base that sends an epoch every `intervalMs` whenever it is connected. */
export class FieldBase {
  readonly lives: BaseLife[] = [];
  readonly refusals: string[] = [];
  readonly #place: PeerPlace & { readonly password: string };
  readonly #fillerBytes: number | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #running: Promise<void>;
  #connection: Connection | undefined;
  #isStopping = false;

  /** `fillerBytes` as of makeEpoch. */
  constructor(place: PeerPlace & { readonly password: string }, intervalMs: number, fillerBytes?: number) {
    this.#place = place;
    this.#fillerBytes = fillerBytes;
    this.#timer = setInterval(() => this.send(), intervalMs);
    this.#running = this.#run();
  }

  get mountpoint(): string {
    return this.#place.mountpoint;
  }

  get life(): BaseLife | undefined {
    return this.lives.at(-1);
  }

  get isSending(): boolean {
    return this.life?.granted === true && !this.life.ended;
  }

  /** One epoch now, where it may. */
  send(): void {
    const { life } = this;
    if (life === undefined || !this.isSending) return;
    this.#connection?.socket.write(makeEpoch({ base: life.base, sequence: life.sent }, this.#fillerBytes));
    life.sent += 1;
  }

  /** Hangs up and stays away. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#timer);
    this.#connection?.socket.end();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      const base = (livesOfBases = (livesOfBases + 1) % 4096);
      const name = `${this.#place.name}-life-${this.lives.length}`;
      const life: BaseLife = { base, name, sent: 0, granted: false, ended: false };
      this.lives.push(life);
      this.#connection = openBase({ ...this.#place, name });
      life.granted = await this.#connection.granted;
      if (life.granted) this.send();
      else this.refusals.push(this.#connection.reply().trim());
      await this.#connection.ended;
      life.ended = true;
      await returnTime();
    }
  }
}

export interface RoverLife {
  readonly name: string;
  readonly reader: EpochReader;
  granted: boolean;
  ended: boolean;
}

/** A rover that always wants its stream. */
export class FieldRover {
  readonly lives: RoverLife[] = [];
  /** What its stream should never have held. */
  readonly mistakes: string[] = [];
  readonly mountpoint: string;
  readonly #place: PeerPlace;
  readonly #running: Promise<void>;
  #connection: Connection | undefined;
  #isStopping = false;

  constructor(place: PeerPlace & { readonly credentials?: string }) {
    this.#place = place;
    this.mountpoint = place.mountpoint;
    this.#running = this.#run();
  }

  get life(): RoverLife | undefined {
    return this.lives.at(-1);
  }

  get isStreaming(): boolean {
    return this.life?.granted === true && !this.life.ended;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#connection?.socket.destroy();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      const reader = new EpochReader();
      const name = `${this.#place.name}-life-${this.lives.length}`;
      const life: RoverLife = { name, reader, granted: false, ended: false };
      this.lives.push(life);
      this.#connection = openRover({ ...this.#place, name }, (bytes) => reader.take(bytes));
      life.granted = await this.#connection.granted;
      await this.#connection.ended;
      const mistake = this.#connection.mistake();
      if (mistake !== undefined) this.mistakes.push(`${name}: ${mistake.message}`);
      life.ended = true;
      await returnTime();
    }
  }
}

function returnTime(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, RETURN_MS));
}
