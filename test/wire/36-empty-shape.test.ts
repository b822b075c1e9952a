// A rover whose service spec leaves nothing of what its base sends is told so by its close reason, on whichever stream
// worker it is.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeFrame } from '../support/frames.ts';
import { getRequest, sourceRequest } from '../support/ntrip-requests.ts';
import { startTierNetwork, type TierNetwork } from '../support/tier-network.ts';
import { connectPeer, openPeers } from '../support/wire-peer.ts';

const ROVERS = 6;

let network: TierNetwork;

beforeAll(async () => {
  network = await startTierNetwork({ timing: { roverSilentMs: 2500 } }, { workers: 3 });
});

afterAll(async () => {
  for (const peer of openPeers()) peer.hangUp();
  await network.stop();
});

/** A GPS MSM7 without satellites. */
function gps(epochMs: number): Buffer {
  return makeFrame([
    [1077, 12],
    [7, 12],
    [epochMs, 30],
    [0, 1 + 3 + 7 + 2 + 2 + 1 + 3],
    [0, 64],
    [0, 32],
  ]);
}

test('rovers that want GLONASS of a GPS base are closed as shape_empty while it streams', async () => {
  const base = await connectPeer(network.port);
  base.send(sourceRequest('choose-one', 'TEST1'));
  await base.readHead();
  let epochMs = 100_000_000;
  const stream = setInterval(() => base.send(gps((epochMs += 1000))), 200);
  const app = await network.makeApp({
    service_spec_id: await network.makeSpec({ constellations: ['GLO'] }),
  });
  const rovers = await Promise.all(
    (await network.makeAccounts(app, ROVERS)).map(async (login) => {
      const rover = await connectPeer(network.port);
      rover.send(getRequest(1, 'TEST1', { login }));
      await rover.readHead();
      return rover;
    }),
  );
  for (const rover of rovers) expect(await rover.readToEnd()).toHaveLength(0);
  clearInterval(stream);
  await expect
    .poll(() => network.events('session_closed').map(({ fields }) => fields['reason']))
    .toEqual(Array.from({ length: ROVERS }, () => 'shape_empty'));
});
