// A fleet of vehicles in one process: each with a TLS connection of its own, subscribed to its topics with QoS 1. It does
// as little as it can, so that the broker is what is measured.

import { connect, createSecureContext, type TLSSocket } from 'node:tls';

export type ToFleet =
  | {
      readonly type: 'connect';
      readonly port: number;
      readonly root: string;
      readonly key: string;
      readonly vehicles: readonly { readonly vehicleId: string; readonly chain: string }[];
    }
  | { readonly type: 'await'; readonly messages: number };

export type FromFleet =
  | { readonly type: 'connected'; readonly ms: number }
  | { readonly type: 'got'; readonly latenciesMs: readonly number[] };

const CONNECTS_AT_ONCE = 32;

const tell = (message: FromFleet): void => void process.send!(message);
let latencies: number[] = [];
let wanted = Infinity;
process.on('disconnect', () => process.exit());
process.on('message', (message: ToFleet) => {
  if (message.type === 'connect') void connectAll(message);
  else {
    wanted = message.messages;
    look();
  }
});

function look(): void {
  if (latencies.length < wanted) return;
  tell({ type: 'got', latenciesMs: latencies });
  latencies = [];
  wanted = Infinity;
}

async function connectAll({
  port,
  root,
  key,
  vehicles,
}: Extract<ToFleet, { type: 'connect' }>): Promise<void> {
  // Not every broker that is measured has a certificate for a server; the check is made all the same.
  const place = { host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false };
  const startMs = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let vehicle = vehicles[next++]; vehicle !== undefined; vehicle = vehicles[next++]) {
      const secureContext = createSecureContext({ ca: root, key, cert: vehicle.chain });
      await enter(connect({ ...place, port, secureContext }), vehicle.vehicleId);
    }
  };
  await Promise.all(Array.from({ length: CONNECTS_AT_ONCE }, worker));
  tell({ type: 'connected', ms: performance.now() - startMs });
}

function enter(socket: TLSSocket, vehicleId: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let pending: Buffer = Buffer.alloc(0);
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      const filter = `v1/vehicles/${vehicleId}/down/#`;
      socket.write(
        Buffer.concat([
          framed(0x10, Buffer.from([0, 4, 77, 81, 84, 84, 4, 2, 0, 0]), text(vehicleId)),
          framed(0x82, Buffer.from([0, 1]), text(filter), Buffer.from([1])),
        ]),
      );
    });
    socket.on('data', (chunk: Buffer) => {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      for (let size = sizeOf(pending); size !== undefined && pending.length >= size; size = sizeOf(pending)) {
        const kind = pending[0]! >> 4;
        if (kind === 9) resolve();
        else if (kind === 3) take(socket, pending.subarray(0, size));
        pending = pending.subarray(size);
      }
    });
  });
}

function take(socket: TLSSocket, packet: Buffer): void {
  const headBytes = packet[1]! < 128 ? 2 : 3;
  const idAt = headBytes + 2 + packet.readUInt16BE(headBytes);
  socket.write(Buffer.from([0x40, 2, packet[idAt]!, packet[idAt + 1]!]));
  const [sent = '0'] = packet.toString('latin1', idAt + 2, idAt + 32).split(' ');
  latencies.push(Number(process.hrtime.bigint() - BigInt(sent)) / 1e6);
  look();
}

/** Of the packet at the beginning; undefined where too little of it is there. Ours have at most two bytes of length. */
function sizeOf(bytes: Buffer): number | undefined {
  if (bytes.length < 3) return bytes.length === 2 && bytes[1] === 0 ? 2 : undefined;
  return bytes[1]! < 128 ? 2 + bytes[1]! : 3 + (bytes[1]! & 127) + 128 * bytes[2]!;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
}

function framed(first: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length = body.length < 128 ? [body.length] : [(body.length & 127) | 128, body.length >> 7];
  return Buffer.concat([Buffer.from([first, ...length]), body]);
}
