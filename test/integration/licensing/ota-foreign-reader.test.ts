// What the desk of updates serves, read by somebody else: tuf_reader.py, on the library of the authors of The Update
// Framework, goes the whole way of a client, from the root that it pinned over later ones to the package.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test, type TestContext } from 'vitest';
import { rotateKeys } from '../../../licensing/ota/ota-keys.ts';
import { TUF_ROLES } from '../../../licensing/ota/tuf-metadata.ts';
import { type ApiUnderTest, openApi } from '../../support/api-app.ts';
import { useStores } from '../../support/use-stores.ts';
import { ask, PART, packageWanted, proofOf, released, vehicleWithRight } from './ota-under-test.ts';

/** Debian's own: only that has Debian's packages. */
const PYTHON = '/usr/bin/python3';
const LIBRARY = '/usr/lib/python3/dist-packages/securesystemslib';
const missing = existsSync(LIBRARY) ? undefined : 'needs securesystemslib (Debian: python3-securesystemslib)';

const stores = useStores();
let api: ApiUnderTest | undefined;
afterEach(async () => {
  await api?.close();
  api = undefined;
});

async function open(context: TestContext) {
  context.skip(missing !== undefined, missing);
  let port = 0;
  const server = (): string => `http://127.0.0.1:${port}`;
  const under = await openApi(await stores.open('sqlite', context), { publicUrl: server });
  api = under;
  await under.app.listen({ port: 0, host: '127.0.0.1' });
  port = (under.app.server.address() as AddressInfo).port;
  const { content } = await released(under);
  const vehicle = await vehicleWithRight(under);
  const read = async (rootVersion: number): Promise<unknown> => {
    const offer = await ask(under, packageWanted(vehicle));
    const { metadataUrl, url, targetName } = offer;
    const words = [`${metadataUrl!}/${rootVersion}.root.json`, metadataUrl!, url!, targetName!];
    const script = path.join(import.meta.dirname, 'tuf_reader.py');
    const { stdout } = await promisify(execFile)(PYTHON, [script, ...words, proofOf(vehicle, offer)]);
    return JSON.parse(stdout);
  };
  return { under, vehicle, content, read };
}

test('the package and all that says what it is are read, from a root that was followed by three others', async (context) => {
  const { under, vehicle, content, read } = await open(context);
  const { vin } = vehicle;
  const found = {
    ...{ roots: [1], vehicles: [vin, vin, vin], bytes: content.length },
    custom: { vehicleId: vin, partNumber: PART, version: '1.4.0' },
  };
  expect(await read(1)).toEqual(found);
  for (const roles of [TUF_ROLES, ['root'], []] as const)
    expect(await rotateKeys(under, roles, [], Date.now())).toMatchObject({ ok: true });
  expect(await read(1)).toEqual({ ...found, roots: [1, 2, 3, 4] });
});

test('of metadata that were changed behind the server it says which signature is missing', async (context) => {
  const { under, vehicle, read } = await open(context);
  await read(1);
  const { store } = under;
  const of = store.db.selectFrom('ota_metadata').where('vehicle_id', '=', vehicle.vin);
  const { body, version } = await of
    .select(['body', 'version'])
    .where('role', '=', 'timestamp')
    .orderBy('version', 'desc')
    .executeTakeFirstOrThrow();
  const changed = body.replace(/"expires":"2/, '"expires":"3');
  await store.db
    .updateTable('ota_metadata')
    .set({ body: changed })
    .where('role', '=', 'timestamp')
    .where('version', '=', version)
    .execute();
  await expect(read(1)).rejects.toThrow('timestamp: signed by 0 of its keys');
});
