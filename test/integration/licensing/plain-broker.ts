// The guarded aedes without vehicles: whoever connects may do whatever the standard lets him, but subscribe to
// `nosubscribe`. For suites about brokers in general. Its message ids begin with 1: any are right, and one suite wants these.

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { AedesOptions } from 'aedes';
import { openGuardedAedes } from '../../../licensing/broker/guarded-aedes.ts';

export interface PlainBroker {
  readonly port: number;
  stop(): Promise<void>;
}

/** `persistence`: aedes' own, in memory, where none is given. */
export async function openPlainBroker(options: Pick<AedesOptions, 'persistence'> = {}): Promise<PlainBroker> {
  const guarded = await openGuardedAedes<never>({
    aedes: {
      ...options,
      connectTimeout: 2000,
      authorizeSubscribe: (_, subscription, done) =>
        done(null, subscription.topic === 'nosubscribe' ? null : subscription),
    },
    rules: { bytesMax: 300_000, levelsMax: 100, filtersMax: 100, sendsQos2: true, judge: () => undefined },
    connackOf: (reason) => (reason === 'protocol_level' ? 1 : reason === 'client_id_empty' ? 2 : 0),
  });
  const { aedes } = guarded;
  aedes.on('clientError', () => undefined);
  aedes.on('connectionError', () => undefined);
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    Object.assign(guarded.take(socket), { _nextId: 1 });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      server.close();
      await new Promise<void>((resolve) => aedes.close(resolve));
    },
  };
}
