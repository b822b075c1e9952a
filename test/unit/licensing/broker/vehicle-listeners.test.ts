// Tests the doors of the broker against whoever opens connections and says nothing: they hold nobody else up.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, expect, test, vi } from 'vitest';
import {
  BROKER_HANDSHAKES_MAX,
  BROKER_HANDSHAKES_PER_ADDRESS_MAX,
  BROKER_HANDSHAKES_WAITING_PER_ADDRESS_MAX,
} from '../../../../config/limits.ts';
import type { VehicleRefusal } from '../../../../licensing/broker/refusals.ts';
import { VehicleListeners } from '../../../../licensing/broker/vehicle-listeners.ts';
import { makeCertificate } from '../../../support/certificates.ts';
import { useTempFolder } from '../../../support/temp-folder.ts';

const folder = useTempFolder();
const open: { destroy(): unknown }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.destroy();
});

async function listen(handshakeMs: number) {
  const { pem, keyFile } = makeCertificate(folder, 'broker');
  const refused: VehicleRefusal[] = [];
  const tls = { certificate: pem, key: readFileSync(keyFile, 'utf8'), vehicleAuthorities: [pem] };
  const listeners = new VehicleListeners(
    {
      take: (socket) => void open.push(socket),
      refused: ({ reason }) => void refused.push(reason),
      needsTls: () => listeners.useTls(tls),
    },
    handshakeMs,
  );
  open.push({ destroy: () => listeners.close() });
  const ports = await listeners.open({ host: '127.0.0.1', mqttsPort: undefined, tokenPort: 0 });
  return { pem, refused, port: ports.tokenPort! };
}

/** What the kernel keeps of connections before the server has them is 511: beyond, it drops some without a word. */
const AT_ONCE = 100;

/** Connected, and silent. */
async function silent(port: number, localAddress: string, count: number): Promise<void> {
  if (count > AT_ONCE) await silent(port, localAddress, count - AT_ONCE);
  const sockets = Array.from({ length: Math.min(count, AT_ONCE) }, () =>
    connect({ port, host: '127.0.0.1', localAddress }),
  );
  open.push(...sockets);
  for (const socket of sockets) socket.on('error', () => undefined);
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
}

/** Resolves when its handshake is done. */
async function shake({ port, pem: ca }: { port: number; pem: string }, localAddress: string): Promise<void> {
  const plain = connect({ port, host: '127.0.0.1', localAddress });
  const socket = connectTls({ socket: plain, ca, servername: 'localhost' });
  open.push(socket);
  await once(socket, 'secureConnect');
}

test('handshakes that never come are cut off, and make room for those behind them', async () => {
  const door = await listen(300);
  for (let taken = 0, last = 1; taken < BROKER_HANDSHAKES_MAX; taken += BROKER_HANDSHAKES_PER_ADDRESS_MAX)
    await silent(door.port, `127.0.1.${last++}`, BROKER_HANDSHAKES_PER_ADDRESS_MAX);
  await shake(door, '127.0.2.1');
  expect(door.refused).toContain('tls_failed');
});

test('one address that says nothing holds up nobody at another', async () => {
  const door = await listen(3_600_000);
  await silent(door.port, '127.0.1.1', 2 * BROKER_HANDSHAKES_MAX);
  await shake(door, '127.0.2.1');
  expect(door.refused).toEqual([]);
});

test('of one address only so many wait for their handshake, and the others are told as refused', async () => {
  const door = await listen(3_600_000);
  const most = BROKER_HANDSHAKES_PER_ADDRESS_MAX + BROKER_HANDSHAKES_WAITING_PER_ADDRESS_MAX;
  await silent(door.port, '127.0.1.1', most + 3);
  await shake(door, '127.0.2.1');
  // A connection counts as open before the server has it from the kernel.
  const three = ['broker_busy', 'broker_busy', 'broker_busy'];
  await vi.waitFor(() => expect(door.refused).toEqual(three), { timeout: 20_000 });
});
