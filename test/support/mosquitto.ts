// Debian's MQTT clients, as vehicles that share no line with ours.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { BrokerHouse, EnrolledVehicle } from './broker-house.ts';

export function whyNoMosquitto(): string | undefined {
  return whyNo('mosquitto_sub', 'mosquitto-clients');
}

/** Whether the broker is there. */
export function whyNoMosquittoServer(): string | undefined {
  return whyNo('mosquitto', 'mosquitto');
}

function whyNo(command: string, debian: string): string | undefined {
  const found = spawnSync(command, ['--help']);
  return found.error === undefined ? undefined : `${command} is not installed (Debian: ${debian})`;
}

/** Where it listens for vehicles, and the file of its authority. */
export type BrokerPlace = Pick<BrokerHouse, 'mqtts' | 'rootFile'>;

export interface Identity extends Pick<EnrolledVehicle, 'certFile' | 'keyFile'> {
  /** The client id. */
  readonly vehicleId: string;
}

function connectionArgs(
  { mqtts, rootFile }: BrokerPlace,
  { vehicleId, certFile, keyFile }: Identity,
): string[] {
  const server = ['-h', 'localhost', '-p', String(mqtts), '--cafile', rootFile];
  return [...server, '--cert', certFile, '--key', keyFile, '-i', vehicleId];
}

/** Publishes once, with QoS 1 unless told otherwise; its exit code. */
export async function mosquittoPub(
  house: BrokerPlace,
  identity: Identity,
  topic: string,
  body: string,
  args: readonly string[] = ['-q', '1'],
): Promise<number | null> {
  const all = [...connectionArgs(house, identity), '-t', topic, '-m', body, ...args];
  const child = spawn('mosquitto_pub', all, { stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

export interface Subscriber {
  readonly process: ChildProcess;
  /** `topic body` of each message so far. */
  readonly lines: readonly string[];
  /** Resolves with its exit code. */
  readonly ended: Promise<number | null>;
}

/** In a session that is kept, with QoS 1. */
export function mosquittoSub(
  house: BrokerPlace,
  identity: Identity,
  filters: readonly string[],
  args: readonly string[] = ['-q', '1', '-c'],
): Subscriber {
  const topics = filters.flatMap((filter) => ['-t', filter]);
  const all = [...connectionArgs(house, identity), ...topics, '-v', ...args];
  const child = spawn('mosquitto_sub', all, { stdio: ['ignore', 'pipe', 'ignore'] });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => void lines.push(line));
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  return { process: child, lines, ended };
}
