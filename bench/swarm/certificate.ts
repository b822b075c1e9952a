// A certificate for the TLS port of a caster under test, made by OpenSSL's own tool, valid for 30 days, as the caster warns of less
// than 14.

import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { makeTemporaryFolder } from '../temporary-folder.ts';

export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** Undefined where there is no openssl. The files go when the bench ends. */
export function makeCertificate(): CertificateFiles | undefined {
  const folder = makeTemporaryFolder();
  const certFile = path.join(folder, 'cert.pem');
  const keyFile = path.join(folder, 'key.pem');
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const named = ['-days', '30', '-subj', '/CN=localhost', '-keyout', keyFile, '-out', certFile];
  try {
    execFileSync('openssl', [...made, ...named], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return { certFile, keyFile };
}
