// The two doors of the broker. 8883: the vehicle shows its certificate in the TLS handshake, and without a good one there
// is no connection. 8884: the server shows its certificate, and the vehicle proves itself by the TLS exporter afterwards.
// The ports are open from the start; connections wait for the server's certificate, which is made when the first one
// comes, and for their turn where many come at once: a handshake costs milliseconds of this thread.

import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import {
  createServer as createTlsServer,
  type SecureContextOptions,
  type Server as TlsServer,
  type TLSSocket,
} from 'node:tls';
import {
  BROKER_CONNECT_MS,
  BROKER_CONNECTIONS_MAX,
  BROKER_HANDSHAKES_MAX,
  BROKER_HANDSHAKES_PER_ADDRESS_MAX,
  BROKER_HANDSHAKES_WAITING_MAX,
  BROKER_HANDSHAKES_WAITING_PER_ADDRESS_MAX,
  BROKER_TCP_KEEPALIVE_MS,
} from '../../config/limits.ts';
import { sourceNetwork } from '../../platform/source-network.ts';
import type { VehicleRefusal } from './refusals.ts';
import { TOKEN_CONTEXT, TOKEN_EXPORTER_BYTES, TOKEN_LABEL } from './token.ts';
import type { Peer, Refused } from './broker-ports.ts';

export interface BrokerTls {
  /** PEM: the server's, with what is between it and the root. */
  readonly certificate: string;
  readonly key: string;
  /** PEM: who signs vehicles, and the root above. */
  readonly vehicleAuthorities: readonly string[];
}

/** Port numbers; undefined: that door stays closed. */
export interface BrokerDoors {
  readonly host: string;
  readonly mqttsPort: number | undefined;
  readonly tokenPort: number | undefined;
}

export interface ListenerPorts {
  take(socket: TLSSocket, peer: Peer): void;
  refused(refused: Refused): void;
  /** The first connection waits for a certificate. */
  needsTls(): void;
}

type Way = Peer['way'];

interface Waiting {
  readonly way: Way;
  /** Whom it counts for. */
  readonly network: string;
  readonly socket: Socket;
}

const SUBJECT = /^URI:urn:vin:([^,\s]+)$/;

export class VehicleListeners {
  readonly #ports: ListenerPorts;
  readonly #handshakeMs: number;
  readonly #servers: Server[] = [];
  #tls: Readonly<Record<Way, TlsServer>> | undefined;
  #hasAsked = false;
  /** By address and port of the other end: whom it counts for. */
  readonly #shaking = new Map<string, string>();
  readonly #waiting = new Set<Waiting>();
  readonly #shakingOf = new Counts();
  readonly #waitingOf = new Counts();
  #connections = 0;

  constructor(ports: ListenerPorts, handshakeMs = BROKER_CONNECT_MS) {
    this.#ports = ports;
    this.#handshakeMs = handshakeMs;
  }

  /** Opens what is to be open; the ports that they got. */
  async open({ host, mqttsPort, tokenPort }: BrokerDoors): Promise<Omit<BrokerDoors, 'host'>> {
    return {
      mqttsPort: mqttsPort === undefined ? undefined : await this.#open('certificate', host, mqttsPort),
      tokenPort: tokenPort === undefined ? undefined : await this.#open('token', host, tokenPort),
    };
  }

  /** The first certificate, or the next one; sessions that are open go on. */
  useTls({ certificate: cert, key, vehicleAuthorities }: BrokerTls): void {
    const strict: SecureContextOptions = { cert, key, ca: [...vehicleAuthorities], minVersion: 'TLSv1.2' };
    // TLS 1.2 without extended master secret would let the exporter be the same on two connections (RFC 7627), and
    // nothing tells whether it was used.
    const open: SecureContextOptions = { cert, key, minVersion: 'TLSv1.3' };
    if (this.#tls !== undefined) {
      this.#tls.certificate.setSecureContext(strict);
      this.#tls.token.setSecureContext(open);
      return;
    }
    const common = { handshakeTimeout: this.#handshakeMs };
    this.#tls = {
      certificate: createTlsServer({ ...strict, ...common, requestCert: true, rejectUnauthorized: true }),
      token: createTlsServer({ ...open, ...common }),
    };
    for (const way of ['certificate', 'token'] as const) this.#serve(way, this.#tls[way]);
    this.#next();
  }

