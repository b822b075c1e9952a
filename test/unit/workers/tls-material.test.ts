// Tests the reading of certificates that the openssl command makes: right ones, and every way to be wrong.

import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readTlsMaterial } from '../../../workers/tls-material.ts';
import { configWith } from '../net/fake-house.ts';

const hasOpenssl = spawnSync('openssl', ['version']).error === undefined;
const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-tls-'));
const at = (name: string): string => path.join(folder, name);
const DAYS = 30;

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
}

function makeFiles(): void {
  const self = ['req', '-x509', '-nodes', '-days', `${DAYS}`, '-subj'];
  openssl(...self, '/CN=rsa', '-newkey', 'rsa:2048', '-keyout', 'rsa.key', '-out', 'rsa.crt');
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  openssl(...self, '/CN=ec', ...curve, '-keyout', 'ec.key', '-out', 'ec.crt');
  openssl('ec', '-in', 'ec.key', '-aes128', '-passout', 'pass:secret', '-out', 'encrypted.key');
  openssl('x509', '-in', 'ec.crt', '-outform', 'DER', '-out', 'ec.der');
  openssl('req', '-new', '-nodes', '-subj', '/CN=leaf', ...curve, '-keyout', 'leaf.key', '-out', 'leaf.csr');
  openssl(
    'x509',
    '-req',
    '-in',
    'leaf.csr',
    '-CA',
    'ec.crt',
    '-CAkey',
    'ec.key',
    '-CAcreateserial',
    '-days',
    '7',
    '-out',
    'leaf.crt',
  );
  writeFileSync(at('chain.crt'), readFileSync(at('leaf.crt'), 'utf8') + readFileSync(at('ec.crt'), 'utf8'));
  writeFileSync(at('both.pem'), readFileSync(at('ec.crt'), 'utf8') + readFileSync(at('ec.key'), 'utf8'));
  writeFileSync(at('garbage'), 'this is no certificate\n');
  writeFileSync(at('cut.crt'), readFileSync(at('ec.crt'), 'utf8').slice(0, 300));
  writeFileSync(at('empty'), '');
  copyFileSync(at('ec.key'), at('locked.key'));
  chmodSync(at('locked.key'), 0);
}

beforeAll(() => {
  if (hasOpenssl) makeFiles();
});
afterAll(() => rmSync(folder, { recursive: true }));

function read(certificate: string, key: string): ReturnType<typeof readTlsMaterial> {
  return readTlsMaterial(configWith({ tls: { certFile: at(certificate), keyFile: at(key) } }));
}

test('without tls in the configuration there is nothing to read', () => {
  expect(readTlsMaterial(configWith({}))).toEqual({ ok: true, tls: undefined, expiresAtMs: undefined });
});

describe.skipIf(!hasOpenssl)('a certificate with its key', () => {
  test.each([
    ['RSA', 'rsa.crt', 'rsa.key', DAYS],
    ['an elliptic curve', 'ec.crt', 'ec.key', DAYS],
    ['a chain', 'chain.crt', 'leaf.key', 7],
    ['both in one file', 'both.pem', 'both.pem', DAYS],
  ])('of %s is taken as it stands, with the time at which it expires', (_kind, certificate, key, days) => {
    const reading = read(certificate, key);
    const [certificateText, keyText] = [readFileSync(at(certificate), 'utf8'), readFileSync(at(key), 'utf8')];
    expect(reading).toMatchObject({ ok: true, tls: { certificate: certificateText, key: keyText } });
    const lifeDays =
      ((reading.ok && reading.expiresAtMs !== undefined ? reading.expiresAtMs : 0) - Date.now()) / 86_400_000;
    expect(Math.abs(lifeDays - days)).toBeLessThan(0.1);
  });
});

describe.skipIf(!hasOpenssl)('what is no certificate with its key', () => {
  test.each([
    ['the key of another', 'ec.crt', 'leaf.key'],
    ['the key of another kind', 'rsa.crt', 'ec.key'],
    ['the key of the end of a chain under the certificate of its start', 'ec.crt', 'leaf.key'],
    ['an encrypted key', 'ec.crt', 'encrypted.key'],
    ['the certificate where the key should be', 'ec.crt', 'ec.crt'],
    ['the key where the certificate should be', 'ec.key', 'ec.key'],
    ['the two exchanged', 'ec.key', 'ec.crt'],
    ['garbage for a certificate', 'garbage', 'ec.key'],
    ['garbage for a key', 'ec.crt', 'garbage'],
    ['a certificate that is cut off', 'cut.crt', 'ec.key'],
    ['a certificate in DER', 'ec.der', 'ec.key'],
    ['an empty certificate', 'empty', 'ec.key'],
    ['nothing at all', 'empty', 'empty'],
  ])('%s is refused with both names', (_what, certificate, key) => {
    const reading = read(certificate, key);
    expect(reading).toMatchObject({ ok: false, problem: { code: 'tls_invalid' } });
    const message = reading.ok ? '' : reading.problem.message;
    expect(message).toContain(at(certificate));
    expect(message).toContain(at(key));
  });

  test('an empty key is refused', () => {
    expect(read('ec.crt', 'empty')).toMatchObject({ ok: false, problem: { code: 'tls_invalid' } });
  });

  test('no message tells anything of a key', () => {
    const secret = readFileSync(at('leaf.key'), 'utf8').split('\n')[1]!;
    const reading = read('ec.crt', 'leaf.key');
    expect(JSON.stringify(reading)).not.toContain(secret);
  });
});

describe.skipIf(!hasOpenssl)('a file that cannot be read', () => {
  test.each([
    ['that is not there', 'ec.crt', 'missing', 'missing'],
    ['that is a folder', '.', 'ec.key', ''],
  ])('%s is named', (_what, certificate, key, named) => {
    const reading = read(certificate, key);
    expect(reading).toMatchObject({ ok: false, problem: { code: 'tls_file_unreadable' } });
    expect(!reading.ok && reading.problem.message).toContain(at(named));
  });

  test('that belongs to somebody else is named', (context) => {
    if (process.getuid?.() === 0) context.skip('root may read everything');
    const reading = read('ec.crt', 'locked.key');
    expect(!reading.ok && reading.problem.message).toMatch(/locked\.key: EACCES/);
  });
});
