// Opens the sockets of ioredis. Its own connector listens to a socket's first error alone, and a TLS socket may have a
// second (the alert of a server that goes away in the middle of a handshake): that one would end the process.

import { createConnection } from 'node:net';
import { connect } from 'node:tls';
import { AbstractConnector, type RedisOptions } from 'ioredis';

type Stream = Awaited<ReturnType<AbstractConnector['connect']>>;

export class RedisConnector extends AbstractConnector {
  readonly #options: RedisOptions;

  constructor(options: unknown) {
    // The library hands over the very options that it was given.
    const given = options as RedisOptions;
    super(given.disconnectTimeout ?? 2000);
    this.#options = given;
  }

  connect(): Promise<Stream> {
    const { host, port, tls } = this.#options;
    const address = { host: host ?? 'localhost', port: port ?? 6379 };
    this.connecting = true;
    const stream = tls === undefined ? createConnection(address) : connect({ ...address, ...tls });
    stream.on('error', (error) => (this.firstError ??= error));
    this.stream = stream;
    return Promise.resolve(stream);
  }
}