  /** No more connections; those that wait are cut off. */
  close(): void {
    for (const server of this.#servers) server.close();
    for (const arrival of this.#waiting) {
      arrival.socket.destroy();
      this.#unwait(arrival);
    }
  }

  async #open(way: Way, host: string, port: number): Promise<number> {
    const server = createServer({
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: BROKER_TCP_KEEPALIVE_MS,
    });
    server.on('connection', (socket) => this.#accept({ way, network: networkOf(socket), socket }));
    this.#servers.push(server);
    try {
      return await listening(server, host, port);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const hasNoIpv6 = code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL';
      if (host === '::' && hasNoIpv6) return await listening(server, '0.0.0.0', port);
      throw Object.assign(error as Error, { port });
    }
  }

  #accept(arrival: Waiting): void {
    const { socket, network } = arrival;
    socket.on('error', () => undefined);
    const isBusy =
      this.#waiting.size >= BROKER_HANDSHAKES_WAITING_MAX ||
      this.#waitingOf.of(network) >= BROKER_HANDSHAKES_WAITING_PER_ADDRESS_MAX ||
      this.#connections >= BROKER_CONNECTIONS_MAX;
    if (isBusy) {
      this.#refuse('broker_busy', socket.remoteAddress);
      socket.destroy();
      return;
    }
    this.#connections += 1;
    this.#waiting.add(arrival);
    this.#waitingOf.add(network);
    const key = keyOf(socket);
    socket.once('close', () => {
      this.#connections -= 1;
      this.#unwait(arrival);
      this.#shaken(key);
    });
    if (this.#tls !== undefined) this.#next();
    else if (!this.#hasAsked) {
      this.#hasAsked = true;
      this.#ports.needsTls();
    }
  }

  #next(): void {
    if (this.#tls === undefined) return;
    for (const arrival of this.#waiting) {
      if (this.#shaking.size >= BROKER_HANDSHAKES_MAX) return;
      const { way, network, socket } = arrival;
      // Those of one address that say nothing must leave room for the others.
      if (this.#shakingOf.of(network) >= BROKER_HANDSHAKES_PER_ADDRESS_MAX) continue;
      this.#unwait(arrival);
      this.#shaking.set(keyOf(socket), network);
      this.#shakingOf.add(network);
      this.#tls[way].emit('connection', socket);
    }
  }

  #unwait(arrival: Waiting): void {
    if (this.#waiting.delete(arrival)) this.#waitingOf.remove(arrival.network);
  }

  #shaken(key: string): void {
    const network = this.#shaking.get(key);
    if (network === undefined) return;
    this.#shaking.delete(key);
    this.#shakingOf.remove(network);
    this.#next();
  }

  #serve(way: Way, server: TlsServer): void {
    server.on('secureConnection', (socket) => {
      this.#shaken(keyOf(socket));
      const peer = way === 'certificate' ? certificatePeer(socket) : tokenPeer(socket);
      if (typeof peer === 'string') {
        this.#refuse(peer, socket.remoteAddress);
        socket.on('error', () => undefined);
        socket.destroy();
        return;
      }
      this.#ports.take(socket, peer);
    });
    server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      const { remoteAddress } = socket;
      // Its type does not say that there is none where the handshake failed before the certificate was looked at.
      const verdict = socket.authorizationError as Error | string | null | undefined;
      const code = String(verdict ?? error.code ?? error.message);
      this.#refuse(TLS_REASONS[code] ?? 'tls_failed', remoteAddress, code);
      // A handshake that has timed out is told, and left open.
      socket.destroy();
    });
  }

  #refuse(reason: VehicleRefusal, address: string | undefined, detail?: string): void {
    const told = { reason, address: address ?? '', vehicleId: undefined };
    this.#ports.refused(detail === undefined ? told : { ...told, detail });
  }
}

class Counts {
  readonly #counts = new Map<string, number>();

  of(network: string): number {
    return this.#counts.get(network) ?? 0;
  }

  add(network: string): void {
    this.#counts.set(network, this.of(network) + 1);
  }

  remove(network: string): void {
    const left = this.of(network) - 1;
    if (left > 0) this.#counts.set(network, left);
    else this.#counts.delete(network);
  }
}

const TLS_REASONS: Readonly<Record<string, VehicleRefusal>> = {
  CERT_HAS_EXPIRED: 'certificate_expired',
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'certificate_missing',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate_missing',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate_foreign',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate_foreign',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate_foreign',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate_foreign',
  CERT_SIGNATURE_FAILURE: 'certificate_foreign',
};

async function listening(server: Server, host: string, port: number): Promise<number> {
  server.listen({ host, port });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function networkOf({ remoteAddress = '' }: Socket): string {
  return sourceNetwork(remoteAddress);
}

function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

/** Who the certificate names: it was checked against our authorities before this is asked. */
function certificatePeer(socket: TLSSocket): Peer | VehicleRefusal {
  const certificate = socket.getPeerX509Certificate();
  if (!socket.authorized || certificate === undefined) return 'certificate_missing';
  const [, vehicleId] = SUBJECT.exec(certificate.subjectAltName ?? '') ?? [];
  if (vehicleId === undefined) return 'certificate_foreign';
  const serial = certificate.serialNumber.toLowerCase();
  return { way: 'certificate', address: socket.remoteAddress ?? '', vehicleId, serial };
}

function tokenPeer(socket: TLSSocket): Peer | VehicleRefusal {
  try {
    const exporter = socket.exportKeyingMaterial(TOKEN_EXPORTER_BYTES, TOKEN_LABEL, TOKEN_CONTEXT);
    return { way: 'token', address: socket.remoteAddress ?? '', exporter };
  } catch {
    // It has gone already.
    return 'tls_failed';
  }
}
