// The guarded aedes without vehicles: whoever connects may do whatever the standard lets him, but subscribe to
// `nosubscribe`. For suites about brokers in general.

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { openGuardedAedes } from '../../../licensing/broker/guarded-aedes.ts';

export interface PlainBroker {
  readonly port: number;
  stop(): Promise<void>;
}

export async function openPlainBroker(): Promise<PlainBroker> {
  const guarded = await openGuardedAedes<never>({
    aedes: {
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
    guarded.take(socket);
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
