// Two ends of one real connection, plain or TLS, over the loopback interface.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect as connectTls, createSecureContext, TLSSocket } from 'node:tls';

export interface SocketPair {
  /** The accepted end: what the caster would have. */
  readonly near: Socket;
  /** The device's end; paused until it is read from. */
  readonly far: Socket;
  readonly close: () => Promise<void>;
}

/** `far` keeps its side open when the other ends, as devices do that look at nothing; a reset is no error to it. */
export async function socketPair(): Promise<SocketPair> {
  const server = createServer({ allowHalfOpen: false });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  far.on('error', () => undefined).pause();
  const [[near]] = (await Promise.all([once(server, 'connection'), once(far, 'connect')])) as [
    [Socket],
    unknown,
  ];
  return { near, far, close: () => closeAll(server, [near, far]) };
}

export async function tlsPair({ certificate, key }: CertificateTexts): Promise<SocketPair> {
  const plain = await socketPair();
  const secureContext = createSecureContext({ cert: certificate, key });
  const near = new TLSSocket(plain.near, { isServer: true, secureContext });
  const far = connectTls({ socket: plain.far, rejectUnauthorized: false });
  far.on('error', () => undefined).pause();
  await Promise.all([once(near, 'secure'), once(far, 'secureConnect')]);
  return {
    near,
    far,
    close: async () => {
      far.destroy();
      near.destroy();
      await plain.close();
    },
  };
}

async function closeAll(server: ReturnType<typeof createServer>, sockets: readonly Socket[]): Promise<void> {
  for (const socket of sockets) socket.destroy();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

export interface CertificateTexts {
  readonly certificate: string;
  readonly key: string;
}

/** A fresh self-signed certificate; undefined where the openssl command is not installed. */
export function makeCertificate(days = 30): CertificateTexts | undefined {
  const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-certificate-'));
  try {
    const keyFile = path.join(folder, 'key.pem');
    const certificateFile = path.join(folder, 'certificate.pem');
    const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const files = ['-keyout', keyFile, '-out', certificateFile, '-days', `${days}`, '-subj', '/CN=localhost'];
    execFileSync('openssl', [...request, ...files], { stdio: 'ignore' });
    return { certificate: readFileSync(certificateFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
