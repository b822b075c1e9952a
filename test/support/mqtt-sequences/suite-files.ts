// Where the packet sequences are by which Eclipse Mosquitto's authors test a broker. They are theirs (EPL, EDL) and no part
// of this project: a folder that MQTT_SEQUENCES names (test/broker/data of a checkout), or the source package of Debian,
// fetched once and checked, where npm test may install packages.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';

const ARCHIVE = 'mosquitto_2.1.2.orig.tar.gz';
const ARCHIVE_SHA256 = 'a8e37cc4c1d4141e56c5a8729c5fa36b1f0b1ca95378a12131d68f0509de122a';
const ADDRESS = `http://deb.debian.org/debian/pool/main/m/mosquitto/${ARCHIVE}`;
const FETCH_MS = 20_000;

export type SuiteFiles =
  { readonly ok: true; readonly folder: string } | { readonly ok: false; readonly reason: string };

/** Unpacked into `temporary`, unless a folder is named. */
export async function findSuite(temporary: string): Promise<SuiteFiles> {
  const { MQTT_SEQUENCES: folder, ROVERCAST_INSTALL_DEBIAN } = process.env;
  if (folder !== undefined) return { ok: true, folder };
  const archive = path.join(tmpdir(), ARCHIVE);
  if (!isRight(archive)) {
    const missing = `the packet sequences of Mosquitto are not here (MQTT_SEQUENCES names their folder)`;
    if (ROVERCAST_INSTALL_DEBIAN === '0') return { ok: false, reason: missing };
    try {
      const response = await fetch(ADDRESS, { signal: AbortSignal.timeout(FETCH_MS) });
      writeFileSync(archive, await response.bytes());
    } catch (error) {
      return { ok: false, reason: `${missing}: ${(error as Error).message}` };
    }
    if (!isRight(archive)) return { ok: false, reason: `${missing}: ${ADDRESS} is another file` };
  }
  const target = path.join(temporary, 'sequences');
  mkdirSync(target);
  const unpacked = spawnSync('tar', [
    ...['-xzf', archive, '-C', target, '--strip-components=4', '--wildcards', '*/test/broker/data/*'],
  ]);
  if (unpacked.status !== 0) return { ok: false, reason: `tar: ${String(unpacked.stderr)}` };
  return { ok: true, folder: target };
}

function isRight(file: string): boolean {
  if (!existsSync(file)) return false;
  return createHash('sha256').update(readFileSync(file)).digest('hex') === ARCHIVE_SHA256;
}
