// The NTRIP ports of one worker: plain and TLS, each on a listening socket of the worker's own (`reusePort`), so that
// the kernel spreads connections and the end of one worker touches no other. In front of the handshake stand the
// gates: how many connections, from where, and behind which proxy.
//
//   accept ──▶ room? ──▶ trusted proxy? ── PROXY header ──▶ address gate ──▶ (TLS) ──▶ Handshake

import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import { LISTEN_BACKLOG } from '../../config/limits.ts';
import { REFUSAL_REASON_NAMES } from '../accounts/refusal-reason.ts';
import { refuse } from '../ntrip/replies.ts';
import { AddressGate } from './address-gate.ts';
import { CLOSE_REASON_NAMES, type CloseReason } from './close-reason.ts';
import { type Arrival, Handshake } from './handshake.ts';
import type { House } from './house.ts';
import { attachPeer, ignoreError } from './peer-socket.ts';
import { readProxyHeader } from './proxy-gate.ts';
import { plainAddress, type TrustedPrefixes, trustPrefixes } from './trusted-prefixes.ts';

/** PEM texts, not paths: the main thread has read and checked them. */
export interface TlsMaterial {
  readonly certificate: string;
  readonly key: string;
}

export interface ListenPorts {
  readonly host: string;
  readonly ntripPort: number | undefined;
  readonly ntripsPort: number | undefined;
}

export class Listeners {
  readonly #house: House;
  readonly #workerCount: number;
  readonly #gate = new AddressGate();
  readonly #servers: Server[] = [];
  #secureContext: SecureContext | undefined;
  /** Accepted and not yet in the connection table: behind a proxy header or a TLS handshake. */
  readonly #arriving = new Set<Socket>();
  #trusted: TrustedPrefixes;

  constructor(house: House, workerCount: number) {
    this.#house = house;
    this.#workerCount = workerCount;
    this.#trusted = trustPrefixes(house.settings.gates.trustedProxies);
  }

  /** Resolves when every port is open; rejects with Node's error where one is not. */
  async open(ports: ListenPorts, tls: TlsMaterial | undefined): Promise<void> {
    if (tls !== undefined) this.useTls(tls);
    if (ports.ntripPort !== undefined) await this.#listen(ports.host, ports.ntripPort, false);
    if (ports.ntripsPort !== undefined && tls !== undefined)
      await this.#listen(ports.host, ports.ntripsPort, true);
  }

  /** New connections use the new certificate; those that run keep theirs. */
  useTls({ certificate, key }: TlsMaterial): void {
    this.#secureContext = createSecureContext({ cert: certificate, key });
  }

  /** Takes over changed gates. */
  reload(): void {
    this.#trusted = trustPrefixes(this.#house.settings.gates.trustedProxies);
  }

