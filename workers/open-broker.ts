// Starts the broker of the vehicles with what the main thread does for it: certificates are judged here, and its own is
// made here. Where both ports are `off` there is none, and the line leads nowhere.

import { hostname } from 'node:os';
import path from 'node:path';
import type { Config } from '../config/schema.ts';
import type { ChangeBus } from '../platform/bus/bus.ts';
import type { Journal } from '../platform/observe/journal.ts';
import type { Metrics } from '../platform/observe/metrics.ts';
import type { Secrets } from '../platform/secrets/sealed-box.ts';
import { listenProblem, type StartProblem, startProblem } from '../platform/start-problem.ts';
import type { Store } from '../platform/store/store.ts';
import { BridgedLine } from '../licensing/broker/external/bridged-line.ts';
import { AdmissionDesk } from '../licensing/broker/admission-desk.ts';
import { RefusalAudit } from '../licensing/broker/refusal-audit.ts';
import { makeServerTls } from '../licensing/broker/server-tls.ts';
import { NodesLine } from '../licensing/broker/nodes-line.ts';
import type { Presence, VehicleLine } from '../licensing/broker/vehicle-line.ts';
import { Authorities } from '../licensing/pki/authorities.ts';
import { algorithmOf } from '../licensing/pki/certificate-records.ts';
import { CertificateStatus } from '../licensing/pki/certificate-status.ts';
import type { BrokerAddress } from '../licensing/grants/trust.ts';
import type { KeyAlgorithm } from '../licensing/pki/keys.ts';
import { readBrokerCa } from './broker-ca.ts';
import { BrokerLink } from './broker-link.ts';
import { supplyBrokerMetrics } from './broker-metrics.ts';
import type { CryptoPool } from './crypto-pool.ts';
import { openExternalLine, readExternalBroker } from './open-external-broker.ts';

export interface BrokerParts {
  readonly store: Store;
  readonly bus: ChangeBus;
  readonly journal: Journal;
  readonly secrets: Secrets;
  readonly crypto: CryptoPool;
  readonly metrics: Pick<Metrics, 'supply'>;
  /** One word that no other process has; undefined where there is no other on this store. */
  readonly node: string | undefined;
  /** Of the files of `tls`, PEM; undefined where there are none. */
  readonly tls: { readonly certificate: string; readonly key: string } | undefined;
}

/** What of the ready line is the broker's. */
export interface BrokerReady {
  readonly mqtts?: number;
  readonly mqttsToken?: number;
}

export type BrokerStarted =
  | {
      readonly ok: true;
      readonly line: VehicleLine;
      /** On whichever node it is connected. */
      readonly presenceOf: (vehicleId: string) => Promise<Presence>;
      /** Where vehicles with such a key find their broker; without `ca` its certificate comes from the RSA root. */
      readonly addressOf: (algorithm: KeyAlgorithm) => BrokerAddress;
      /** undefined where there is no broker. */
      readonly link: BrokerLink | undefined;
      readonly ready: BrokerReady;
      /** After whoever uses the line, before store and crypto pool. */
      stop(): Promise<void>;
    }
  | { readonly ok: false; readonly problem: StartProblem };

const NO_LINE: VehicleLine = {
  push: () => Promise.resolve(false),
  handle: () => undefined,
  onConnected: () => undefined,
  presenceOf: () => ({ connected: false, sinceMs: null }),
};

