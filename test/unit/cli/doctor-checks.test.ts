// Single checks of `doctor`, with what they look at given by the test.
import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../../config/load.ts';
import { type Config, type ConfigInput } from '../../../config/schema.ts';
import { checkCertificate, checkDataDir, checkFreeSpace, checkTls } from '../../../cli/doctor/file-checks.ts';
import {
  checkBacklog,
  checkClock,
  checkIpv6,
  checkNativeSend,
  checkNode,
  checkOpenFiles,
  checkWorkers,
} from '../../../cli/doctor/machine-checks.ts';

function configOf(overrides: ConfigInput = {}): Config {
  const loaded = loadConfig({ env: {}, overrides });
  if (!loaded.ok) throw new Error(loaded.problems[0]!.message);
  return loaded.config;
}

const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-doctor-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the machine', () => {
  test.each([
    ['24.11.0', 'ok'],
    ['25.0.0', 'ok'],
    ['24.10.9', 'fail'],
    ['20.19.2', 'fail'],
  ])('Node %s is %s', (version, level) => {
    expect(checkNode(version).level).toBe(level);
  });

  test.each([
    [Date.UTC(2027, 1, 1), 'ok'],
    [0, 'fail'],
    [Date.UTC(2101, 1, 1), 'fail'],
  ])('a clock at %i is %s', (ms, level) => {
    expect(checkClock(ms).level).toBe(level);
  });

  test('fewer open files than connections is a warning with the number to set', () => {
    const config = configOf({ streamWorkers: 3, gates: { connectionsMax: 5000 } });
    expect(checkOpenFiles(config, 4, 1024)).toMatchObject({
      level: 'warn',
      detail: 'at most 1024, so about 824 connections instead of 15000',
      fix: expect.stringContaining('15200') as string,
    });
  });

  test.each([15_200, Infinity, undefined])(
    'a limit of %s open files is enough for 15000 connections',
    (limit) => {
      const config = configOf({ streamWorkers: 3, gates: { connectionsMax: 5000 } });
      expect(checkOpenFiles(config, 4, limit).level).toBe('ok');
    },
  );

  test('more workers than cores is a warning', () => {
    expect(checkWorkers(configOf({ streamWorkers: 5 }), 4).level).toBe('warn');
    expect(checkWorkers(configOf(), 4)).toMatchObject({ level: 'ok', detail: '3 on 4 cores' });
  });

  test('a short accept queue of the kernel is a warning', () => {
    expect([checkBacklog(128).level, checkBacklog(4096).level]).toEqual(['warn', 'ok']);
  });

  test('an IPv6 address on a machine without IPv6 fails', () => {
    expect(checkIpv6(configOf({ listen: { host: '2001:db8::1' } }), {}).level).toBe('fail');
    expect(checkIpv6(configOf(), {}).level).toBe('ok');
  });

  test.skipIf(process.platform !== 'linux')('the native send can be loaded here', async () => {
    expect(await checkNativeSend()).toMatchObject({ level: 'ok' });
  });
});

describe('the data folder', () => {
  test('one that is there is written to, and nothing is left in it', () => {
    expect(checkDataDir(configOf({ dataDir: folder }))[0]).toMatchObject({ level: 'ok', detail: folder });
    expect(execFileSync('ls', ['-A', folder], { encoding: 'utf8' })).not.toContain('.doctor');
  });

  test('one that will be made is fine where its parent may be written to', () => {
    const [finding] = checkDataDir(configOf({ dataDir: path.join(folder, 'a', 'b') }));
    expect(finding).toMatchObject({ level: 'ok', detail: expect.stringContaining('will be made') as string });
  });

  test('a file in its place fails', () => {
    const file = path.join(folder, 'file');
    writeFileSync(file, '');
    expect(checkDataDir(configOf({ dataDir: file }))[0]?.level).toBe('fail');
  });

  test.skipIf(process.getuid?.() === 0)('one that may not be written to fails', () => {
    const locked = path.join(folder, 'locked');
    mkdirSync(locked, 0o500);
    expect(checkDataDir(configOf({ dataDir: locked }))[0]?.level).toBe('fail');
  });

  test.each([
    [2e9, 'ok'],
    [5e8, 'warn'],
    [1e7, 'fail'],
  ])('%i bytes free are %s', (bytes, level) => {
    expect(checkFreeSpace(bytes).level).toBe(level);
  });
});

describe('the certificate', () => {
  const certFile = path.join(folder, 'cert.pem');
  const keyFile = path.join(folder, 'key.pem');
  const otherKeyFile = path.join(folder, 'other.pem');
  const lockedKeyFile = path.join(folder, 'locked.pem');
  const DAY_MS = 86_400_000;

  beforeAll(() => {
    const openssl = (...words: string[]): void => {
      execFileSync('openssl', words, { stdio: 'ignore' });
    };
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    const name = ['-subj', '/CN=caster.example', '-addext', 'subjectAltName=DNS:caster.example'];
    openssl('req', '-x509', ...curve, '-keyout', keyFile, '-out', certFile, '-days', '90', ...name);
    openssl('genpkey', '-algorithm', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', otherKeyFile);
    openssl('ec', '-in', keyFile, '-aes128', '-passout', 'pass:x', '-out', lockedKeyFile);
  });

  const tlsOf = (tls: { certFile: string; keyFile: string }, nowMs = Date.now()): unknown =>
    checkTls(configOf({ tls }), nowMs).map(({ level, detail }) => ({ level, detail }));

  test('a certificate with its key is fine', () => {
    expect(tlsOf({ certFile, keyFile })).toEqual([
      {
        level: 'ok',
        detail: expect.stringMatching(/^DNS:caster\.example, valid until \d{4}-\d\d-\d\d$/) as string,
      },
    ]);
  });

  test.each([
    [80 * DAY_MS, 'warn'],
    [91 * DAY_MS, 'fail'],
    [-2 * DAY_MS, 'fail'],
  ])('seen %i ms from now it is %s', (ms, level) => {
    const certificate = new X509Certificate(readFileSync(certFile));
    const key = createPrivateKey(readFileSync(keyFile));
    expect(checkCertificate(certificate, key, Date.now() + ms).level).toBe(level);
  });

  test('the key of another certificate fails', () => {
    expect(tlsOf({ certFile, keyFile: otherKeyFile })).toEqual([
      { level: 'fail', detail: 'tls.keyFile is not the key of tls.certFile' },
    ]);
  });

  test.each([
    ['missing files', { certFile: path.join(folder, 'none.pem'), keyFile }, 'cannot be read'],
    ['a key in place of the certificate', { certFile: keyFile, keyFile }, 'is not what it should be'],
    ['an encrypted key', { certFile, keyFile: lockedKeyFile }, 'is not what it should be'],
  ])('%s fail, naming the file', (_what, tls, detail) => {
    expect(tlsOf(tls)).toEqual([{ level: 'fail', detail: expect.stringContaining(detail) as string }]);
  });

  test('without tls there is nothing to find', () => {
    expect(checkTls(configOf())).toMatchObject([{ level: 'ok' }]);
  });
});
