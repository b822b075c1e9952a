// By which authority vehicles know the broker where it shows the certificate of `tls`: their own root did not sign that.

import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { startProblem, type StartProblem } from '../platform/start-problem.ts';

export type CaReading =
  /** PEM. */
  { readonly ok: true; readonly ca: string } | { readonly ok: false; readonly problem: StartProblem };

/** `chain` is PEM, the server's own certificate first; without a file, what signed itself at its end counts. */
export function readBrokerCa(chain: string, caFile: string | undefined): CaReading {
  const last = certificatesIn(chain).at(-1);
  if (last === undefined) throw new Error('a chain that was checked has no certificate');
  if (caFile === undefined) {
    if (last.checkIssued(last)) return { ok: true, ca: last.toString() };
    const message = `the certificate of tls comes from ${JSON.stringify(last.issuer)}`;
    return { ok: false, problem: startProblem('broker_ca_missing', message) };
  }
  try {
    const ca = readFileSync(caFile, 'utf8');
    const isFrom = certificatesIn(ca).some(
      (authority) =>
        authority.fingerprint256 === last.fingerprint256 ||
        (last.checkIssued(authority) && last.verify(authority.publicKey)),
    );
    if (isFrom) return { ok: true, ca };
    const message = `none of ${caFile} signed the last certificate of tls.certFile`;
    return { ok: false, problem: startProblem('broker_ca_wrong', message) };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    const message = `cannot read certificates from ${caFile}: ${detail}`;
    return { ok: false, problem: startProblem('broker_ca_wrong', message) };
  }
}

/** Throws where a part that looks like a certificate is none. */
export function certificatesIn(pem: string): X509Certificate[] {
  const parts = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return parts.map((part) => new X509Certificate(part));
}