export async function openBroker(
  config: Pick<Config, 'dataDir' | 'listen' | 'licensing'>,
  parts: BrokerParts,
): Promise<BrokerStarted> {
  const reading = readExternalBroker(config.licensing);
  if (!reading.ok) return reading;
  const { external } = reading;
  const files = config.licensing.brokerCertificate === 'tls' ? parts.tls : undefined;
  const ca = files && readBrokerCa(files.certificate, config.licensing.brokerCaFile);
  if (ca?.ok === false) return ca;
  // What an external broker has would be missed by who comes to ours.
  const listen = external === undefined ? config.listen : { ...config.listen, mqttsPort: 'off' as const };
  const opened = await openOwnBroker({ ...config, listen }, parts, files);
  if (!opened.ok) return opened;
  const { ready } = opened;
  const own = {
    host: listen.publicHost ?? hostname(),
    ...{ port: ready.mqtts ?? 0, tokenPort: ready.mqttsToken ?? 0 },
    ...(ca === undefined ? {} : { ca: ca.ca }),
  };
  const nodes = openNodes(opened, parts);
  const { link } = opened;
  if (external === undefined) {
    supplyBrokerMetrics(parts.metrics, { link, external });
    return { ...opened, ...nodes, addressOf: () => own };
  }
  const { store, journal, node } = parts;
  const { broker, address } = external;
  const line = await openExternalLine({ ...{ broker, store, journal }, node: node ?? 'alone' });
  const { mqttsToken } = ready;
  // Their certificates no ordinary TLS stack takes.
  if (mqttsToken === undefined) journal.record('warn', 'token_port_off', { url: broker.url });
  else journal.record('info', 'external_broker', { url: broker.url, mqttsToken });
  supplyBrokerMetrics(parts.metrics, { link, external: line });
  return {
    ...opened,
    line: new BridgedLine({
      ...{ external: line, own: nodes.line },
      algorithmOf: (vehicleId) => algorithmOf(store, vehicleId),
    }),
    async presenceOf(vehicleId) {
      const presence = await nodes.presenceOf(vehicleId);
      return presence.connected ? presence : line.presenceOf(vehicleId);
    },
    addressOf: (algorithm) => (algorithm === 'rsa' ? { ...address, tokenPort: own.tokenPort } : own),
    async stop() {
      await line.stop();
      await nodes.stop();
    },
  };
}

/** Over all nodes, where there are others. */
function openNodes(
  opened: Extract<OwnBroker, { ok: true }>,
  { store, bus, journal, node }: BrokerParts,
): Pick<Extract<BrokerStarted, { ok: true }>, 'line' | 'presenceOf' | 'stop'> {
  const { line: here, stop } = opened;
  if (node === undefined)
    return { line: here, presenceOf: (vehicleId) => Promise.resolve(here.presenceOf(vehicleId)), stop };
  const line = new NodesLine({ here, store, bus, journal, node });
  line.start();
  return {
    line,
    presenceOf: (vehicleId) => line.anywhere(vehicleId),
    async stop() {
      await line.stop();
      await stop();
    },
  };
}

type OwnBroker =
  | Omit<Extract<BrokerStarted, { ok: true }>, 'presenceOf' | 'addressOf'>
  | Extract<BrokerStarted, { ok: false }>;

async function openOwnBroker(
  { dataDir, listen }: Pick<Config, 'dataDir' | 'listen'>,
  { store, bus, journal, secrets, crypto }: BrokerParts,
  files: BrokerParts['tls'],
): Promise<OwnBroker> {
  const { mqttsPort, mqttsTokenPort, host, publicHost } = listen;
  if (mqttsPort === 'off' && mqttsTokenPort === 'off') {
    return { ok: true, line: NO_LINE, link: undefined, ready: {}, stop: () => Promise.resolve() };
  }
  const status = new CertificateStatus(store, bus, (error) => {
    const detail = error instanceof Error ? error.message : String(error);
    journal.recordSampled('status', 'error', 'vehicle_not_judged', { detail });
  });
  await status.load();
  const verifyToken = crypto.verifyToken.bind(crypto);
  const authorities = new Authorities({ store, secrets, crypto });
  const audit = new RefusalAudit(store);
  const link = new BrokerLink({
    start: {
      file: path.join(dataDir, 'broker.db'),
      doors: { host, mqttsPort: numberOf(mqttsPort), tokenPort: numberOf(mqttsTokenPort) },
    },
    journal,
    desk: new AdmissionDesk({ store, status, verifyToken }),
    refused: (refused) => audit.refused(refused),
    tls: () => makeServerTls({ authorities, crypto, publicHost, files }),
  });
  status.onRevoked(({ certificateId, atMs }) => link.endCertificate(certificateId, atMs));
  const opening = await link.open();
  if (!opening.ok) {
    status.stop();
    const { code, port, detail } = opening;
    if (code === 'worker_ended') return { ok: false, problem: startProblem('broker_failed', detail) };
    const setting = port === mqttsPort ? 'listen.mqttsPort' : 'listen.mqttsTokenPort';
    return { ok: false, problem: listenProblem(code, { host, port, setting }) };
  }
  const { mqttsPort: mqtts, tokenPort: mqttsToken } = opening.ports;
  return {
    ok: true,
    line: link,
    link,
    ready: { ...(mqtts === undefined ? {} : { mqtts }), ...(mqttsToken === undefined ? {} : { mqttsToken }) },
    async stop() {
      await link.stop();
      status.stop();
    },
  };
}

function numberOf(port: number | 'off'): number | undefined {
  return port === 'off' ? undefined : port;
}
