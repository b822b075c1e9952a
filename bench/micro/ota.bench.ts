// What updates of vehicles cost: metadata for a new vehicle (three signatures; then with their rows in SQLite), and how
// fast a package goes out. `node bench/micro/ota.bench.ts`, some seconds.

import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { openOtaKeys } from '../../licensing/ota/ota-keys.ts';
import { PackageFiles } from '../../licensing/ota/package-files.ts';
import {
  makeSnapshot,
  makeTargets,
  makeTimestamp,
  type TargetFacts,
} from '../../licensing/ota/tuf-metadata.ts';
import { refreshMetadata } from '../../licensing/ota/vehicle-metadata.ts';
import { secretsUnder } from '../../platform/secrets/sealed-box.ts';
import { openStore } from '../../platform/store/store.ts';

const VEHICLES = 500;
const PACKAGE_BYTES = 268_435_456;

const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-bench-ota-'));
const opened = await openStore({ url: 'bench.db', dataDir: folder });
if (!opened.ok) throw new Error(opened.problem.message);
const { store } = opened;
const keys = await openOtaKeys({ store, secrets: secretsUnder(randomBytes(32)) }, Date.now());
const target: TargetFacts = {
  ...{ name: 'pkg_2222222222222222', length: 1_000_000, sha256: '0'.repeat(64) },
  ...{ partNumber: 'adas.lane', version: '1.4.0' },
};

await measured('metadata of a new vehicle, signed', VEHICLES, (vehicle) => {
  const about = { vehicleId: vehicle, version: 1, expiresMs: Date.now() + 1e9 };
  const targets = makeTargets(about, [target], [keys.targets]);
  const snapshot = makeSnapshot(about, { version: 1, body: targets }, [keys.snapshot]);
  makeTimestamp(about, { version: 1, body: snapshot }, [keys.timestamp]);
});
await measured('metadata of a new vehicle, signed and durable in SQLite', VEHICLES, async (vehicle) => {
  await refreshMetadata(store, vehicle, [target], keys, Date.now());
});
await measured('metadata of a vehicle that are fresh, looked at', VEHICLES, async (vehicle) => {
  await refreshMetadata(store, vehicle, [target], keys, Date.now());
});

const files = new PackageFiles(path.join(folder, 'packages'));
const piece = randomBytes(1_048_576);
const pieces = Readable.from(Array.from({ length: PACKAGE_BYTES / piece.length }, () => piece));
const received = await perSecond(PACKAGE_BYTES, async () => {
  const got = await files.receive('pkg_1', pieces, { offset: 0, isLast: true });
  if (got.kind !== 'whole') throw new Error(got.kind);
  await files.keep('pkg_1', got.sha256);
});
say('a package received, hashed and synced', received / 1e6, 'MB/s');
const hash = createHash('sha256');
for (let sent = 0; sent < PACKAGE_BYTES; sent += piece.length) hash.update(piece);
const sha256 = hash.digest('hex');
await perSecond(PACKAGE_BYTES, async () => {
  await files.open(sha256, PACKAGE_BYTES);
});
const server = createServer((_request, response) => {
  void files.open(sha256, PACKAGE_BYTES).then((content) => {
    if (typeof content !== 'string') content.read(0, PACKAGE_BYTES - 1).pipe(response);
  });
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
const sent = await perSecond(PACKAGE_BYTES, async () => {
  await new Promise<void>((resolve, reject) => {
    get({ port, host: '127.0.0.1' }, (answer) => void answer.resume().once('end', resolve)).once(
      'error',
      reject,
    );
  });
});
say('a package read from the disk and sent over loopback', sent / 1e6, 'MB/s');
server.close();
await store.close();
rmSync(folder, { recursive: true, force: true });

async function measured(
  what: string,
  times: number,
  work: (vehicle: string) => Promise<void> | void,
): Promise<void> {
  for (let warm = 0; warm < 50; warm++) await work(`WARM${warm}`);
  const rate = await perSecond(times, async () => {
    for (let at = 0; at < times; at++) await work(`VIN${at}`);
  });
  say(what, rate, 'a second');
}

async function perSecond(count: number, work: () => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return (1000 * count) / (performance.now() - startedMs);
}

function say(what: string, value: number, unit: string): void {
  console.log(`${what}: ${Math.round(value).toLocaleString('en-US')} ${unit}`);
}