  /** No more connections; those that are not yet in the table end. */
  close(): void {
    for (const server of this.#servers) server.close();
    for (const socket of this.#arriving) socket.destroy();
  }

  async #listen(host: string, port: number, secure: boolean): Promise<void> {
    const server = createServer({ noDelay: true, keepAlive: true }, (socket) => this.#accept(socket, secure));
    this.#servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, reusePort: true, backlog: LISTEN_BACKLOG }, () => {
        server.off('error', reject);
        server.on('error', (error) => this.#house.log('warn', 'accept_failed', { detail: error.message }));
        resolve();
      });
    });
  }

  #accept(socket: Socket, secure: boolean): void {
    const { gates, timing } = this.#house.settings;
    this.#house.counters.add('connectionsOpened', 1);
    if (
      this.#house.connections.size + this.#house.rovers.size + this.#arriving.size >=
      gates.connectionsMax
    ) {
      this.#turnAway(socket, secure, '', 'too_many_connections', 'this server is full; try again later');
      return;
    }
    const address = plainAddress(socket.remoteAddress);
    const trusted = this.#trusted(address);
    if (!trusted || !gates.proxyProtocol) {
      this.#admit(socket, { secure, address, known: !(trusted && gates.forwardedFor), rest: undefined });
      return;
    }
    this.#arrive(socket);
    readProxyHeader(socket, timing.handshakeTimeoutMs, (outcome) => {
      this.#arriving.delete(socket);
      if (outcome.ok) {
        const known = outcome.address !== undefined || !gates.forwardedFor;
        this.#admit(socket, { secure, address: outcome.address ?? address, known, rest: outcome.rest });
      } else if (outcome.reason === 'bad_proxy_header') {
        this.#turnAway(socket, secure, address, outcome.reason, outcome.detail);
      } else {
        this.#countClosed(outcome.reason);
        socket.destroy();
      }
    });
  }

  /** `known`: the address is the device's as far as can be told now; else X-Forwarded-For will name it. */
  #admit(
    socket: Socket,
    origin: { secure: boolean; address: string; known: boolean; rest: Buffer | undefined },
  ): void {
    const { secure, address, known, rest } = origin;
    if (known && !this.#enterGate(socket, address)) {
      const detail = `too many connections from ${address}`;
      this.#turnAway(socket, secure, address, 'too_many_connections', detail);
      return;
    }
    if (rest !== undefined && rest.length > 0) socket.unshift(rest);
    const arrival: Arrival = known
      ? { address, enterForwarded: undefined }
      : { address, enterForwarded: (forwarded) => this.#enterGate(socket, forwarded) };
    if (secure) this.#beginTls(socket, arrival);
    else this.#begin(socket, arrival);
  }

  /** False where one more connection of this address would be too many; else it counts until the socket closes. */
  #enterGate(socket: Socket, address: string): boolean {
    const { gates } = this.#house.settings;
    const limits = {
      openMax: this.#shareOf(gates.connectionsPerAddressMax),
      perMinuteMax: this.#shareOf(gates.connectsPerMinutePerAddress),
    };
    if (limits.openMax === 0 && limits.perMinuteMax === 0) return true;
    if (!this.#gate.enter(address, limits, this.#house.clock.nowMs)) return false;
    socket.once('close', () => this.#gate.leave(address));
    return true;
  }

  #begin(socket: Socket, arrival: Arrival): void {
    const peerSocket = attachPeer(socket, (made) => new Handshake(this.#house, made, arrival));
    this.#house.connections.add(peerSocket);
    socket.resume();
  }

  #beginTls(socket: Socket, arrival: Arrival): void {
    this.#arrive(socket);
    const secure = new TLSSocket(socket, { isServer: true, secureContext: this.#secureContext! });
    const { handshakeTimeoutMs } = this.#house.settings.timing;
    const giveUp = setTimeout(() => secure.destroy(), handshakeTimeoutMs);
    const fail = (): void => {
      clearTimeout(giveUp);
      this.#house.counters.add('tlsFailures', 1);
      this.#countClosed('tls_failed');
    };
    secure.on('error', ignoreError);
    secure.once('close', fail);
    secure.once('secure', () => {
      clearTimeout(giveUp);
      secure.off('close', fail);
      this.#arriving.delete(socket);
      const peerSocket = attachPeer(secure, (made) => {
        made.encrypted = true;
        return new Handshake(this.#house, made, arrival);
      });
      this.#house.connections.add(peerSocket);
    });
  }

  #arrive(socket: Socket): void {
    if (this.#arriving.has(socket)) return;
    this.#arriving.add(socket);
    socket.once('close', () => this.#arriving.delete(socket));
  }

  /** Answers without having read anything: cheap, and the device sees why. On TLS there is nothing it could read. */
  #turnAway(socket: Socket, secure: boolean, address: string, reason: CloseReason, detail: string): void {
    this.#countClosed(reason);
    this.#house.log('warn', 'connection_refused', { address, reason, detail });
    if (reason === 'too_many_connections') {
      this.#house.counters.countRefused(REFUSAL_REASON_NAMES.indexOf(reason));
    }
    socket.on('error', ignoreError);
    if (secure) {
      socket.destroy();
      return;
    }
    const status = reason === 'too_many_connections' ? 503 : 400;
    socket.end(refuse({ version: 2, role: 'rover', plainHttp: true, status, reason, detail }));
    socket.destroySoon();
  }

  #countClosed(reason: CloseReason): void {
    this.#house.counters.countClosed(CLOSE_REASON_NAMES.indexOf(reason));
  }

  #shareOf(max: number): number {
    return max === 0 ? 0 : Math.ceil(max / this.#workerCount);
  }
}
