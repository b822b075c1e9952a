// A receiver on the network, as RTKLIB's programs read one: a TCP server that says a recording, epoch by epoch.

import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { until } from '../../faults/until.ts';
import type { Recording } from './recordings.ts';

export interface RecordingServer {
  readonly port: number;
  /** Resolves when a program has connected. */
  readonly connected: Promise<void>;
  readonly say: (bytes: Buffer) => void;
  close(): Promise<void>;
}

export async function openRecordingServer(): Promise<RecordingServer> {
  let reader: Socket | undefined;
  const server = createServer((socket) => {
    reader = socket;
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server's address is always an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return {
    port,
    connected: once(server, 'connection').then(() => undefined),
    say: (bytes) => void reader?.write(bytes),
    async close() {
      reader?.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Valid bytes that may be on their way from the base to the far end: what a program reads at once, and less. */
const UNDER_WAY_BYTES_MAX = 8192;

/**
 * Plays a recording epoch by epoch, each as soon as nearly all before it has come out at the far end, and resolves when
 * all has. `heardBytes` is how much has; rejects where nothing more comes.
 */
export async function playRecording(
  { epochs }: Recording,
  say: (bytes: Buffer) => void,
  heardBytes: () => number,
): Promise<void> {
  let validBytes = 0;
  const missing = (): string => `${heardBytes()} of ${validBytes} bytes have come out`;
  for (const epoch of epochs) {
    validBytes += epoch.validBytes;
    say(epoch.bytes);
    await until(() => heardBytes() >= validBytes - UNDER_WAY_BYTES_MAX, missing);
  }
  await until(() => heardBytes() >= validBytes, missing);
}
