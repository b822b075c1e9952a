// The connection to an external broker by itself: how this server says who it is, and brokers that do not answer.

import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import path from 'node:path';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { EXTERNAL_STOP_MS } from '../../../config/limits.ts';
import {
  type ExternalBroker,
  ExternalConnection,
  type ExternalConnectionParts,
} from '../../../licensing/broker/external/external-connection.ts';
import { readExternalBroker } from '../../../workers/open-external-broker.ts';
import { makeCertificate } from '../../support/certificates.ts';
import { freePort, mosquittoMissing, MosquittoServer } from '../../support/mosquitto-server.ts';
import { useTempFolder } from '../../support/temp-folder.ts';

const WAIT = { timeout: 10_000, interval: 20 };
const folder = useTempFolder();
const connections: ExternalConnection[] = [];
afterEach(async () => {
  for (const connection of connections.splice(0)) await connection.stop();
});

function open(broker: ExternalBroker, parts: Partial<ExternalConnectionParts> = {}): ExternalConnection {
  const connection = new ExternalConnection({
    ...{ broker, clientId: 'cloud.rovercast', isKept: false, topics: {} },
    onMessage: () => Promise.resolve(),
    ...parts,
  });
  connections.push(connection);
  connection.start();
  return connection;
}

/** Answers the first packet with `answer`, and nothing else. */
async function silentBroker(answer: readonly number[]): Promise<ExternalBroker> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined).once('data', () => socket.write(Buffer.from(answer)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `mqtt://127.0.0.1:${port}`, ca: '', credentials: { username: 'u', password: 'p' } };
}

test('a stop does not wait for a broker that acknowledges nothing, and what it had not taken is not taken', async () => {
  const connection = open(await silentBroker([0x20, 2, 0, 0]));
  await expect.poll(() => connection.isUp, WAIT).toBe(true);
  const published = connection.publish('v1/vehicles/VIN1/down/grant', 'x');
  const beganMs = performance.now();
  await connection.stop();
  expect(performance.now() - beganMs).toBeLessThan(EXTERNAL_STOP_MS + 3000);
  expect(await published).toBe(false);
});

test('nor for one that does not let it in', async () => {
  const connection = open(await silentBroker([]));
  const beganMs = performance.now();
  await connection.stop();
  expect(performance.now() - beganMs).toBeLessThan(EXTERNAL_STOP_MS + 3000);
});

test('with a client certificate this server is at mosquitto who the certificate says, and with another one it is not let in', async (context) => {
  context.skip(mosquittoMissing !== undefined, mosquittoMissing);
  const place = path.join(folder, 'certificate');
  mkdirSync(place);
  const server = makeCertificate(place, 'server');
  const own = makeCertificate(place, 'cloud.rovercast');
  const foreign = makeCertificate(place, 'foreign');
  const port = await freePort();
  writeFileSync(path.join(place, 'acl'), 'user cloud.rovercast\ntopic readwrite v1/#\n');
  const config = [
    ...[`listener ${port} 127.0.0.1`, `certfile ${server.certFile}`, `keyfile ${server.keyFile}`],
    ...[`cafile ${own.certFile}`, 'require_certificate true', 'use_identity_as_username true'],
    ...[`acl_file ${path.join(place, 'acl')}`, 'allow_anonymous false'],
  ];
  const mosquitto = new MosquittoServer(place, `${config.join('\n')}\n`, port);
  await mosquitto.start();
  onTestFinished(() => mosquitto.stop());
  const brokerBy = (identity: { readonly certFile: string; readonly keyFile: string }): ExternalBroker => {
    const reading = readExternalBroker({
      ...{ mqttUrl: `mqtts://127.0.0.1:${port}`, mqttCaFile: server.certFile },
      ...{ mqttCertFile: identity.certFile, mqttKeyFile: identity.keyFile },
    } as Parameters<typeof readExternalBroker>[0]);
    if (!reading.ok || reading.external === undefined) throw new Error('the settings do not read');
    return reading.external.broker;
  };
  const heard: string[] = [];
  const connection = open(brokerBy(own), {
    topics: { 'v1/vehicles/+/down/+': 1 },
    onMessage: (topic, body) => Promise.resolve(void heard.push(`${topic} ${body.toString()}`)),
  });
  await expect.poll(() => connection.isUp, WAIT).toBe(true);
  expect(await connection.publish('v1/vehicles/VIN1/down/grant', 'x')).toBe(true);
  // By its name it may: mosquitto acknowledges what it does not hand on, too.
  await expect.poll(() => heard, WAIT).toEqual(['v1/vehicles/VIN1/down/grant x']);
  const problems: string[] = [];
  const stranger = open(brokerBy(foreign), { onDown: (problem) => void problems.push(problem) });
  await expect.poll(() => problems, WAIT).not.toEqual([]);
  expect([stranger.isUp, await stranger.publish('v1/vehicles/VIN1/down/grant', 'y')]).toEqual([false, false]);
  expect(heard).toHaveLength(1);
});
