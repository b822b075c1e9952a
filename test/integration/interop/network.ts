// The caster that the programs of this folder meet: one mountpoint for accounts, an open one, one that sends in chunks.

import { openBase } from '../../faults/peers.ts';
import { closingOf, openSessions } from '../../faults/sessions.ts';
import { until } from '../../faults/until.ts';
import {
  type CasterProcess,
  type LogLine,
  OWNER_KEY,
  startCasterProcess,
} from '../../support/caster-process.ts';
import type { Certificate } from './certificate.ts';

export const SOURCE_PASSWORD = 'pw-of-base';
export const USERNAME = 'rover-1';
export const PASSWORD = 'pw-of-rover';
/** Of the account, as HTTP's Basic credentials. */
export const CREDENTIALS = `${USERNAME}:${PASSWORD}`;

export type MountpointName = 'CLOSED' | 'OPEN' | 'CHUNKED';

export function startNetwork(certificate?: Certificate): Promise<CasterProcess> {
  const mountpoint = (name: MountpointName, more: object): object => ({
    name,
    sourcePassword: SOURCE_PASSWORD,
    ...more,
  });
  return startCasterProcess({
    config: {
      streamWorkers: 3,
      mountpoints: [
        mountpoint('CLOSED', { access: 'accounts' }),
        mountpoint('OPEN', { access: 'open' }),
        mountpoint('CHUNKED', { access: 'open', chunked: true }),
      ],
      accounts: [{ username: USERNAME, password: PASSWORD }],
      ...(certificate === undefined
        ? {}
        : { tls: { certFile: certificate.certFile, keyFile: certificate.keyFile } }),
    },
  });
}

/**
 * Resolves when a base or a rover of that mountpoint, another than those before, has its session and takes part: the
 * log tells of admission, the counters of the worker that has begun.
 */
export async function nextSession(
  caster: CasterProcess,
  role: 'base' | 'rover',
  mountpoint: MountpointName,
): Promise<LogLine> {
  const isOpening = (line: LogLine): boolean => line.event === 'session_opened' && line['role'] === role;
  const seen = caster.log.length;
  const opening = await caster.waitFor(
    'session_opened',
    (line) => caster.log.indexOf(line) >= seen && isOpening(line) && line['mountpoint'] === mountpoint,
  );
  const begun = new RegExp(`^caster_sessions_opened_total\\{role="${role}"\\} (\\d+)$`, 'm');
  await until(
    async () => {
      const page = await (await fetch(`http://127.0.0.1:${caster.ready.http}/metrics`)).text();
      return Number(begun.exec(page)?.[1]) >= caster.log.filter(isOpening).length;
    },
    () => 'every session that was granted has begun',
  );
  return opening;
}

export interface Base {
  readonly say: (bytes: Buffer) => void;
  /** Resolves when the mountpoint is free again. */
  hangUp(): Promise<void>;
}

/** A base of NTRIP 1.0 that may send. */
export async function startBase(caster: CasterProcess, mountpoint: MountpointName): Promise<Base> {
  const opened = nextSession(caster, 'base', mountpoint);
  const base = openBase({ port: caster.ready.ntrip, mountpoint, name: 'base', password: SOURCE_PASSWORD });
  if (!(await base.granted)) throw new Error(base.reply());
  const opening = await opened;
  return {
    say: (bytes) => void base.socket.write(bytes),
    async hangUp() {
      base.socket.end();
      await closingOf(caster, opening);
    },
  };
}

/** Has the caster end a session, as an operator would: so that a rover's program sees the end of its stream. */
export async function endSession(caster: CasterProcess, session: LogLine): Promise<void> {
  const url = `http://127.0.0.1:${caster.ready.http}/v1/sessions/${String(session['session'])}/close`;
  const answer = await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${OWNER_KEY}` } });
  if (answer.status !== 202) throw new Error(`${answer.status}: ${await answer.text()}`);
}

/** Resolves when the last session has ended, so that what comes next finds every mountpoint free. */
export async function allEnded(caster: CasterProcess): Promise<void> {
  await until(
    () => openSessions(caster.log).length === 0,
    () => `${openSessions(caster.log).length} sessions are still open`,
  );
}
