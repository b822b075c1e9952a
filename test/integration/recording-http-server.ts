// An HTTP server that answers what a test says and remembers what it was asked, byte for byte.

import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly authorization: string;
  readonly body: string;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, or as it is where it is text. */
  readonly body: unknown;
}

export class RecordingHttpServer {
  readonly asked: Asked[] = [];
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(answer: (asked: Asked, index: number) => Answer): Promise<RecordingHttpServer> {
    const server = createServer((request, response) => {
      void read(request).then((asked) => {
        const { status = 200, headers = {}, body } = answer(asked, recording.asked.length);
        recording.asked.push(asked);
        response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const recording = new RecordingHttpServer(server);
    return recording;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

async function read(request: IncomingMessage): Promise<Asked> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const { method = '', url: path = '', headers } = request;
  return { method, path, authorization: headers.authorization ?? '', body: Buffer.concat(pieces).toString() };
}
