// A caster that does what a test tells it: waits for a whole request head, then answers as scripted, cut into small
// pieces at places that a seed chooses.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import { seededRandom } from '../../unit/rtcm/seeded-random.ts';

export const CUT_SEED = 4711;

export interface Visit {
  /** Number of the connection, from 0. */
  readonly number: number;
  readonly socket: Socket;
  /** Request line and headers. */
  readonly head: string;
  /** What came behind the head so far. */
  readonly body: () => Buffer;
  /** Sends in pieces of 1 to 40 bytes. */
  readonly sendCut: (bytes: Buffer | string) => Promise<void>;
}

export interface ScriptedCaster {
  readonly port: number;
  readonly visits: Visit[];
  readonly close: () => Promise<void>;
}

/** `script` is run for each connection when its head has come. `tls` is PEM text. */
export async function startCaster(
  script: (visit: Visit) => void | Promise<void>,
  tls?: { readonly cert: string; readonly key: string },
): Promise<ScriptedCaster> {
  const visits: Visit[] = [];
  const sockets = new Set<Socket>();
  const random = seededRandom(CUT_SEED);
  let number = 0;

  const accept = (socket: Socket): void => {
    const own = number++;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    let received = Buffer.alloc(0);
    let visit: Visit | undefined;
    socket.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      const end = received.indexOf('\r\n\r\n');
      if (visit !== undefined || end < 0) return;
      visit = {
        number: own,
        socket,
        head: received.toString('latin1', 0, end + 4),
        body: () => received.subarray(end + 4),
        sendCut: async (sent) => {
          const whole = typeof sent === 'string' ? Buffer.from(sent) : sent;
          for (let start = 0; start < whole.length && !socket.destroyed;) {
            const stop = start + 1 + random.below(40);
            socket.write(whole.subarray(start, stop));
            start = stop;
            await turn();
          }
        },
      };
      visits.push(visit);
      void script(visit);
    });
  };
  const server: Server =
    tls === undefined ? createServer({ noDelay: true }, accept) : createTlsServer(tls, accept);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    visits,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
