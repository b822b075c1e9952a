// A socket that fails more than once, as TLS ones do when their server goes away during the handshake.

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { RedisConnector } from '../../../../platform/bus/redis-connector.ts';

test.each([
  ['plain', undefined],
  ['TLS', {}],
])('a %s socket that fails twice ends no process', async (_kind, tls) => {
  const server = createServer((peer) => peer.on('error', () => undefined)).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  // A TCP server's address is always an AddressInfo.
  const { port } = server.address() as AddressInfo;
  const connector = new RedisConnector({ host: '127.0.0.1', port, ...(tls && { tls }) });
  const stream = await connector.connect();
  // The library's own listener hears one of them.
  const heard: string[] = [];
  stream.once('error', (error: Error) => heard.push(error.message));
  stream.emit('error', new Error('the first'));
  expect(() => stream.emit('error', new Error('the second'))).not.toThrow();
  expect(heard).toEqual(['the first']);
  expect(connector.firstError?.message).toBe('the first');
  stream.destroy();
});
