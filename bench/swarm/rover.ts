// One rover of a swarm: a socket, a request, a reply, and then a stream of which every byte is compared. Lean, since a
// process has thousands of them; reads go into one buffer that all plain sockets share.

import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ChunkedDecoder } from '../../caster/ntrip/chunked.ts';
import { descriptorOf } from '../../caster/net/peer-socket.ts';
import { setSocketOption, SO_RCVBUF, SOL_SOCKET } from '../../test/proof/libc.ts';
import { rc1Password } from '../../test/support/rc1.ts';
import { monotonicMs } from './monotonic.ts';
import type { RoverGroup } from './peer-messages.ts';
import { type PlanIndex, StreamCheck } from './stream-check.ts';

/** What all rovers of a process share. */
export interface Crew {
  plan(): PlanIndex;
  arrive(rover: number, epoch: number): void;
  /** Something that is waited for may have come about. */
  changed(): void;
}

export type Fate = 'asking' | 'streaming' | 'refused' | 'failed' | 'dropped';

const shared = Buffer.allocUnsafeSlow(256 * 1024);
/** The kernel of a rover that does not read must not read for it. */
const DEAF_RECEIVE_BYTES = 4096;
const REPLY_BYTES_MAX = 4096;
const HEAD_END = '\r\n\r\n';

export class Rover {
  fate: Fate = 'asking';
  replyLine = '';
  failure = 'closed without a reply';
  readonly beganMs = monotonicMs();
  repliedMs = NaN;
  firstBytesMs = NaN;
  readonly isDeaf: boolean;
  readonly #crew: Crew;
  readonly #index: number;
  readonly #socket: Socket;
  readonly #check: StreamCheck;
  #decoder: ChunkedDecoder | undefined;
  #head = '';
  #hungUp = false;

  constructor(crew: Crew, group: RoverGroup, index: number) {
    this.#crew = crew;
    this.#index = index;
    this.isDeaf = index < group.deafCount;
    this.#check = new StreamCheck(group.joinsLate);
    this.#socket = this.#open(group, index);
    this.#socket.on('error', (error) => (this.failure = error.message));
    this.#socket.on('close', () => this.#noteClosed());
    this.#socket.write(requestOf(group, group.firstNumber + index));
  }

  get isAnswered(): boolean {
    return this.fate !== 'asking';
  }

  get wasLetIn(): boolean {
    return this.fate === 'streaming' || this.fate === 'dropped';
  }

  get isComplete(): boolean {
    return this.#check.isComplete(this.#crew.plan());
  }

  get isCorrupt(): boolean {
    return this.#check.corrupt;
  }

  /** Nothing more is to come, well or badly. */
  get isDone(): boolean {
    return this.isDeaf || this.fate !== 'streaming' || this.isCorrupt || this.isComplete;
  }

  hangUp(gone: () => void): void {
    this.#hungUp = true;
    if (this.#socket.closed) {
      gone();
      return;
    }
    this.#socket.once('close', gone);
    this.#socket.destroy();
  }

  #open(group: RoverGroup, index: number): Socket {
    const to = {
      host: '127.0.0.1',
      port: group.port,
      noDelay: true,
      ...(group.ownAddresses ? { localAddress: `127.1.${index >> 8}.${(index & 255) + 1}` } : {}),
    };
    if (group.tls) {
      const socket = connectTls({ ...to, rejectUnauthorized: false });
      socket.on('data', (bytes: Buffer) => this.#take(bytes, bytes.length));
      return socket;
    }
    const onread = {
      buffer: shared,
      callback: (length: number): boolean => {
        this.#take(shared, length);
        return true;
      },
    };
    return connect({ ...to, onread });
  }

  #take(bytes: Buffer, length: number): void {
    if (this.fate === 'streaming') this.#takeBody(bytes, length);
    else if (this.fate === 'asking') this.#takeHead(bytes, length);
  }

  #takeHead(bytes: Buffer, length: number): void {
    this.#head += bytes.toString('latin1', 0, length);
    const end = this.#head.indexOf(HEAD_END);
    if (end < 0 && this.#head.length < REPLY_BYTES_MAX) return;
    this.repliedMs = monotonicMs();
    this.replyLine = this.#head.slice(0, this.#head.indexOf('\r\n'));
    const isAccept = end >= 0 && /^(ICY|HTTP\/1\.[01]) 200/.test(this.replyLine);
    this.fate = isAccept ? 'streaming' : 'refused';
    const headBytes = this.#head.slice(0, end);
    const bodyBytes = this.#head.length - end - HEAD_END.length;
    this.#head = '';
    if (isAccept) {
      if (/^transfer-encoding: *chunked/im.test(headBytes)) this.#decoder = new ChunkedDecoder();
      if (bodyBytes > 0) this.#takeBody(bytes.subarray(length - bodyBytes, length), bodyBytes);
      if (this.isDeaf) this.#stopReading();
    } else {
      this.#socket.destroy();
    }
    this.#crew.changed();
  }

  #takeBody(bytes: Buffer, length: number): void {
    if (Number.isNaN(this.firstBytesMs)) this.firstBytesMs = monotonicMs();
    if (this.#decoder === undefined) {
      this.#check.push(this.#crew.plan(), bytes, length, this.#noteEpoch);
    } else {
      const { state } = this.#decoder.push(bytes.subarray(0, length), (piece) =>
        this.#check.push(this.#crew.plan(), piece, piece.length, this.#noteEpoch),
      );
      if (state === 'bad' || this.#decoder.isRaw) this.#check.corrupt = true;
    }
    if (this.isDone) this.#crew.changed();
  }

  readonly #noteEpoch = (epoch: number): void => this.#crew.arrive(this.#index, epoch);

  #stopReading(): void {
    setSocketOption(descriptorOf(this.#socket), SOL_SOCKET, SO_RCVBUF, DEAF_RECEIVE_BYTES);
    this.#socket.pause();
  }

  #noteClosed(): void {
    if (this.fate === 'asking') this.fate = 'failed';
    else if (this.fate === 'streaming' && !this.#hungUp) this.fate = 'dropped';
    this.#crew.changed();
  }
}

function requestOf(group: RoverGroup, number: number): string {
  const { dialect, mountpoint } = group;
  const login = loginOf(group, number);
  const authorization =
    login === undefined ? [] : [`Authorization: Basic ${Buffer.from(login).toString('base64')}`];
  const head =
    dialect === 'v1'
      ? [`GET /${mountpoint} HTTP/1.0`, 'User-Agent: NTRIP rovercast-bench']
      : [
          `GET /${mountpoint} HTTP/1.1`,
          'Host: 127.0.0.1',
          'Ntrip-Version: Ntrip/2.0',
          'User-Agent: NTRIP rovercast-bench',
          'Connection: close',
        ];
  return [...head, ...authorization, '', ''].join('\r\n');
}

/** `user:password`, undefined where the mountpoint is open. */
function loginOf(group: RoverGroup, number: number): string | undefined {
  const { mountpoint, password, signingSecret, logins } = group;
  const own = logins?.[number];
  if (own !== undefined) return `${own.username}:${own.password}`;
  const username = group.username?.replace('%d', String(number));
  if (username === undefined || signingSecret === undefined) {
    return username === undefined ? undefined : `${username}:${password}`;
  }
  const [, device = ''] = username.split('/');
  const ts = Math.floor(Date.now() / 1000);
  const nonce = `${process.hrtime.bigint()}_${String(number).padStart(8, '0')}`;
  return `${username}:${rc1Password(signingSecret, { ts, nonce, device, mountpoint })}`;
}
