// Reads what `licensing.mqtt…` names, and opens the line to vehicles over that broker.

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { EXTERNAL_LEASE_MS } from '../config/limits.ts';
import type { Config } from '../config/schema.ts';
import { startProblem, type StartProblem } from '../platform/start-problem.ts';
import type { Store } from '../platform/store/store.ts';
import type { ExternalBroker } from '../licensing/broker/external/external-connection.ts';
import type { ExternalLine, ExternalLineParts } from '../licensing/broker/external/external-line.ts';
import { leaveWork, takeWork } from '../licensing/entitlements/work-lease.ts';
import type { BrokerAddress } from '../licensing/grants/trust.ts';
import { certificatesIn } from './broker-ca.ts';

type Settings = Config['licensing'];

export type ExternalReading =
  | {
      readonly ok: true;
      /** undefined where there is none. */
      readonly external:
        { readonly broker: ExternalBroker; readonly address: Omit<BrokerAddress, 'tokenPort'> } | undefined;
    }
  | { readonly ok: false; readonly problem: StartProblem };

const MQTTS_PORT = 8883;

/** The settings are known to be complete. */
export function readExternalBroker(settings: Settings): ExternalReading {
  const { mqttUrl: url, mqttPublicUrl, mqttCaFile, mqttUsername: username } = settings;
  if (url === undefined || mqttCaFile === undefined) return { ok: true, external: undefined };
  const { mqttPasswordFile, mqttCertFile, mqttKeyFile } = settings;
  try {
    const ca = read(mqttCaFile);
    if (valid(mqttCaFile, () => certificatesIn(ca)).length === 0)
      throw new Unfit('mqtt_file_invalid', `${mqttCaFile} has no certificate in it`);
    const broker: ExternalBroker = {
      ...{ url, ca },
      credentials:
        username === undefined
          ? certificateOf(mqttCertFile!, mqttKeyFile!)
          : { username, password: passwordIn(mqttPasswordFile!) },
    };
    const { hostname, port } = new URL(mqttPublicUrl ?? url);
    const host = hostname.replace(/^\[|\]$/g, '');
    const address = { host, port: port === '' ? MQTTS_PORT : Number(port), ca };
    return { ok: true, external: { broker, address } };
  } catch (error) {
    if (error instanceof Unfit) return { ok: false, problem: startProblem(error.code, error.message) };
    throw error;
  }
}

/** What speaks MQTT is loaded only where it is needed: it takes 20 MB. */
export async function openExternalLine(parts: Omit<ExternalLineParts, 'lease'>): Promise<ExternalLine> {
  const { ExternalLine } = await import('../licensing/broker/external/external-line.ts');
  const line = new ExternalLine({ ...parts, lease: readingLease(parts.store, parts.node) });
  line.start();
  return line;
}

/** The right to read what vehicles send. */
function readingLease(store: Store, holder: string): ExternalLineParts['lease'] {
  const name = 'vehicles';
  let token: number | undefined;
  return {
    async take() {
      token = await takeWork(store, { name, holder, leaseMs: EXTERNAL_LEASE_MS });
      return token !== undefined;
    },
    async leave() {
      if (token !== undefined) await leaveWork(store, { name, token });
    },
  };
}

class Unfit extends Error {
  readonly code: 'mqtt_file_unreadable' | 'mqtt_file_invalid';

  constructor(code: Unfit['code'], message: string) {
    super(message);
    this.code = code;
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new Unfit('mqtt_file_unreadable', `cannot read ${file}: ${detail}`);
  }
}

/** What is in a secret file is never part of a message: `look` may say where, not what. */
function valid<Found>(file: string, look: () => Found): Found {
  try {
    return look();
  } catch {
    throw new Unfit('mqtt_file_invalid', `${file} does not hold what it must`);
  }
}

function certificateOf(
  certFile: string,
  keyFile: string,
): { readonly certificate: string; readonly key: string } {
  const [certificate, key] = [read(certFile), read(keyFile)];
  const x509 = valid(certFile, () => new X509Certificate(certificate));
  const isPair = valid(keyFile, () => x509.checkPrivateKey(createPrivateKey(key)));
  if (!isPair) throw new Unfit('mqtt_file_invalid', `${keyFile} is not the key of ${certFile}`);
  return { certificate, key };
}

function passwordIn(file: string): string {
  const [password = ''] = read(file).split(/\r?\n/, 1);
  if (password === '') throw new Unfit('mqtt_file_invalid', `the first line of ${file} is empty`);
  return password;
}
