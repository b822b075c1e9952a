// A socket and a send(2) whose answers are written down beforehand, around one outbox: what leaves, in which order,
// and when a write is done is then the test's to say.
//
//   outbox ── native.send ─────────────────────────▶ wire        as much as the script says
//          └─ socket.write ──▶ queue ── take() ────▶ wire        the kernel takes it: writableLength falls
//                                         └─ done() ▶ callback   Node says so, a tick later

import { allocateCounters, DataPlaneCounters } from '../../../caster/metering/data-plane-counters.ts';
import type { LaneSlots } from '../../../caster/metering/ledger/lane-slots.ts';
import { looseRecord, type RecordPlace } from '../../../caster/metering/ledger/record-counts.ts';
import { sendOneByOne } from '../../../caster/net/batched-send.ts';
import { type NativeSocket, SEND_BLOCKED, SEND_BROKEN } from '../../../caster/net/native-socket.ts';
import { Outbox } from '../../../caster/net/outbox.ts';
import { type PeerSocket } from '../../../caster/net/peer-socket.ts';
import { type Epoch } from '../../../caster/stream/epoch.ts';
import { DirectSending } from '../../../caster/stream/fan-out.ts';
import { MountpointStream } from '../../../caster/stream/mountpoint-stream.ts';
import { looseLedger } from '../../support/loose-ledger.ts';

/** What the kernel answers to one send: all of it, so many bytes at most, nothing, or that the connection is gone. */
export type SendResult = 'whole' | number | 'blocked' | 'broken';

interface Write {
  readonly bytes: Buffer;
  readonly callback: (error?: Error | null) => void;
}

export interface ScriptedOptions {
  readonly native?: boolean;
  readonly chunked?: boolean;
  readonly encrypted?: boolean;
  /** Every write is taken at once, as by an empty kernel; its callback still waits for `done`. */
  readonly takesAtOnce?: boolean;
  /** `deliver` goes through a mountpoint, where the outbox may open its lane. */
  readonly lane?: boolean;
  /** Where it is counted; nowhere that matters if not given. */
  readonly place?: RecordPlace;
  readonly lanes?: LaneSlots;
}

export class ScriptedSocket {
  /** Answers of the next sends; 'whole' when they are used up. */
  readonly results: SendResult[] = [];
  readonly counters = new DataPlaneCounters(allocateCounters());
  readonly blocked = new Set<Outbox>();
  readonly outbox: Outbox;
  readonly stream: MountpointStream | undefined;
  /** How often the outbox asked for a tick soon. */
  hurried = 0;
  sends = 0;
  destroyed = false;
  /** As Node has it: what `descriptorOf` and `queuedBytesOf` read. */
  _handle: { fd: number; readonly writeQueueSize: number } | null;
  /** What the kernel says it holds that the peer has not acknowledged. */
  unacknowledgedBytes = 0;
  kernelQuestions = 0;
  readonly encrypted: boolean;
  readonly #takesAtOnce: boolean;
  readonly #wire: Buffer[] = [];
  #queue: Write[] = [];
  /** Of the first write in the queue; Node's own count does not fall before all of it is taken, the handle's does. */
  #takenOfFirst = 0;
  #taken: Write[] = [];

  constructor({
    native = true,
    chunked = false,
    encrypted = false,
    takesAtOnce = false,
    lane = false,
    place = looseRecord(),
    lanes = looseLedger().lanes,
  }: ScriptedOptions = {}) {
    const queued = (): number => this.writableLength - this.#takenOfFirst;
    this._handle = {
      fd: 42,
      get writeQueueSize() {
        return queued();
      },
    };
    this.encrypted = encrypted;
    this.#takesAtOnce = takesAtOnce;
    const socket = native ? this.#nativeSocket() : undefined;
    const house = {
      native: socket,
      counters: this.counters,
      blocked: this.blocked,
      hurry: () => (this.hurried += 1),
    };
    // Only what an outbox touches of a socket is here.
    this.outbox = new Outbox(this as unknown as PeerSocket, house, chunked, place);
    if (!lane) return;
    this.stream = new MountpointStream('A', socket && new DirectSending(socket, this.counters, lanes));
    this.stream.subscribe(this.outbox);
  }

  deliver(epoch: Epoch): void {
    if (this.stream === undefined) this.outbox.deliver(epoch);
    else this.stream.publish(epoch);
  }

  get writableLength(): number {
    return this.#queue.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  /** Writes whose callback has not come. */
  get writesOpen(): number {
    return this.#queue.length + this.#taken.length;
  }

  write(bytes: Buffer, callback: (error?: Error | null) => void): void {
    this.#queue.push({ bytes: Buffer.from(bytes), callback });
    if (this.#takesAtOnce) this.take();
  }

  /** The kernel takes so many bytes more of the first write in the queue. */
  takeSome(bytes: number): void {
    const rest = this.#queue[0]!.bytes.subarray(this.#takenOfFirst);
    this.#wire.push(rest.subarray(0, bytes));
    this.#takenOfFirst += bytes;
  }

  /** The kernel takes all that is queued. */
  take(): void {
    for (const write of this.#queue) {
      this.#wire.push(write.bytes.subarray(this.#takenOfFirst));
      this.#takenOfFirst = 0;
    }
    this.#taken.push(...this.#queue);
    this.#queue = [];
  }

  /** Node calls back for what the kernel has taken. */
  done(): void {
    const taken = this.#taken;
    this.#taken = [];
    for (const { callback } of taken) callback();
  }

  /** Both, until nothing is left, as when the peer reads on. */
  flush(): void {
    while (this.writesOpen > 0) {
      this.take();
      this.done();
    }
  }

  /** The connection breaks: what is queued never goes out. Node calls back first and marks the socket afterwards. */
  fail(): void {
    const lost = [...this.#taken, ...this.#queue];
    this.#taken = [];
    this.#queue = [];
    for (const { callback } of lost) callback(new Error('write EPIPE'));
    this.destroy();
  }

  /** As a peer's socket does: it tells first and closes its descriptor then. */
  destroy(): void {
    this.outbox.forgetDescriptor();
    this.destroyed = true;
    this._handle = null;
  }

  /** All bytes that the kernel has taken, in order, and forgets them. */
  takeWire(): Buffer {
    return Buffer.concat(this.#wire.splice(0));
  }

  #nativeSocket(): NativeSocket {
    const send: NativeSocket['send'] = (descriptor, bytes, length) => {
      this.sends += 1;
      if (descriptor !== this._handle?.fd) throw new Error(`descriptor ${descriptor} is not the socket's`);
      if (length !== bytes.length) throw new Error(`length ${length} of a buffer of ${bytes.length}`);
      if (this.writableLength > 0) throw new Error('bytes overtake those in the queue of the socket');
      const result = this.results.shift() ?? 'whole';
      if (result === 'blocked') return SEND_BLOCKED;
      if (result === 'broken') return SEND_BROKEN;
      const taken = result === 'whole' ? length : Math.min(Math.max(1, result), length);
      this.#wire.push(Buffer.from(bytes.subarray(0, taken)));
      return taken;
    };
    return {
      send,
      sendEach: sendOneByOne(send),
      unacknowledgedBytes: (descriptor) => {
        this.kernelQuestions += 1;
        if (descriptor !== this._handle?.fd) throw new Error(`descriptor ${descriptor} is not the socket's`);
        return this.unacknowledgedBytes;
      },
      boundUnsentBytes: () => true,
    };
  }
}
