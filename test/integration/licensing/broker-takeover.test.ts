// Connections of one client id that come while others of it go: one is there at a time, and none stays counted.

import { duplexPair, type Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import type { Client } from 'aedes';
import { expect, test } from 'vitest';
import { openGuardedAedes } from '../../../licensing/broker/guarded-aedes.ts';
import { CLEAN, connect, subscribe, text } from '../../unit/licensing/broker/mqtt-bytes.ts';

const HELLO = Buffer.concat([connect(CLEAN, ...text('car1')), subscribe(['a', 'b', 'c'])]);

async function opened() {
  const rules = { bytesMax: 1000, levelsMax: 4, filtersMax: 4, sendsQos2: false, judge: () => undefined };
  const guarded = await openGuardedAedes<never>({ aedes: {}, rules, connackOf: () => 0 });
  const seen = { here: new Set<Client>(), atOnce: 0, came: 0 };
  guarded.aedes.on('client', (client) => {
    seen.here.add(client);
    seen.came += 1;
    seen.atOnce = Math.max(seen.atOnce, seen.here.size);
  });
  guarded.aedes.on('clientDisconnect', (client) => void seen.here.delete(client));
  const open = (): Duplex => {
    const [client, server] = duplexPair();
    client.on('error', () => undefined);
    client.resume();
    server.on('close', () => client.destroy());
    guarded.take(server);
    client.write(HELLO);
    return client;
  };
  return { guarded, seen, open };
}

/** Enough for a CONNECT and a SUBSCRIBE to be answered. */
const SETTLED = 20;
const MOMENTS = Array.from({ length: 16 }, (_, turns) => turns);

async function turns(count: number): Promise<void> {
  for (let left = count; left > 0; left -= 1) await turn();
}

test('a client that leaves or is replaced at any moment is not there any more, and is told as gone', async () => {
  const { guarded, seen, open } = await opened();
  for (const [first, second] of MOMENTS.flatMap((one) => MOMENTS.map((other) => [one, other] as const))) {
    const before = open();
    await turns(SETTLED);
    const after = open();
    await Promise.all([turns(first).then(() => before.destroy()), turns(second).then(() => after.destroy())]);
    await turns(SETTLED);
  }
  const { here, atOnce, came } = seen;
  expect([here.size, guarded.aedes.connectedClients, atOnce]).toEqual([0, 0, 1]);
  expect(came).toBeGreaterThan(MOMENTS.length ** 2);
  await new Promise<void>((resolve) => guarded.aedes.close(resolve));
});
