// Connections on a worker of one's choice: the kernel chooses, so one asks again until it has chosen right.

import { type Connection, openBase, openRover, type PeerPlace } from './peers.ts';
import { endSession } from '../integration/interop/network.ts';
import { openingOf } from './sessions.ts';
import { SOURCE_PASSWORD } from './field.ts';
import type { CasterProcess, LogLine } from '../support/caster-process.ts';

/** Enough for the kernel to have chosen one of three at least once, but for one run in 10^17. */
const TRIES_MAX = 100;

export interface Placed extends Connection {
  readonly opening: LogLine;
}

let opened = 0;

/** A rover on `worker`; what it gets goes to `onBytes`, which may be called only once it is there. */
export function placeRover(
  caster: CasterProcess,
  mountpoint: string,
  worker: number,
  onBytes: (bytes: Buffer) => void,
  from?: PeerPlace['from'],
): Promise<Placed> {
  return place(caster, worker, (name) => {
    let isHere = false;
    const early: Buffer[] = [];
    const own = from === undefined ? {} : { from };
    const connection = openRover({ port: caster.ready.ntrip, mountpoint, name, ...own }, (bytes) => {
      if (isHere) onBytes(bytes);
      else early.push(bytes);
    });
    const settle = (): void => {
      isHere = true;
      for (const bytes of early) onBytes(bytes);
    };
    return { connection, settle };
  });
}

/** A base on `worker` that may send. */
export function placeBase(caster: CasterProcess, mountpoint: string, worker: number): Promise<Placed> {
  return place(caster, worker, (name) => {
    const connection = openBase({ port: caster.ready.ntrip, mountpoint, name, password: SOURCE_PASSWORD });
    return { connection, settle: () => undefined };
  });
}

async function place(
  caster: CasterProcess,
  worker: number,
  open: (name: string) => { connection: Connection; settle: () => void },
): Promise<Placed> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const name = `placed-${(opened += 1)}`;
    const { connection, settle } = open(name);
    if (!(await connection.granted)) continue;
    const opening = await openingOf(caster, name);
    if (opening['worker'] === worker) {
      settle();
      return { ...connection, opening };
    }
    connection.socket.destroy();
    await connection.ended;
  }
  throw new Error(`no connection came to worker ${worker}`);
}

/** Of this machine like 127.0.0.1, but nobody else uses its ports. */
const OWN_ADDRESS = '127.77.7.7';

/**
 * An end from which the next connection comes to `worker`, too: the kernel chooses by both addresses and both ports.
 * For connections to be made when one cannot ask, since a worker is busy.
 */
export async function findWayTo(
  caster: CasterProcess,
  mountpoint: string,
  worker: number,
): Promise<NonNullable<PeerPlace['from']>> {
  const probe = await placeRover(caster, mountpoint, worker, () => undefined, { address: OWN_ADDRESS });
  const port = probe.socket.localPort!;
  // Who closes first keeps the port in TIME_WAIT: it must not be us.
  await endSession(caster, probe.opening);
  await probe.ended;
  return { address: OWN_ADDRESS, port };
}
