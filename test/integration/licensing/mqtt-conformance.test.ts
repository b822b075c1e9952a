// The ten scenarios by which Eclipse Paho's interoperability suite judges a broker of MQTT 3.1.1, played against the
// guarded aedes by the client library mqtt (and by bytes where a client would not do wrong).

import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { connect as connectPacket, packet, text } from '../../unit/licensing/broker/mqtt-bytes.ts';
import { openPlainBroker, type PlainBroker } from './plain-broker.ts';

const WAIT = { timeout: 10_000, interval: 10 };

interface Got {
  readonly topic: string;
  readonly body: string;
  readonly qos: number;
  readonly retain: boolean;
}

let broker: PlainBroker;
const clients: MqttClient[] = [];
beforeAll(async () => {
  broker = await openPlainBroker();
});
afterAll(async () => await broker.stop());
afterEach(() => {
  for (const client of clients.splice(0)) client.end(true);
});

async function enter(
  clientId: string,
  options: IClientOptions = {},
): Promise<{ client: MqttClient; got: Got[] }> {
  const client = connect({ host: '127.0.0.1', port: broker.port, clientId, reconnectPeriod: 0, ...options });
  clients.push(client);
  client.on('error', () => undefined);
  const got: Got[] = [];
  client.on('message', (topic, body, { qos, retain }) => {
    got.push({ topic, body: body.toString(), qos, retain });
  });
  await new Promise<void>((resolve) => void client.once('connect', () => resolve()));
  return { client, got };
}

async function leave(client: MqttClient): Promise<void> {
  await client.endAsync();
}

/** All that the broker answers until it closes the connection; each packet waits for the answer to the one before. */
async function answerTo(...packets: Buffer[]): Promise<Buffer> {
  const socket = connectTcp({ host: '127.0.0.1', port: broker.port });
  socket.on('error', () => undefined);
  const bytes: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => void bytes.push(chunk));
  const closed = once(socket, 'close');
  for (const [index, one] of packets.entries()) {
    socket.write(one);
    if (index < packets.length - 1) await Promise.race([once(socket, 'data'), closed]);
  }
  await closed;
  return Buffer.concat(bytes);
}

/** Waits until everything that was published before has gone round. */
async function settled(): Promise<void> {
  const { client, got } = await enter(`settler-${clients.length}`);
  await client.subscribeAsync('settled', { qos: 2 });
  await client.publishAsync('settled', 'x', { qos: 2 });
  await vi.waitFor(() => expect(got).toHaveLength(1), WAIT);
  await leave(client);
}

