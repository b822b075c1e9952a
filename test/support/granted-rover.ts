// A rover that scripted workers have let in under given limits, and the base that streams to it every tenth of a second.

import { expect } from 'vitest';
import type { GrantLimits } from '../../caster/accounts/grant-limits.ts';
import { ICY_OK } from './expected-replies.ts';
import { observationFrame } from './frames.ts';
import { getRequest, sourceRequest } from './ntrip-requests.ts';
import { grant, type ScriptedWorkers } from './scripted-workers.ts';
import { connectPeer, type WirePeer } from './wire-peer.ts';

export interface GrantedRover {
  readonly peer: WirePeer;
  readonly sessionId: string;
  /** Waits until the caster ends the stream: with which reason, and at what wall time that was seen. */
  ended(): Promise<{ readonly reason: string; readonly atMs: number }>;
}

/** `behind` goes out in the same write as the request. */
export async function joinGranted(
  workers: ScriptedWorkers,
  limits: GrantLimits,
  { mountpoint = 'TEST1', behind = '' }: { mountpoint?: string; behind?: string } = {},
): Promise<GrantedRover> {
  let sessionId = '';
  workers.script = (request) => {
    const granted = grant(request, limits);
    ({ sessionId } = granted);
    return granted;
  };
  const peer = await connectPeer(workers.port);
  peer.send(getRequest(1, mountpoint) + behind);
  expect((await peer.read(ICY_OK.length)).toString()).toBe(ICY_OK);
  return {
    peer,
    sessionId,
    ended: async () => {
      await peer.readToEnd();
      const atMs = Date.now();
      peer.hangUp();
      return { reason: (await workers.endOf(sessionId)).reason, atMs };
    },
  };
}

export interface StreamingBase {
  readonly peer: WirePeer;
  stop(): void;
}

export async function startBase(
  workers: ScriptedWorkers,
  mountpoint: string,
  station = 1,
): Promise<StreamingBase> {
  const peer = await connectPeer(workers.port);
  peer.send(sourceRequest('password1', mountpoint));
  expect(await peer.readHead()).toBe(ICY_OK);
  let epochMs = 1000;
  const sending = setInterval(() => peer.send(observationFrame(station, (epochMs += 100))), 100);
  return {
    peer,
    stop: () => {
      clearInterval(sending);
      peer.hangUp();
    },
  };
}
