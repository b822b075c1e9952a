// The OTA client of a vehicle against the real server: from the signed question to software that runs, what becomes of it
// after a refund, and over a rotation of all keys. What the server signs is verified by OpenSSL, too.

import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, expect, test, type TestContext, vi } from 'vitest';
import { changeEntitlement } from '../../../licensing/entitlements/entitlement-book.ts';
import type { PackageOffer } from '../../../licensing/ota/documents.ts';
import { rotateKeys } from '../../../licensing/ota/ota-keys.ts';
import { TUF_ROLES } from '../../../licensing/ota/tuf-metadata.ts';
import { KEY_ALGORITHMS } from '../../../licensing/pki/keys.ts';
import type { OtaOutcome } from '../../../licensing/vehicle/ota-port.ts';
import { openOtaClient, slotsOf } from '../../../licensing/vehicle/ota/ota-client.ts';
import { type ApiUnderTest, good, openApi } from '../../support/api-app.ts';
import { useTempFolder } from '../../support/temp-folder.ts';
import { useStores } from '../../support/use-stores.ts';
import { skipNote } from '../interop/programs.ts';
import {
  ask,
  PART,
  packageWanted,
  proofOf,
  released,
  signedBy,
  type VehicleWithRight,
  vehicleWithRight,
} from './ota-under-test.ts';

const stores = useStores();
const folder = useTempFolder();
let api: ApiUnderTest | undefined;
afterEach(async () => {
  await api?.close();
  api = undefined;
});

let port = 0;
const server = (): string => `http://127.0.0.1:${port}`;

async function open(context: TestContext, downloadsMax?: number): Promise<ApiUnderTest> {
  api = await openApi(await stores.open('sqlite', context), { publicUrl: server, downloadsMax });
  await api.app.listen({ port: 0, host: '127.0.0.1' });
  port = (api.app.server.address() as AddressInfo).port;
  return api;
}

const folderOf = ({ vin }: VehicleWithRight): string => path.join(folder, vin);

async function update(under: ApiUnderTest, vehicle: VehicleWithRight): Promise<OtaOutcome> {
  const installedVersion = slotsOf(folderOf(vehicle), PART).running?.version ?? null;
  return await installed(vehicle, await ask(under, packageWanted(vehicle, { installedVersion })));
}

/** What becomes of this offer in the vehicle. */
async function installed(vehicle: VehicleWithRight, given: PackageOffer): Promise<OtaOutcome> {
  const installedVersion = slotsOf(folderOf(vehicle), PART).running?.version ?? null;
  const { metadataUrl, targetName, url, expiresAt } = given;
  if (metadataUrl === null || targetName === null || url === null)
    return { ok: false, reason: 'not_offered' };
  const client = openOtaClient(
    { folder: folderOf(vehicle), otaRootUrl: `${server()}/v1/ota/root.json` },
    {
      vehicleId: vehicle.vin,
      sign: (typ, fields) => signedBy(vehicle, typ, fields),
      now: Date.now,
    },
  );
  const offer = { partNumber: PART, version: '1.4.0', versionRule: 'at_least', installedVersion } as const;
  const where = { metadataUrl, targetName, url, expiresAt: expiresAt! };
  return await client.fetch({ ...offer, ...where }, new AbortController().signal);
}

test.for(KEY_ALGORITHMS)(
  'a vehicle with a key of %s installs what it has a right to',
  async (algorithm, context) => {
    const under = await open(context);
    const { content } = await released(under);
    const vehicle = await vehicleWithRight(under, { algorithm });
    expect(await update(under, vehicle)).toEqual({ ok: true, version: '1.4.0' });
    const image = path.join(folderOf(vehicle), 'slots', PART, 'a.image');
    expect(readFileSync(image).equals(content)).toBe(true);
    const requests = await good<{ data: object[] }>(
      under.owner('GET', `/v1/ota/requests?vehicleId=${vehicle.vin}`),
    );
    expect(requests.data).toMatchObject([{ state: 'offered', downloadedAt: expect.any(String) as string }]);
  },
);

test('a refund between offer and download ends it', async (context) => {
  const under = await open(context);
  await released(under);
  const vehicle = await vehicleWithRight(under);
  const { metadataUrl, targetName, url } = await ask(under, packageWanted(vehicle));
  const client = openOtaClient(
    { folder: folderOf(vehicle), otaRootUrl: `${server()}/v1/ota/root.json` },
    { vehicleId: vehicle.vin, sign: (typ, fields) => signedBy(vehicle, typ, fields), now: Date.now },
  );
  await under.store.write((tx) => changeEntitlement(tx, vehicle.entitlementId, 'refund', 'test', Date.now()));
  const offer = {
    partNumber: PART,
    version: '1.4.0',
    versionRule: 'at_least',
    installedVersion: null,
  } as const;
  const where = { metadataUrl: metadataUrl!, targetName: targetName!, url: url!, expiresAt: 0 };
  const outcome = await client.fetch({ ...offer, ...where }, new AbortController().signal);
  expect(outcome).toEqual({ ok: false, reason: 'metadata_unavailable', detail: 'ota_right_ended' });
});

