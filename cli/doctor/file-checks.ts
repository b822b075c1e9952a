// Checks of what the caster reads and writes: data folder, disk, certificate with its key.

import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { type Config } from '../../config/schema.ts';
import { dataDirProblem } from '../../platform/secrets/data-dir.ts';
import { errorText } from '../failure.ts';
import { byteSize } from '../units.ts';
import { failing, fine, type Finding, warning } from './finding.ts';

const FREE_BYTES_ADVISED_MIN = 1_000_000_000;
const FREE_BYTES_MIN = 64_000_000;
const EXPIRY_WARNING_MS = 21 * 86_400_000;

export function checkDataDir({ dataDir }: Config): Finding[] {
  const folder = path.resolve(dataDir);
  const place = nearestThere(folder);
  try {
    if (place === folder) tryWriting(folder);
    else accessSync(place, constants.W_OK | constants.X_OK);
  } catch (error) {
    const { message, fix } = dataDirProblem(dataDir, error);
    return [failing('data folder', message, fix)];
  }
  const written = fine('data folder', place === folder ? folder : `${folder} will be made`);
  const { bavail, bsize } = statfsSync(place);
  return [written, checkFreeSpace(bavail * bsize)];
}

export function checkFreeSpace(bytes: number): Finding {
  const detail = `${byteSize(bytes)} free`;
  if (bytes >= FREE_BYTES_ADVISED_MIN) return fine('disk', detail);
  const fix = 'make room, or name a folder on another disk with dataDir';
  return bytes >= FREE_BYTES_MIN ? warning('disk', detail, fix) : failing('disk', detail, fix);
}

/** The folder itself where it is there, else the first above it that is. */
function nearestThere(folder: string): string {
  let place = folder;
  while (!existsSync(place) && path.dirname(place) !== place) place = path.dirname(place);
  return place;
}

function tryWriting(folder: string): void {
  const file = path.join(folder, `.doctor-${process.pid}`);
  try {
    if (statSync(folder).isDirectory()) writeFileSync(file, '');
    else accessSync(path.join(folder, '.'));
  } finally {
    rmSync(file, { force: true });
  }
}

/** Nothing to find without `tls`. */
export function checkTls({ tls, listen }: Config, nowMs = Date.now()): Finding[] {
  const name = 'certificate';
  if (tls === undefined) return [fine(name, 'none: NTRIP over TLS stays closed')];
  if (listen.ntripsPort === 'off') return [fine(name, 'not used: listen.ntripsPort is off')];
  const certificate = readPem(tls.certFile, 'tls.certFile', (text) => new X509Certificate(text));
  const key = readPem(tls.keyFile, 'tls.keyFile', createPrivateKey);
  if (!certificate.ok || !key.ok)
    return [certificate, key].flatMap((read) => (read.ok ? [] : [read.finding]));
  return [checkCertificate(certificate.value, key.value, nowMs)];
}

export function checkCertificate(certificate: X509Certificate, key: KeyObject, nowMs: number): Finding {
  const name = 'certificate';
  const names = certificate.subjectAltName ?? certificate.subject;
  const until = certificate.validToDate.toISOString().slice(0, 10);
  if (!certificate.checkPrivateKey(key)) {
    return failing(
      name,
      'tls.keyFile is not the key of tls.certFile',
      'name the two files that belong together',
    );
  }
  const leftMs = certificate.validToDate.getTime() - nowMs;
  if (leftMs <= 0) return failing(name, `it was valid until ${until}`, 'renew it');
  if (certificate.validFromDate.getTime() > nowMs) {
    const from = certificate.validFromDate.toISOString().slice(0, 10);
    return failing(name, `it is valid from ${from} only`, 'check the clock, or use another');
  }
  const detail = `${names.replaceAll('\n', ', ')}, valid until ${until}`;
  if (leftMs < EXPIRY_WARNING_MS) return warning(name, detail, 'renew it, then send SIGHUP');
  return fine(name, detail);
}

type Pem<Value> = { ok: true; value: Value } | { ok: false; finding: Finding };

function readPem<Value>(file: string, setting: string, parse: (text: string) => Value): Pem<Value> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const fix = `check ${setting}, and that the user that runs the caster may read the file`;
    return { ok: false, finding: failing('certificate', `${file} cannot be read: ${errorText(error)}`, fix) };
  }
  try {
    return { ok: true, value: parse(text) };
  } catch (error) {
    const fix = `name a PEM file in ${setting}; a private key must not be encrypted`;
    return {
      ok: false,
      finding: failing('certificate', `${file} is not what it should be: ${errorText(error)}`, fix),
    };
  }
}
