// Many HTTP requests in flight over few kept-alive connections: raw sockets that pipeline, as an integrator's gateway
// does, and as no ordinary client can be made to.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface PipelinedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface PipelinedReply {
  readonly status: number;
  readonly body: string;
}

/**
 * Sends request n over connection n modulo `connections`, all at once, and gives the replies in the order of the
 * requests. `port` is asked per connection, so that several servers can be asked in turn. A connection that breaks
 * leaves its remaining replies undefined.
 */
export async function pipeline(
  requests: readonly PipelinedRequest[],
  connections: number,
  portOf: (connection: number) => number,
): Promise<(PipelinedReply | undefined)[]> {
  const replies: (PipelinedReply | undefined)[] = Array.from({ length: requests.length });
  await Promise.all(
    Array.from({ length: connections }, async (_, connection) => {
      const mine = requests.flatMap((request, n) => (n % connections === connection ? [{ n, request }] : []));
      if (mine.length === 0) return;
      const socket = connect({ host: '127.0.0.1', port: portOf(connection), noDelay: true });
      await once(socket, 'connect');
      socket.write(mine.map(({ request }) => bytesOf(request)).join(''));
      let got = 0;
      await readReplies(socket, (reply) => {
        replies[mine[got]!.n] = reply;
        got += 1;
        return got < mine.length;
      });
      socket.destroy();
    }),
  );
  return replies;
}

function bytesOf({ method, path, headers, body }: PipelinedRequest): string {
  const lines = Object.entries({
    host: 'caster.test',
    ...headers,
    'content-length': `${Buffer.byteLength(body)}`,
  });
  return `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`;
}

/** Until `take` wants no more, or the connection ends. Only replies with Content-Length, as ours have. */
function readReplies(socket: Socket, take: (reply: PipelinedReply) => boolean): Promise<void> {
  return new Promise((resolve) => {
    let text = '';
    socket.setEncoding('latin1');
    socket.on('close', () => resolve());
    socket.on('error', () => resolve());
    socket.on('data', (chunk: string) => {
      text += chunk;
      for (;;) {
        const headEnd = text.indexOf('\r\n\r\n');
        if (headEnd < 0) return;
        const head = text.slice(0, headEnd);
        const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
        const end = headEnd + 4 + length;
        if (text.length < end) return;
        const body = text.slice(headEnd + 4, end);
        text = text.slice(end);
        if (!take({ status: Number(head.slice(9, 12)), body })) return resolve();
      }
    });
  });
}