test('a package that was swapped on the server’s disk is not handed out, and the log says so', async (context) => {
  const under = await open(context);
  const { content } = await released(under);
  const vehicle = await vehicleWithRight(under);
  const offer = await ask(under, packageWanted(vehicle));
  const file = path.join(under.packagesFolder, path.basename(new URL(offer.url!).pathname).split('.')[0]!);
  writeFileSync(file, Buffer.alloc(content.length));
  const outcome = await update(under, vehicle);
  expect(outcome).toMatchObject({ ok: false, reason: 'download_failed', detail: 'package_content_damaged' });
  expect(under.memory.lines().map(({ event }) => event)).toContain('package_lost');
});

test('a download more than may be waits', async (context) => {
  const under = await open(context, 1);
  await released(under, '1.4.0', {}, randomBytes(32_000_000));
  const vehicle = await vehicleWithRight(under);
  const offer = await ask(under, packageWanted(vehicle));
  const headers = { 'vehicle-proof': proofOf(vehicle, offer) };
  const slow = await new Promise<IncomingMessage>((resolve, reject) => {
    get(offer.url!, { headers }, resolve).once('error', reject);
  });
  const refused = await fetch(offer.url!, { headers });
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '10']);
  expect(await refused.json()).toMatchObject({ code: 'ota_busy' });
  const head = await fetch(offer.url!, { headers, method: 'HEAD' });
  expect(head.status).toBe(503);
  slow.destroy();
  // The server may not have heard yet that the connection is gone.
  await vi.waitFor(async () =>
    expect((await fetch(offer.url!, { headers, method: 'HEAD' })).status).toBe(200),
  );
});

test('a rotation of every key, the root’s too, leaves a vehicle that knows the old ones able to go on', async (context) => {
  const under = await open(context);
  await released(under, '1.4.0');
  const vehicle = await vehicleWithRight(under);
  await update(under, vehicle);
  const parts = { store: under.store, secrets: under.secrets };
  expect(await rotateKeys(parts, TUF_ROLES, [], Date.now())).toEqual({ ok: true, version: 2 });
  expect(await rotateKeys(parts, ['root'], [], Date.now())).toEqual({ ok: true, version: 3 });
  await released(under, '1.5.0');
  expect(await update(under, vehicle)).toEqual({ ok: true, version: '1.5.0' });
});

test('what was offered is signed by the new keys, too, once they are rotated', async (context) => {
  const under = await open(context);
  await released(under);
  const vehicle = await vehicleWithRight(under);
  const offer = await ask(under, packageWanted(vehicle));
  const parts = { store: under.store, secrets: under.secrets };
  await rotateKeys(parts, ['targets', 'snapshot', 'timestamp'], [], Date.now());
  expect(await installed(vehicle, offer)).toEqual({ ok: true, version: '1.4.0' });
});

test('a vehicle that has what was released gets what is released next a moment later', async (context) => {
  const under = await open(context);
  await released(under, '1.4.0');
  const vehicle = await vehicleWithRight(under);
  await update(under, vehicle);
  await released(under, '1.5.0');
  expect(await update(under, vehicle)).toEqual({ ok: true, version: '1.5.0' });
});

const missing = skipNote('openssl', 'python3');
test(`OpenSSL verifies every signature over the canonical form that Python makes${missing}`, async (context) => {
  context.skip(missing !== '', missing);
  const under = await open(context);
  await released(under);
  const vehicle = await vehicleWithRight(under);
  const { metadataUrl } = await ask(under, packageWanted(vehicle));
  const file = async (name: string): Promise<Signed> =>
    (await (await fetch(`${metadataUrl!}/${name}`)).json()) as Signed;
  const root = await file('1.root.json');
  const names = ['1.root.json', 'timestamp.json', '1.snapshot.json', '1.targets.json'];
  for (const name of names) {
    const { signed, signatures } = await file(name);
    const role = root.signed.roles![name.split('.').at(-2)!]!;
    const verified = signatures.filter(({ keyid, sig }) => {
      const key = root.signed.keys![keyid];
      return (
        role.keyids.includes(keyid) &&
        key !== undefined &&
        openSslVerifies(canonical(signed), sig, key.keyval.public)
      );
    });
    expect([name, verified.length >= role.threshold]).toEqual([name, true]);
  }
});

interface Signed {
  readonly signed: {
    readonly keys?: Record<string, { readonly keyval: { readonly public: string } }>;
    readonly roles?: Record<string, { readonly keyids: readonly string[]; readonly threshold: number }>;
  };
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

function canonical(value: object): Buffer {
  const program =
    'import json,sys; sys.stdout.write(json.dumps(json.load(sys.stdin), sort_keys=True, separators=(",", ":"), ensure_ascii=False))';
  const { stdout, status } = spawnSync('python3', ['-c', program], { input: JSON.stringify(value) });
  if (status !== 0) throw new Error('python3 failed');
  return stdout;
}

function openSslVerifies(bytes: Buffer, signature: string, publicKey: string): boolean {
  const name = (suffix: string): string => path.join(folder, `signed.${suffix}`);
  // SubjectPublicKeyInfo of Ed25519, RFC 8410 §4.
  writeFileSync(name('der'), Buffer.from(`302a300506032b6570032100${publicKey}`, 'hex'));
  writeFileSync(name('bin'), bytes);
  writeFileSync(name('sig'), Buffer.from(signature, 'hex'));
  const files = ['-inkey', name('der'), '-in', name('bin'), '-sigfile', name('sig')];
  const { stdout } = spawnSync('openssl', [
    'pkeyutl',
    '-verify',
    '-pubin',
    '-keyform',
    'DER',
    '-rawin',
    ...files,
  ]);
  return stdout.toString().includes('Signature Verified Successfully');
}
