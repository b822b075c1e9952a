// Stands between a vehicle and a server, keeps what the vehicle sent, and can lose or change answers.

import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LossyServer {
  readonly url: string;
  /** Bodies that the vehicle sent to this path so far. */
  sentTo(path: RegExp): string[];
  /** What is done with the next answers, each of its own; undefined loses it after the server has done its work. */
  readonly next: ((text: string) => string | undefined)[];
  close(): Promise<void>;
}

export async function lossyServer(httpPort: number): Promise<LossyServer> {
  const sent: { readonly path: string; readonly body: string }[] = [];
  const next: ((text: string) => string | undefined)[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const body = await bodyOf(request);
      const path = request.url ?? '';
      sent.push({ path, body });
      const isPost = request.method === 'POST';
      const answer = await fetch(`http://127.0.0.1:${httpPort}${path}`, {
        method: isPost ? 'POST' : 'GET',
        ...(isPost ? { body, headers: { 'content-type': 'application/json' } } : {}),
      });
      const text = await answer.text();
      const isAboutCertificate = /enrolments|renew/.test(path);
      const change = isAboutCertificate ? next.shift() : undefined;
      const changed = change === undefined ? text : change(text);
      if (changed === undefined) response.destroy();
      else response.writeHead(answer.status, { 'content-type': 'application/json' }).end(changed);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sentTo: (path) => sent.filter((one) => path.test(one.path)).map(({ body }) => body),
    next,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
