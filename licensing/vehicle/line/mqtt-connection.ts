// One MQTT connection of a vehicle: TLS first, so that an SM2 vehicle can sign what only the two ends of it know, then
// CONNECT. An RSA vehicle shows its certificate in the handshake. Persistent session, QoS 1 both ways.

import { isIP } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { MqttClient } from 'mqtt';
import { TOKEN_CONTEXT, TOKEN_EXPORTER_BYTES, TOKEN_LABEL } from '../../broker/token.ts';
import { downTopic, upTopic } from '../../broker/topics.ts';
import { DOWN_KINDS, type DownKind, type UpKind } from '../../broker/vehicle-line.ts';
import { pemOf } from '../../pki/pem.ts';
import type { CertificateModule } from '../certificates/certificate-module.ts';
import type { Trust } from '../trust.ts';

export interface ConnectionParts {
  readonly certificates: CertificateModule;
  readonly trust: Trust;
  /** Acknowledged to the broker when it resolves; where it rejects the connection is given up, and the message comes again. */
  readonly onMessage: (kind: DownKind, body: Buffer) => Promise<void>;
  readonly signal: AbortSignal;
}

export interface Connection {
  /** Resolves when the broker has it; rejects where the connection goes first. */
  publish(kind: UpKind, body: string): Promise<void>;
  /** Resolves when it is over, to why. */
  readonly closed: Promise<string>;
  end(): void;
}

const CONNECT_MS_MAX = 20_000;
const KEEPALIVE_S = 60;

/** Resolves when it is subscribed; rejects where broker or certificate will not have it. */
export async function connectVehicle(parts: ConnectionParts): Promise<Connection> {
  // What is aborted already tells nobody any more.
  parts.signal.throwIfAborted();
  const socket = await openTls(parts);
  const { vehicleId } = parts.certificates;
  const client = new MqttClient(() => socket, {
    ...credentialsOf(parts.certificates, socket),
    clientId: vehicleId,
    clean: false,
    protocolVersion: 4,
    keepalive: KEEPALIVE_S,
    connectTimeout: CONNECT_MS_MAX,
    // A new connection needs a new TLS handshake, and a new token.
    reconnectPeriod: 0,
    resubscribe: false,
  });
  client.handleMessage = (packet, done) => {
    const kind = DOWN_KINDS.find((one) => packet.topic === downTopic(vehicleId, one));
    // The broker sends nothing else; if it does, it is acknowledged and forgotten.
    const work = kind === undefined ? Promise.resolve() : parts.onMessage(kind, Buffer.from(packet.payload));
    work.then(
      () => done(),
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
    );
  };
  return await ready(client, socket, parts);
}

async function ready(client: MqttClient, socket: TLSSocket, parts: ConnectionParts): Promise<Connection> {
  const { vehicleId } = parts.certificates;
  let why = 'closed';
  client.on('error', (error) => (why = error.message));
  const closed = new Promise<string>((resolve) => client.once('close', () => resolve(why)));
  const end = (): void => {
    client.end(false);
    // A broker that does not answer must not keep it open.
    setTimeout(() => socket.destroy(), 1000).unref();
  };
  const lost = closed.then((reason): never => {
    throw new Error(reason);
  });
  lost.catch(() => undefined);
  parts.signal.addEventListener('abort', end, { once: true });
  void closed.then(() => parts.signal.removeEventListener('abort', end));
  try {
    // It may have been aborted between handshake and here.
    parts.signal.throwIfAborted();
    await Promise.race([new Promise((resolve) => client.once('connect', resolve)), lost]);
    const topics = DOWN_KINDS.map((kind) => downTopic(vehicleId, kind));
    const granted = await Promise.race([client.subscribeAsync(topics, { qos: 1 }), lost]);
    if (granted.some(({ qos }) => qos !== 1)) throw new Error('the broker refuses a subscription');
  } catch (error) {
    client.end(true);
    socket.destroy();
    throw error;
  }
  return {
    closed,
    end,
    async publish(kind, body) {
      await Promise.race([client.publishAsync(upTopic(vehicleId, kind), body, { qos: 1 }), lost]);
    },
  };
}

function openTls({ certificates, trust, signal }: ConnectionParts): Promise<TLSSocket> {
  const { host, port, tokenPort } = trust.document.broker;
  const ca = trust.brokerCa ?? pemOf('CERTIFICATE', certificates.root);
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      host,
      port: certificates.algorithm === 'rsa' ? port : tokenPort,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      secureContext: certificates.tlsContext([ca]),
      rejectUnauthorized: true,
      timeout: CONNECT_MS_MAX,
    });
    const stop = (): void => void socket.destroy(new Error('stopped'));
    signal.addEventListener('abort', stop, { once: true });
    socket.once('close', () => signal.removeEventListener('abort', stop));
    socket.once('timeout', () => socket.destroy(new Error('the broker does not answer')));
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      socket.setTimeout(0);
      socket.off('error', reject);
      signal.removeEventListener('abort', stop);
      resolve(socket);
    });
  });
}

function credentialsOf(
  certificates: CertificateModule,
  socket: TLSSocket,
): { readonly username?: string; readonly password?: string } {
  if (certificates.algorithm === 'rsa') return {};
  const exporter = socket.exportKeyingMaterial(TOKEN_EXPORTER_BYTES, TOKEN_LABEL, TOKEN_CONTEXT);
  return { username: certificates.vehicleId, password: certificates.connectToken(exporter) };
}
