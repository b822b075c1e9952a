// By which authority vehicles know a broker that shows the certificate of `tls`; certificates by OpenSSL.

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { readBrokerCa } from '../../../workers/broker-ca.ts';
import { type Certificate, makeCertificate } from '../../support/certificates.ts';
import { useTempFolder } from '../../support/temp-folder.ts';

const folder = useTempFolder();
let root: Certificate;
let other: Certificate;
/** Signed by `root`. */
let served: string;

beforeAll(() => {
  [root, other] = [makeCertificate(folder, 'root'), makeCertificate(folder, 'other')];
  const [key, request, file] = ['served.key', 'served.csr', 'served.pem'].map((name) =>
    path.join(folder, name),
  );
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-keyout', key!];
  execFileSync('openssl', ['req', ...made, '-out', request!, '-subj', '/CN=served'], { stdio: 'pipe' });
  const by = ['-CA', root.certFile, '-CAkey', root.keyFile, '-CAcreateserial'];
  execFileSync('openssl', ['x509', '-req', '-in', request!, '-out', file!, ...by], { stdio: 'pipe' });
  served = readFileSync(file!, 'utf8');
});

test('a certificate that signed itself is its own authority', () => {
  const reading = readBrokerCa(root.pem, undefined);
  expect(reading.ok && reading.ca.trim()).toBe(root.pem.trim());
});

test('a chain that ends in a root needs no file', () => {
  const reading = readBrokerCa(served + root.pem, undefined);
  expect(reading.ok && reading.ca.trim()).toBe(root.pem.trim());
});

test('a certificate of somebody else needs the file of that authority', () => {
  expect(readBrokerCa(served, undefined)).toMatchObject({ problem: { code: 'broker_ca_missing' } });
  expect(readBrokerCa(served, root.certFile)).toEqual({ ok: true, ca: root.pem });
});

test('of several authorities in the file one must be the right one', () => {
  const both = path.join(folder, 'both.pem');
  writeFileSync(both, other.pem + root.pem);
  expect(readBrokerCa(served, both)).toMatchObject({ ok: true });
  expect(readBrokerCa(served, other.certFile)).toMatchObject({ problem: { code: 'broker_ca_wrong' } });
});

test('a file that is not there, or holds none, is refused', () => {
  const rubbish = path.join(folder, 'rubbish.pem');
  writeFileSync(rubbish, 'rubbish');
  for (const file of [rubbish, path.join(folder, 'nowhere.pem')])
    expect(readBrokerCa(served, file)).toMatchObject({ problem: { code: 'broker_ca_wrong' } });
});