describe('as Paho has it', () => {
  test('the basics: each QoS arrives; a second CONNECT and a wrong protocol end the connection', async () => {
    const { client, got } = await enter('basic');
    await client.subscribeAsync('TopicA', { qos: 2 });
    for (const qos of [0, 1, 2] as const) await client.publishAsync('TopicA', `qos ${qos}`, { qos });
    await vi.waitFor(() => expect(got).toHaveLength(3), WAIT);
    expect(got.map(({ qos }) => qos).toSorted()).toEqual([0, 1, 2]);
    const hello = connectPacket(2, ...text('twice'));
    expect(await answerTo(hello, hello)).toEqual(packet(0x20, 0, 0));
    expect(await answerTo(packet(0x10, ...text('hj'), 4, 2, 0, 60, ...text('x')))).toEqual(Buffer.alloc(0));
  });

  test('retained messages come with a subscription, and empty ones clear them', async () => {
    const first = await enter('retain');
    const topics = ['TopicA/B', 'Topic/C', 'TopicA/C'];
    for (const [qos, topic] of topics.entries()) {
      await first.client.publishAsync(topic, `${qos}`, { qos: qos as 0 | 1 | 2, retain: true });
    }
    await settled();
    await first.client.subscribeAsync('+/+', { qos: 2 });
    await vi.waitFor(() => expect(first.got).toHaveLength(3), WAIT);
    expect(first.got.every(({ retain }) => retain)).toBe(true);
    await leave(first.client);
    const second = await enter('retain');
    for (const [qos, topic] of topics.entries()) {
      await second.client.publishAsync(topic, '', { qos: qos as 0 | 1 | 2, retain: true });
    }
    await settled();
    await second.client.subscribeAsync('+/+', { qos: 2 });
    await settled();
    expect(second.got).toEqual([]);
  });

  test('a session that is kept gets what came while it was away', async () => {
    const away = await enter('offline', { clean: false });
    await away.client.subscribeAsync('+/+', { qos: 2 });
    await leave(away.client);
    const other = await enter('sender');
    await other.client.publishAsync('Topic/C', 'qos 1', { qos: 1 });
    await other.client.publishAsync('TopicA/C', 'qos 2', { qos: 2 });
    await leave(other.client);
    const back = await enter('offline', { clean: false });
    await vi.waitFor(() => expect(back.got.map(({ qos }) => qos)).toEqual([1, 2]), WAIT);
  });

  test('the will of who vanishes is published', async () => {
    const will = { topic: 'Topic/C', payload: Buffer.from('gone'), qos: 1, retain: false } as const;
    const listener = await enter('heir', { clean: false });
    await listener.client.subscribeAsync('Topic/C', { qos: 2 });
    const { client } = await enter('mortal', { will });
    client.stream.destroy();
    await vi.waitFor(() => expect(listener.got.map(({ body }) => body)).toEqual(['gone']), WAIT);
  });

  test('overlapping subscriptions give one message of the highest QoS, or one each', async () => {
    const { client, got } = await enter('overlap');
    await client.subscribeAsync({ 'TopicA/#': { qos: 2 }, 'TopicA/+': { qos: 1 } });
    await client.publishAsync('TopicA/C', 'x', { qos: 2 });
    await settled();
    const qos = got.map((one) => one.qos).toSorted();
    expect([[2], [1, 2]]).toContainEqual(qos);
  });

  test('who says nothing for one and a half times his keep-alive is closed, and his will is published', async () => {
    const listener = await enter('watcher');
    await listener.client.subscribeAsync('/TopicA', { qos: 2 });
    const socket = connectTcp({ host: '127.0.0.1', port: broker.port });
    socket.resume();
    const body = [...text('silent'), ...text('/TopicA'), ...text('keepalive expiry')];
    socket.write(packet(0x10, ...text('MQTT'), 4, 0x06, 0, 1, ...body));
    await once(socket, 'close');
    await vi.waitFor(
      () => expect(listener.got.map(({ body: will }) => will)).toEqual(['keepalive expiry']),
      WAIT,
    );
  });

  test('what was not acknowledged comes again after a reconnect', async () => {
    const hello = connectPacket(0, ...text('forgetful'));
    const ask = packet(0x82, 0, 1, ...text('TopicA/#'), 1);
    const sent = packet(0x32, ...text('TopicA/B'), 0, 2, ...Buffer.from('x'));
    const first = connectTcp({ host: '127.0.0.1', port: broker.port });
    first.write(Buffer.concat([hello, ask]));
    const seen: Buffer[] = [];
    first.on('data', (chunk: Buffer) => void seen.push(chunk));
    await vi.waitFor(() => expect(Buffer.concat(seen).includes(0x90)).toBe(true), WAIT);
    first.write(sent);
    await vi.waitFor(() => expect(Buffer.concat(seen).toString('latin1')).toContain('TopicA/B'), WAIT);
    first.destroy();
    const { got } = await enter('forgetful', { clean: false });
    await vi.waitFor(() => expect(got.map(({ topic }) => topic)).toEqual(['TopicA/B']), WAIT);
  });

  test('an empty client id is taken in a clean session only', async () => {
    expect(await answerTo(connectPacket(0, ...text('')))).toEqual(packet(0x20, 0, 2));
    expect(await answerTo(connectPacket(2, ...text('')), packet(0xe0))).toEqual(packet(0x20, 0, 0));
  });

  test('a SUBSCRIBE that names a filter twice gets a return code for each, and the last counts [MQTT-3.8.4-5]', async () => {
    const asked = (qos: number): number[] => [...text('twice/a'), qos];
    const answer = await answerTo(
      connectPacket(0x02, ...text('twice')),
      packet(0x82, 0, 7, ...asked(1), ...text('nosubscribe'), 1, ...asked(0)),
      packet(0xe0),
    );
    expect([...answer]).toEqual([0x20, 2, 0, 0, 0x90, 5, 0, 7, 1, 0x80, 0]);
    const { client, got } = await enter('twice-2');
    client.stream.write(packet(0x82, 0, 7, ...asked(1), ...asked(0)));
    await new Promise<void>((resolve) => void client.once('packetreceive', () => resolve()));
    await client.publishAsync('twice/a', 'x', { qos: 1 });
    await vi.waitFor(() => expect(got).toHaveLength(1), WAIT);
    expect(got).toMatchObject([{ topic: 'twice/a', qos: 0 }]);
  });

  test('a subscription that is not allowed is answered with 0x80', async () => {
    const asked = packet(0x82, 0, 1, ...text('nosubscribe'), 2);
    const answer = await answerTo(connectPacket(2, ...text('denied')), asked, packet(0xe0));
    expect(answer).toEqual(Buffer.concat([packet(0x20, 0, 0), packet(0x90, 0, 1, 0x80)]));
  });

  test('a filter that begins with a wildcard does not match topics that begin with $', async () => {
    const { client, got } = await enter('dollar');
    await client.subscribeAsync(['+/+', '#'], { qos: 2 });
    await client.publishAsync('$TopicA/B', 'x', { qos: 1 });
    await settled();
    expect(got.filter(({ topic }) => topic.startsWith('$'))).toEqual([]);
  });
});
