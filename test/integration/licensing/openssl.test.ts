// What OpenSSL and Python's cryptography say of the certificates and lists that a running caster gives out.

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeRequest } from '../../../licensing/pki/certificate-request.ts';
import { KEY_ALGORITHMS, type KeyAlgorithm, makeKeyPair } from '../../../licensing/pki/keys.ts';
import { pemOf } from '../../../licensing/pki/pem.ts';
import { type CasterProcess, OWNER_KEY, startCasterProcess } from '../../support/caster-process.ts';
import { useTempFolder } from '../../support/temp-folder.ts';

/** GM/T 0009: OpenSSL takes no id at all where nothing is said. */
const SM2_ID = 'distid:1234567812345678';
const folder = useTempFolder();
let caster: CasterProcess;
beforeAll(async () => {
  caster = await startCasterProcess();
});
afterAll(async () => {
  await caster.stop();
});

async function ask(route: string, body: object): Promise<Record<string, string>> {
  return await call(route, { method: 'POST', body: JSON.stringify(body) });
}

async function look(route: string): Promise<Record<string, string>> {
  return await call(route, {});
}

async function call(route: string, request: RequestInit): Promise<Record<string, string>> {
  const type = request.body === undefined ? undefined : { 'content-type': 'application/json' };
  const answer = await fetch(`http://127.0.0.1:${caster.ready.http}${route}`, {
    ...request,
    headers: { ...type, authorization: `Bearer ${OWNER_KEY}` },
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return JSON.parse(text) as Record<string, string>;
}

function openssl(...words: string[]): string {
  const { stdout, stderr } = spawnSync('openssl', words, { cwd: folder, encoding: 'utf8' });
  return `${stdout}${stderr}`;
}

interface Enrolled {
  readonly id: string;
  readonly serial: string;
  readonly name: string;
}

/** The files `<name>.csr`, `<name>.pem`, `<name>-issuing.pem` and `<name>-root.pem`. */
async function enrol(algorithm: KeyAlgorithm, vehicleId: string): Promise<Enrolled> {
  const key = makeKeyPair(algorithm, 2048);
  const { challenge } = await ask('/v1/certificate-challenges', { vehicleId });
  const request = pemOf('CERTIFICATE REQUEST', makeRequest(key, vehicleId, challenge!));
  const made = await ask('/v1/certificates', { vehicleId, request });
  const name = `${algorithm}-${vehicleId}`;
  for (const [end, text] of [
    ['.csr', request],
    ['.pem', made['certificate']],
    ['-issuing.pem', made['issuingCertificate']],
    ['-root.pem', made['rootCertificate']],
  ] as const) {
    writeFileSync(path.join(folder, `${name}${end}`), text ?? '');
  }
  return { id: made['id']!, serial: made['serial']!, name };
}

async function crlOf(algorithm: KeyAlgorithm): Promise<{ type: string | null; file: string }> {
  const address = `http://127.0.0.1:${caster.ready.http}/v1/certificate-authorities/${algorithm}/crl`;
  const answer = await fetch(address);
  const file = `${algorithm}.crl`;
  writeFileSync(path.join(folder, file), new Uint8Array(await answer.arrayBuffer()));
  return { type: answer.headers.get('content-type'), file };
}

test('OpenSSL verifies an RSA vehicle up to the root, by the strict rules and for a TLS client', async () => {
  const { name } = await enrol('rsa', 'STRICT');
  const chain = ['-CAfile', `${name}-root.pem`, '-untrusted', `${name}-issuing.pem`];
  const said = openssl('verify', '-x509_strict', '-purpose', 'sslclient', ...chain, `${name}.pem`);
  expect(said).toBe(`${name}.pem: OK\n`);
});

test('OpenSSL verifies an SM2 vehicle by the issuing authority, with the id of GM/T 0009 only', async () => {
  const { name } = await enrol('sm2', 'STRICT');
  const how = ['verify', '-partial_chain', '-x509_strict', '-purpose', 'sslclient', '-trusted'];
  const files = [`${name}-issuing.pem`, `${name}.pem`];
  const said = openssl(...how, files[0]!, '-vfyopt', SM2_ID, files[1]!);
  expect([said, openssl(...how, ...files).includes('failed')]).toEqual([`${name}.pem: OK\n`, true]);
});

test.each(KEY_ALGORITHMS)('OpenSSL takes the proof in a request of %s', async (algorithm) => {
  const { name } = await enrol(algorithm, 'REQUEST');
  const id = algorithm === 'sm2' ? ['-vfyopt', SM2_ID] : [];
  expect(openssl('req', '-in', `${name}.csr`, '-noout', '-verify', ...id)).toContain('verify OK');
});

test.each(KEY_ALGORITHMS)('OpenSSL reads in a certificate of %s what it must say', async (algorithm) => {
  const { name, serial } = await enrol(algorithm, 'PROFILE');
  const text = openssl('x509', '-in', `${name}.pem`, '-noout', '-text', '-serial');
  expect(text).toContain('X509v3 Key Usage: critical');
  for (const part of [
    'Digital Signature, Key Encipherment',
    'TLS Web Client Authentication',
    'URI:urn:vin:PROFILE',
    'X509v3 Subject Key Identifier',
    'X509v3 Authority Key Identifier',
    `/v1/certificate-authorities/${algorithm}/crl`,
    `serial=${serial.toUpperCase()}`,
  ]) {
    expect(text).toContain(part);
  }
  expect(text).not.toContain('Basic Constraints');
});

test.each(KEY_ALGORITHMS)('the revocation list of %s names what was revoked, and why', async (algorithm) => {
  const { id, serial } = await enrol(algorithm, 'REVOKED');
  await ask(`/v1/certificates/${id}/revoke`, { reason: 'keyCompromise' });
  const { type, file } = await crlOf(algorithm);
  const text = openssl('crl', '-inform', 'DER', '-in', file, '-noout', '-text');
  expect(type).toBe('application/pkix-crl');
  expect(text.slice(text.indexOf(serial.toUpperCase()))).toMatch(/^[0-9A-F]+\n(.*\n){3} *Key Compromise/);
});

test.each(KEY_ALGORITHMS)('the list of %s and the state of each certificate agree', async (algorithm) => {
  const [kept, gone] = [await enrol(algorithm, 'KEPT'), await enrol(algorithm, 'LISTED')];
  await ask(`/v1/certificates/${gone.id}/revoke`, {});
  const { file } = await crlOf(algorithm);
  const text = openssl('crl', '-inform', 'DER', '-in', file, '-noout', '-text');
  const listed = new Set([...text.matchAll(/Serial Number: ([0-9A-F]+)/g)].map(([, serial]) => serial));
  for (const { id, serial } of [kept, gone]) {
    const { state } = await look(`/v1/certificates/${id}`);
    expect([id, listed.has(serial.toUpperCase())]).toEqual([id, state === 'revoked']);
  }
  expect(listed.has(gone.serial.toUpperCase())).toBe(true);
});

test('OpenSSL refuses a revoked RSA vehicle by the list', async () => {
  const { id, name } = await enrol('rsa', 'GONE');
  await ask(`/v1/certificates/${id}/revoke`, {});
  const { file } = await crlOf('rsa');
  openssl('crl', '-inform', 'DER', '-in', file, '-out', 'rsa-crl.pem');
  const how = ['verify', '-partial_chain', '-crl_check', '-CRLfile', 'rsa-crl.pem', '-trusted'];
  expect(openssl(...how, `${name}-issuing.pem`, `${name}.pem`)).toContain('certificate revoked');
});

test('Python’s cryptography reads both kinds', async (context) => {
  const tried = spawnSync('python3', ['-c', 'import cryptography'], { encoding: 'utf8' });
  context.skip(tried.status !== 0, 'python3 has no cryptography');
  const names = [await enrol('rsa', 'PYCA'), await enrol('sm2', 'PYCA')].map(({ name }) => `${name}.pem`);
  const program = `
import sys
from cryptography import x509
for file in sys.argv[1:]:
    c = x509.load_pem_x509_certificate(open(file, 'rb').read())
    san = c.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    print(san.get_values_for_type(x509.UniformResourceIdentifier), c.signature_algorithm_oid.dotted_string)
`;
  const { stdout } = spawnSync('python3', ['-c', program, ...names], { cwd: folder, encoding: 'utf8' });
  expect(stdout).toBe("['urn:vin:PYCA'] 1.2.840.113549.1.1.11\n['urn:vin:PYCA'] 1.2.156.10197.1.501\n");
});
