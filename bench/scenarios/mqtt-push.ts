// Messages to many vehicles at once: our broker, which keeps each on the disk before it says yes, and mosquitto, which keeps
// them in memory, with the same vehicles and certificates, one after the other in the same run.

import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { userInfo } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';
import { startPeer, startProgram, stopChild } from '../children.ts';
import type { Figure } from '../figure.ts';
import { cpuBetween, readCpu } from '../process-usage.ts';
import { distributionOf } from '../samples.ts';
import type { Scenario } from '../scenario.ts';
import { Conversation } from '../swarm/conversation.ts';
import type { FromFleet, ToFleet } from '../swarm/fleet-process.ts';
import type { FromPush, ToPush } from '../swarm/push-process.ts';
import { makeTemporaryFolder } from '../temporary-folder.ts';

const AT_ONCE = 200;
const BYTES = 900;
const LIMIT_MS = 120_000;
/** A tenth of a second apart. */
const CONNECT_TRIES = 50;

type Opened = Extract<FromPush, { type: 'opened' }>;
type Fleet = Conversation<ToFleet, FromFleet>;

interface Broker {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  /** Sends so many messages to each vehicle. */
  readonly push: (each: number) => Promise<unknown>;
}

export const mqttPush: Scenario = {
  name: 'mqtt-push',
  what:
    `Messages of ${BYTES} bytes to vehicles on TLS connections with client certificates, QoS 1, ${AT_ONCE} under way. Our ` +
    'broker has each on the disk before it counts; mosquitto keeps them in memory.',
  limitMs: 300_000,
  async run({ quick, say }) {
    const [vehicles, each] = quick ? [100, 5] : [2000, 10];
    say(`making ${vehicles} vehicles`);
    const ours = new Conversation<ToPush, FromPush>(startPeer(swarmFile('push-process')));
    const opened = await ours.ask({ type: 'open', vehicles }, 'opened', LIMIT_MS);
    const figures: Figure[] = [];
    const push = (count: number): Promise<unknown> =>
      ours.ask({ type: 'push', each: count, atOnce: AT_ONCE, bytes: BYTES }, 'pushed', LIMIT_MS);
    figures.push(
      ...(await measure(
        { name: 'our broker', pid: ours.child.pid!, port: opened.port, push },
        opened,
        each,
        say,
      )),
    );
    await stopChild(ours.child);
    const mosquitto = await startMosquitto(opened);
    figures.push(...(await measure(mosquitto.broker, opened, each, say)));
    await stopChild(mosquitto.child);
    return figures;
  },
};

async function measure(
  { name, pid, port, push }: Broker,
  { root, key, vehicles }: Opened,
  each: number,
  say: (progress: string) => void,
): Promise<Figure[]> {
  const fleet: Fleet = new Conversation<ToFleet, FromFleet>(startPeer(swarmFile('fleet-process')));
  say(`${name}: ${vehicles.length} vehicles connect`);
  const { ms } = await fleet.ask({ type: 'connect', port, root, key, vehicles }, 'connected', LIMIT_MS);
  const messages = each * vehicles.length;
  const before = readCpu(pid);
  const startMs = performance.now();
  const [{ latenciesMs }] = await Promise.all([
    fleet.ask({ type: 'await', messages }, 'got', LIMIT_MS),
    push(each),
  ]);
  const spentMs = performance.now() - startMs;
  const cpu = cpuBetween(before, readCpu(pid));
  await stopChild(fleet.child);
  const { p50, p99 } = distributionOf(latenciesMs);
  return [
    { what: `${name}: vehicles let in`, value: (1000 * vehicles.length) / ms, unit: '1/s' },
    {
      what: `${name}: messages delivered`,
      value: (1000 * messages) / spentMs,
      unit: '1/s',
      note: `${messages} messages`,
    },
    { what: `${name}: from push to vehicle, p50`, value: p50, unit: 'ms' },
    { what: `${name}: from push to vehicle, p99`, value: p99, unit: 'ms' },
    { what: `${name}: CPU of a message`, value: (1000 * cpu.totalMs) / messages, unit: 'µs' },
  ];
}

async function startMosquitto({
  authorities,
  root,
  key,
  vehicles,
}: Opened): Promise<{ broker: Broker; child: ChildProcess }> {
  const folder = makeTemporaryFolder();
  const file = (name: string, content: string): string => {
    writeFileSync(path.join(folder, name), content);
    return path.join(folder, name);
  };
  const [plainPort, port] = [await freePort(), await freePort()];
  // It shows a vehicle's certificate as its own: the fleet looks at the authority only.
  const config = [
    ...['per_listener_settings false', 'allow_anonymous true', 'max_queued_messages 100000'],
    // Started as root it would become somebody who may not read the files.
    `user ${userInfo().username}`,
    ...['max_inflight_messages 0', `listener ${plainPort} 127.0.0.1`, `listener ${port} 127.0.0.1`],
    ...[`cafile ${file('ca.pem', authorities)}`, `certfile ${file('server.pem', serverOf(vehicles, root))}`],
    ...[`keyfile ${file('server.key', key)}`, 'require_certificate true', ''],
  ];
  const child = startProgram('mosquitto', ['-c', file('mosquitto.conf', config.join('\n'))], {
    stdio: 'ignore',
  });
  const cloud = await connectWhenUp(plainPort);
  const topics = vehicles.map(({ vehicleId }) => `v1/vehicles/${vehicleId}/down/grant`);
  const push = async (each: number): Promise<void> => {
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < each * topics.length) {
        const topic = topics[next++ % topics.length]!;
        await cloud.publishAsync(topic, `${process.hrtime.bigint()} `.padEnd(BYTES, 'x'), { qos: 1 });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  };
  return { child, broker: { name: 'mosquitto', pid: child.pid!, port, push } };
}

async function connectWhenUp(port: number): Promise<MqttClient> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await connectAsync({ host: '127.0.0.1', port, reconnectPeriod: 0 });
    } catch (error) {
      if (tries === CONNECT_TRIES) throw error;
      await sleep(100);
    }
  }
}

function serverOf(vehicles: Opened['vehicles'], root: string): string {
  return vehicles[0]!.chain + root;
}

function swarmFile(name: string): string {
  return path.join(import.meta.dirname, `../swarm/${name}.ts`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
