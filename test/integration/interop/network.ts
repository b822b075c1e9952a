// The caster that the programs of this folder meet: one mountpoint for accounts, an open one, one that sends in chunks.

import { type CasterProcess, OWNER_KEY, startCasterProcess } from '../../support/caster-process.ts';
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

/** Resolves when a base or a rover of that mountpoint, another than those before, has its session. */
export function nextSession(
  caster: CasterProcess,
  role: 'base' | 'rover',
  mountpoint: MountpointName,
): Promise<Readonly<Record<string, unknown>>> {
  const seen = caster.log.length;
  return caster.waitFor(
    'session_opened',
    (line) => caster.log.indexOf(line) >= seen && line['role'] === role && line['mountpoint'] === mountpoint,
  );
}

/** Has the caster end a session, as an operator would: so that a rover's program sees the end of its stream. */
export async function endSession(
  caster: CasterProcess,
  session: Readonly<Record<string, unknown>>,
): Promise<void> {
  const url = `http://127.0.0.1:${caster.ready.http}/v1/sessions/${String(session['session'])}/close`;
  const answer = await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${OWNER_KEY}` } });
  if (answer.status !== 202) throw new Error(`${answer.status}: ${await answer.text()}`);
}
