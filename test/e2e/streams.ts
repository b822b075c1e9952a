// A base that sends an epoch twice a second, and rovers that listen to it, for as long as a test needs them.

import { onTestFinished } from 'vitest';
import { positionFrame } from '../support/frames.ts';
import { getRequest, ggaLine, sourceRequest } from '../support/ntrip-requests.ts';
import { skyEpoch } from '../support/observations.ts';
import type { CasterProcess } from '../support/caster-process.ts';
import { connectPeer, type WirePeer } from '../support/wire-peer.ts';

const EPOCH_MS = 500;

export async function startBase(caster: CasterProcess, mountpoint: string, password: string): Promise<void> {
  const base = await connectPeer(caster.ready.ntrip);
  base.send(sourceRequest(password, mountpoint));
  await base.readHead();
  const send = (): void =>
    base.send(
      Buffer.concat([positionFrame(7, 47.05, 8.31), ...skyEpoch(Date.now(), ['GPS', 'GLO', 'GAL', 'BDS'])]),
    );
  send();
  const timer = setInterval(send, EPOCH_MS);
  onTestFinished(() => {
    clearInterval(timer);
    base.hangUp();
  });
}

/** `quality` is that of the GGA that it sends; `userAgent` may be whatever a stranger writes there. */
export async function startRover(
  caster: CasterProcess,
  mountpoint: string,
  { username, quality = 4, userAgent }: { username: string; quality?: number; userAgent?: string },
): Promise<WirePeer> {
  const rover = await connectPeer(caster.ready.ntrip);
  const request = getRequest(1, mountpoint, { login: { username, password: 'rover-password' } });
  rover.send(
    userAgent === undefined ? request : request.replace(/User-Agent: .*/, `User-Agent: ${userAgent}`),
  );
  await rover.readHead();
  rover.send(ggaLine(47.06, 8.3, quality));
  onTestFinished(() => rover.hangUp());
  return rover;
}
