// Reads and checks the certificate of the TLS port, at the start and at every reload.

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Config } from '../config/schema.ts';
import type { TlsMaterial } from '../caster/net/listeners.ts';
import { startProblem, type StartProblem } from '../platform/start-problem.ts';

export type TlsReading =
  | { ok: true; tls: TlsMaterial | undefined; expiresAtMs: number | undefined }
  | { ok: false; problem: StartProblem };

/** Without `tls` in the configuration there is nothing to read. */
export function readTlsMaterial({ tls }: Config): TlsReading {
  if (tls === undefined) return { ok: true, tls: undefined, expiresAtMs: undefined };
  const read = (file: string): string | StartProblem => {
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      return startProblem('tls_file_unreadable', `cannot read ${file}: ${detail}`);
    }
  };
  const certificate = read(tls.certFile);
  if (typeof certificate !== 'string') return { ok: false, problem: certificate };
  const key = read(tls.keyFile);
  if (typeof key !== 'string') return { ok: false, problem: key };
  try {
    createSecureContext({ cert: certificate, key });
    const x509 = new X509Certificate(certificate);
    // The context alone takes a key of another kind than the certificate's, and then fails at every handshake.
    if (!x509.checkPrivateKey(createPrivateKey(key))) throw new Error('the key is not the certificate’s');
    return { ok: true, tls: { certificate, key }, expiresAtMs: x509.validToDate.getTime() };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    const message = `${tls.certFile} and ${tls.keyFile} are no certificate with its key: ${detail}`;
    return { ok: false, problem: startProblem('tls_invalid', message) };
  }
}
