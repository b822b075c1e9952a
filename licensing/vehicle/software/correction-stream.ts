// Corrections for a positioning function, by the caster login that came with the right: NTRIP 1.0, again and again while
// the function is on.

import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ReconnectPace } from '../line/reconnect-pace.ts';
import type { TellVehicleEvent } from '../vehicle-event.ts';
import type { FunctionSettings } from './software-module.ts';

export type CorrectionLogin = NonNullable<FunctionSettings['correction']>;

const ACCEPTED = 'ICY 200 OK\r\n\r\n';
const SILENCE_MS_MAX = 30_000;

export class CorrectionStream {
  readonly #login: CorrectionLogin;
  readonly #tell: TellVehicleEvent;
  readonly #pace = new ReconnectPace();
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  bytes = 0;

  constructor(login: CorrectionLogin, tell: TellVehicleEvent) {
    this.#login = login;
    this.#tell = tell;
    this.#connect();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#socket?.destroy();
  }

  #connect(): void {
    const { host, port, tls, mountpoint, username, password } = this.#login;
    const beginMs = performance.now();
    let reply = '';
    let reason = 'closed';
    const socket: Socket = tls ? connectTls({ host, port, servername: host }) : connectTcp({ host, port });
    this.#socket = socket;
    socket.setTimeout(SILENCE_MS_MAX, () => socket.destroy(new Error('no corrections came')));
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      const login = Buffer.from(`${username}:${password}`).toString('base64');
      const lines = [
        `GET /${mountpoint} HTTP/1.0`,
        'User-Agent: NTRIP rovercast-vehicle',
        `Authorization: Basic ${login}`,
      ];
      socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    });
    socket.on('data', (bytes: Buffer) => {
      if (reply.startsWith(ACCEPTED)) {
        this.#count(bytes.length);
        return;
      }
      reply += bytes.toString('latin1');
      if (reply.startsWith(ACCEPTED)) this.#count(reply.length - ACCEPTED.length);
      else if (!ACCEPTED.startsWith(reply)) {
        reason = 'refused';
        socket.destroy();
      }
    });
    socket.on('error', (error) => (reason = error.message));
    socket.once('close', () => {
      if (this.#isStopped) return;
      this.#tell('correction_lost', { mountpoint, reason });
      const waitMs = this.#pace.nextWaitMs(performance.now() - beginMs);
      this.#timer = setTimeout(() => this.#connect(), waitMs);
    });
  }

  #count(bytes: number): void {
    if (bytes === 0) return;
    if (this.bytes === 0) this.#tell('first_correction', { mountpoint: this.#login.mountpoint });
    this.bytes += bytes;
  }
}
