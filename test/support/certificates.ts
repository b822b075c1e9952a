// Certificates made by OpenSSL for the tests of TLS, signed by themselves, in a folder of the test's own.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
  /** PEM. */
  readonly pem: string;
}

/** A certificate for `localhost` with a new key, in `<name>.pem` and `<name>.key` of `folder`; replaces what is there. */
export function makeCertificate(folder: string, name: string, days = 30): Certificate {
  const certFile = path.join(folder, `${name}.pem`);
  const keyFile = path.join(folder, `${name}.key`);
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-keyout', keyFile];
  execFileSync('openssl', ['req', '-x509', ...key, '-out', certFile, '-days', String(days), ...subject], {
    stdio: 'pipe',
  });
  return { certFile, keyFile, pem: readFileSync(certFile, 'utf8') };
}
