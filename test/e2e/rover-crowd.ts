// Thousands of rovers in a process of their own: each logs in, says where it is from time to time, as receivers do, reads
// whatever comes, and leaves one day to come again. Told what to do by its first message; ends with the process that started it.

import { connect, type Socket } from 'node:net';
import { getRequest, ggaLine } from '../support/ntrip-requests.ts';

export interface Crowd {
  readonly port: number;
  readonly mountpoint: string;
  readonly count: number;
  readonly password: string;
  /** Rovers are named by `account-` and their number modulo this. */
  readonly accounts: number;
}

const LOGINS_PER_S = 1000;
const LOGIN_PERIOD_MS = 20;
/** Between two positions of a rover: some of them say theirs in each turn. */
const POSITION_PERIOD_MS = 30_000;
const TURNS = 30;
/** One leaves and comes again in each. */
const LEAVE_PERIOD_MS = 500;
/** Kinds of fix as they are in a field: most are fixed. */
const QUALITIES = [4, 4, 4, 5, 1];

const sockets: Socket[] = [];
process.on('disconnect', () => process.exit());
process.on('message', logInAll);

function logInAll(crowd: Crowd): void {
  const logIn = setInterval(() => {
    for (let left = (LOGINS_PER_S * LOGIN_PERIOD_MS) / 1000; left > 0; left -= 1) {
      if (sockets.length === crowd.count) {
        clearInterval(logIn);
        sayPositions();
        return comeAndGo(crowd);
      }
      sockets.push(open(crowd, sockets.length));
    }
  }, LOGIN_PERIOD_MS);
}

function open({ port, mountpoint, password, accounts }: Crowd, index: number): Socket {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  socket.resume();
  socket.write(getRequest(2, mountpoint, { login: { username: `account-${index % accounts}`, password } }));
  return socket;
}

function sayPositions(): void {
  let turn = 0;
  setInterval(() => {
    for (let index = turn % TURNS; index < sockets.length; index += TURNS) {
      const socket = sockets[index]!;
      const quality = QUALITIES[(index + Math.floor(turn / TURNS)) % QUALITIES.length]!;
      if (socket.writable) socket.write(ggaLine(40 + (index % 1000) / 100, 5 + (index % 777) / 100, quality));
    }
    turn += 1;
  }, POSITION_PERIOD_MS / TURNS);
}

function comeAndGo(crowd: Crowd): void {
  let index = 0;
  setInterval(() => {
    sockets[index]!.destroy();
    sockets[index] = open(crowd, index);
    index = (index + 1) % crowd.count;
  }, LEAVE_PERIOD_MS);
}
