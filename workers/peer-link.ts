// One stream worker's line to another: epochs cross it once per stream that the other side wants.

import type { MessagePort } from 'node:worker_threads';
import type {
  PeerWorker,
  RelayedEpoch,
  StreamDirectory,
  WantedStream,
} from '../caster/stream/stream-directory.ts';
import type { BetweenWorkers } from './messages.ts';

export class PeerLink implements PeerWorker {
  readonly #port: MessagePort;
  readonly #streams: StreamDirectory;

  /** Speaks at once: tells the other side what is wanted here. `port` closes by itself when the other worker ends. */
  constructor(port: MessagePort, streams: StreamDirectory) {
    this.#port = port;
    this.#streams = streams;
    port.on('message', (message: BetweenWorkers) => this.#take(message));
    port.on('close', () => streams.removePeer(this));
    streams.awaitPeer(this);
    streams.addPeer(this);
    this.#post({ type: 'hello' });
  }

  want(wanted: WantedStream): void {
    this.#post({ type: 'want', wanted, sentMs: threadsMs() });
  }

  unwant(stream: string): void {
    this.#post({ type: 'unwant', stream });
  }

  relay(stream: string, epoch: RelayedEpoch): void {
    this.#post({ type: 'epoch', stream, epoch });
  }

  close(): void {
    this.#port.close();
  }

  #post(message: BetweenWorkers): void {
    this.#port.postMessage(message);
  }

  #take(message: BetweenWorkers): void {
    switch (message.type) {
      case 'hello':
        return this.#streams.peerHeard(this);
      case 'want': {
        const nowMs = performance.now();
        const wantedMs = nowMs - (threadsMs() - message.sentMs);
        return this.#streams.peerWants(this, message.wanted, nowMs, wantedMs);
      }
      case 'unwant':
        return this.#streams.peerUnwants(this, message.stream);
      case 'epoch': {
        const { stream, epoch } = message;
        const { buffer, byteOffset, byteLength } = epoch.bytes;
        const bytes = Buffer.from(buffer, byteOffset, byteLength);
        this.#streams.publishFromPeer(stream, { ...epoch, bytes });
      }
    }
  }
}

/** Milliseconds on a clock that all threads of the process share; `performance.now()` begins with each anew. */
function threadsMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
