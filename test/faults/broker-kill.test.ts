// kill -9 of the whole process between a message and its delivery: what the broker has said yes to is there afterwards,
// in both directions, and a session that was kept still hears its topics without subscribing again.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { connect, type MqttClient } from 'mqtt';
import { expect, test } from 'vitest';
import { useTempFolder } from '../support/temp-folder.ts';
import type { FromBrokerChild, ToBrokerChild } from './broker-child.ts';

const folder = useTempFolder();
const VIN = 'LSVAA4182E2000009';
const ROUNDS = 5;
/** Messages of each way and round; the kill comes somewhere among them. */
const MESSAGES = 60;

interface Child {
  readonly ready: Extract<FromBrokerChild, { type: 'ready' }>;
  /** Bodies of uplinks that the cloud's handler was given. */
  readonly ups: string[];
  push(body: string): Promise<boolean>;
  kill(): Promise<void>;
}

async function startChild(): Promise<Child> {
  const child = fork(path.join(import.meta.dirname, 'broker-child.ts'), [folder, VIN], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ups: string[] = [];
  const pushed = new Map<number, (isKept: boolean) => void>();
  let asks = 0;
  const ready = await new Promise<Extract<FromBrokerChild, { type: 'ready' }>>((resolve) => {
    child.on('message', (message: FromBrokerChild) => {
      if (message.type === 'ready') resolve(message);
      else if (message.type === 'up') ups.push(message.body);
      else pushed.get(message.ask)?.(message.isKept);
    });
  });
  return {
    ready,
    ups,
    push(body) {
      const ask = ++asks;
      child.send({ type: 'push', ask, body } satisfies ToBrokerChild);
      return new Promise((resolve) => pushed.set(ask, resolve));
    },
    async kill() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

function connectCar(
  { ready }: Child,
  client: { readonly isFirst: boolean; readonly got: string[] },
): MqttClient {
  const car = connect({
    ...{ protocol: 'mqtts', host: 'localhost', port: ready.port, clientId: VIN, clean: false },
    ...{ ca: ready.root, cert: readFileSync(ready.certFile), key: readFileSync(ready.keyFile) },
    ...{ reconnectPeriod: 0, resubscribe: false },
  });
  car.on('error', () => undefined);
  car.on('message', (_topic, body) => void client.got.push(body.toString()));
  if (client.isFirst) car.on('connect', () => void car.subscribe(`v1/vehicles/${VIN}/down/#`, { qos: 1 }));
  return car;
}

test('kill -9 loses nothing that was promised, in either direction', { timeout: 120_000 }, async () => {
  const got: string[] = [];
  const handled: string[] = [];
  const promisedDown: string[] = [];
  const promisedUp: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const child = await startChild();
    const car = connectCar(child, { isFirst: round === 0, got });
    await new Promise<void>((resolve) => void car.once('connect', () => resolve()));
    const killAt = 5 + ((round * 37) % (MESSAGES - 10));
    const answers: Promise<unknown>[] = [];
    for (let n = 0; n < MESSAGES; n += 1) {
      const body = `${round}-${n}`;
      answers.push(child.push(body).then((isKept) => isKept && promisedDown.push(body)));
      car.publish(`v1/vehicles/${VIN}/up/state`, body, { qos: 1 }, (error) => {
        if (!error) promisedUp.push(body);
      });
      if (n === killAt) await Promise.race(answers);
    }
    await child.kill();
    handled.push(...child.ups);
    car.end(true);
  }
  const last = await startChild();
  const car = connectCar(last, { isFirst: false, got });
  await expect
    .poll(() => promisedDown.filter((body) => !got.includes(body)), { timeout: 20_000 })
    .toEqual([]);
  const isHandled = (body: string): boolean => handled.includes(body) || last.ups.includes(body);
  await expect.poll(() => promisedUp.filter((body) => !isHandled(body)), { timeout: 20_000 }).toEqual([]);
  car.end(true);
  await last.kill();
  expect([promisedDown.length, promisedUp.length].every((count) => count > 0)).toBe(true);
});
