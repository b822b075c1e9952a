// What the OTA client refuses: the attacks that The Update Framework names, and what else somebody on the way, or with
// some of the keys, may try. Each has its own code, and the vehicle has afterwards what it had before.

import { describe, expect, test } from 'vitest';
import { makeTufKey } from '../../../../licensing/ota/tuf-metadata.ts';
import { AS_USUAL, content, ROOT_URL } from './evil-repository.ts';
import { VehicleUnderTest } from './ota-vehicle-under-test.ts';

const HOUR_MS = 3_600_000;

test('what is signed for this vehicle is installed, and brought once', async () => {
  const vehicle = new VehicleUnderTest();
  vehicle.cloud.publish({ content: content() });
  expect(await vehicle.fetch()).toEqual({ ok: true, version: '1.4.0' });
  expect(await vehicle.fetch()).toEqual({ ok: true, version: '1.4.0' });
  expect(vehicle.cloud.asked.filter((one) => one.startsWith('x.pkg_1'))).toHaveLength(1);
});

describe('arbitrary software', () => {
  test.each(['targets', 'snapshot', 'timestamp'] as const)(
    '%s signed with a foreign key are refused',
    async (role) => {
      const vehicle = new VehicleUnderTest();
      vehicle.cloud.publish({ content: content(), keys: { [role]: makeTufKey() } });
      expect(await vehicle.reason()).toBe('metadata_forged');
      expect(vehicle.installed).toBeUndefined();
    },
  );

  test('a package that was swapped has another hash, and is thrown away', async () => {
    const vehicle = new VehicleUnderTest();
    vehicle.cloud.publish({ content: content() });
    vehicle.cloud.content = content();
    expect(await vehicle.reason()).toBe('content_wrong');
    expect(vehicle.installed).toBeUndefined();
  });

  test('metadata of which one byte was changed on the way are refused', async () => {
    const vehicle = new VehicleUnderTest();
    vehicle.cloud.publish({ content: content() });
    const { files } = vehicle.cloud;
    files.set('1.targets.json', files.get('1.targets.json')!.replace('1.4.0', '1.4.9'));
    expect(await vehicle.reason()).toBe('metadata_mixed');
  });
});

describe('rollback', () => {
  test('an older timestamp with everything that it names is refused', async () => {
    const vehicle = new VehicleUnderTest();
    vehicle.cloud.publish({ content: content(), metadataVersion: 5 });
    await vehicle.fetch();
    vehicle.cloud.publish({ content: content(), metadataVersion: 4 });
    expect(await vehicle.reason()).toBe('metadata_rolled_back');
  });

  test('an older package, although newer metadata name it, is refused', async () => {
    const vehicle = new VehicleUnderTest();
    vehicle.cloud.publish({ content: content(), version: '1.4.0' });
    await vehicle.fetch();
    vehicle.cloud.publish({ content: content(), version: '1.3.9', metadataVersion: 2 });
    expect(await vehicle.reason()).toBe('downgrade_refused');
    expect(vehicle.installed).toBe('1.4.0');
  });

  test('a package older than what the vehicle came with is refused', async () => {
    const vehicle = new VehicleUnderTest();
    vehicle.cloud.publish({ content: content(), version: '1.4.0' });
    expect(await vehicle.reason({ installedVersion: '1.10.0' })).toBe('downgrade_refused');
  });

  test('an older root is refused', async () => {
    const vehicle = new VehicleUnderTest();
    const { cloud } = vehicle;
    cloud.publish({ content: content() });
    cloud.files.set('2.root.json', cloud.root(1, cloud.rootKeys));
    expect(await vehicle.reason()).toBe('metadata_rolled_back');
  });
});

describe('indefinite freeze', () => {
  test('metadata that have run out are refused', async () => {
    const vehicle = new VehicleUnderTest();
    vehicle.cloud.publish({ content: content(), expiresMs: Date.now() - 1000 });
    expect(await vehicle.reason()).toBe('metadata_expired');
  });

  test('they are refused by the vehicle’s own time, although the clock was set back', async () => {
    const vehicle = new VehicleUnderTest();
    vehicle.cloud.publish({ content: content(), expiresMs: Date.now() + HOUR_MS });
    vehicle.aheadMs = 2 * HOUR_MS;
    expect(await vehicle.reason()).toBe('metadata_expired');
  });

  test('a root that has run out is trusted for nothing', async () => {
    const vehicle = new VehicleUnderTest();
    const { cloud } = vehicle;
    cloud.publish({ content: content() });
    cloud.files.set('2.root.json', cloud.root(2, cloud.rootKeys, Date.now() - 1000));
    expect(await vehicle.reason()).toBe('metadata_expired');
  });
});

describe('endless data', () => {
  const endless = (): Response => {
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>): void =>
      controller.enqueue(new Uint8Array(65_536));
    return new Response(new ReadableStream({ pull }));
  };

  test.each(['1.root.json', 'timestamp.json', '1.snapshot.json', '1.targets.json'])(
    'a %s that never ends is cut off',
    async (name) => {
      const vehicle = new VehicleUnderTest();
      vehicle.cloud.publish({ content: content() });
      const isIt = (url: string): boolean =>
        url.endsWith(`/${name}`) || (name === '1.root.json' && url === ROOT_URL);
      vehicle.cloud.instead = (url) => Promise.resolve(isIt(url) ? endless() : AS_USUAL());
      expect(await vehicle.reason()).toBe('metadata_too_long');
    },
  );

  test('a package that does not end where its metadata say is cut off', async () => {
    const vehicle = new VehicleUnderTest();
    vehicle.cloud.publish({ content: content() });
    vehicle.cloud.instead = (url) => Promise.resolve(url.includes('/targets/') ? endless() : AS_USUAL());
    expect(await vehicle.reason()).toBe('content_too_long');
  });
});

describe('slow retrieval', () => {
  /** A byte every so often. */
  const trickle = (everyMs: number): Response => {
    let timer: NodeJS.Timeout;
    const start = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
      timer = setInterval(() => controller.enqueue(new Uint8Array(1)), everyMs);
    };
    return new Response(new ReadableStream({ start, cancel: () => clearInterval(timer) }));
  };

  test.each([
    ['timestamp.json', 5],
    ['timestamp.json', 10_000],
    ['x.pkg_1', 5],
    ['x.pkg_1', 10_000],
  ] as const)('a %s of which a byte comes every %i ms is given up', async (name, everyMs) => {
    const vehicle = new VehicleUnderTest();
    vehicle.cloud.publish({ content: content() });
    vehicle.cloud.instead = (url) =>
      Promise.resolve(url.endsWith(`/${name}`) ? trickle(everyMs) : AS_USUAL());
    expect(await vehicle.reason()).toBe('download_failed');
    expect(vehicle.installed).toBeUndefined();
  });
});

describe('mix and match', () => {
  test('targets of another publication than the snapshot names are refused', async () => {
    const vehicle = new VehicleUnderTest();
    const { cloud } = vehicle;
    cloud.publish({ content: content(), version: '1.3.0', metadataVersion: 1 });
    const old = cloud.files.get('1.targets.json')!;
    cloud.publish({ content: content(), version: '1.4.0', metadataVersion: 2 });
    cloud.files.set('2.targets.json', old);
    expect(await vehicle.reason()).toBe('metadata_mixed');
  });

  test('a snapshot of another publication than the timestamp names is refused', async () => {
    const vehicle = new VehicleUnderTest();
    const { cloud } = vehicle;
    cloud.publish({ content: content(), metadataVersion: 1 });
    const old = cloud.files.get('1.snapshot.json')!;
    cloud.publish({ content: content(), metadataVersion: 2 });
    cloud.files.set('2.snapshot.json', old);
    expect(await vehicle.reason()).toBe('metadata_mixed');
  });

  test('metadata of another vehicle, whole and rightly signed, are refused and not kept', async () => {
    const vehicle = new VehicleUnderTest();
    vehicle.cloud.publish({ content: content(), vehicleId: 'LSVAA4182E2184848', metadataVersion: 900 });
    expect(await vehicle.reason()).toBe('metadata_other_vehicle');
    vehicle.cloud.publish({ content: content(), metadataVersion: 2 });
    expect(await vehicle.reason()).toBe('installed');
  });

  test('a target of another part, of another version than the right is for, or of none is refused', async () => {
    const vehicle = new VehicleUnderTest();
    vehicle.cloud.publish({ content: content() });
    expect(await vehicle.reason({ partNumber: 'other.part' })).toBe('target_other_part');
    expect(await vehicle.reason({ version: '2.0' })).toBe('version_not_wanted');
    expect(await vehicle.reason({ version: '1.3', versionRule: 'exact' })).toBe('version_not_wanted');
    expect(await vehicle.reason({ targetName: 'pkg_2' })).toBe('target_missing');
  });
});

describe('wrong hash or length', () => {
  test('a package longer or shorter than signed is refused', async () => {
    const vehicle = new VehicleUnderTest();
    const bytes = content();
    vehicle.cloud.publish({ content: bytes, targets: { length: bytes.length - 1 } });
    expect(await vehicle.reason()).toBe('content_too_long');
    vehicle.cloud.publish({ content: bytes, metadataVersion: 2, targets: { length: bytes.length + 1 } });
    expect(await vehicle.reason()).toBe('download_failed');
  });
});

describe('compromise of keys', () => {
  test('one root key of three makes no root', async () => {
    const vehicle = new VehicleUnderTest();
    const { cloud } = vehicle;
    cloud.publish({ content: content() });
    cloud.keys = { ...cloud.keys, targets: makeTufKey() };
    cloud.files.set('2.root.json', cloud.root(2, cloud.rootKeys.slice(0, 1)));
    expect(await vehicle.reason()).toBe('metadata_forged');
  });

  test('who has the key of the timestamp only installs nothing', async () => {
    const vehicle = new VehicleUnderTest();
    const { timestamp } = vehicle.cloud.keys;
    const theirs = { targets: timestamp, snapshot: timestamp };
    vehicle.cloud.publish({ content: content(), keys: theirs });
    expect(await vehicle.reason()).toBe('metadata_forged');
  });

  test('after a fast-forward by stolen keys new keys in the root make the vehicle go on', async () => {
    const vehicle = new VehicleUnderTest();
    const { cloud } = vehicle;
    cloud.publish({ content: content(), metadataVersion: 2_000_000_000 });
    await vehicle.fetch();
    cloud.publish({ content: content(), version: '1.5.0', metadataVersion: 2 });
    expect(await vehicle.reason()).toBe('metadata_rolled_back');
    cloud.keys = { targets: makeTufKey(), snapshot: makeTufKey(), timestamp: makeTufKey() };
    cloud.files.set('2.root.json', cloud.root(2, cloud.rootKeys.slice(1)));
    cloud.publish({ content: content(), version: '1.5.0', metadataVersion: 2 });
    expect(await vehicle.fetch()).toEqual({ ok: true, version: '1.5.0' });
  });
});

describe('downloads', () => {
  test('a connection that breaks is taken up where it ended', async () => {
    const vehicle = new VehicleUnderTest();
    const bytes = content();
    vehicle.cloud.publish({ content: bytes });
    let isFirst = true;
    vehicle.cloud.instead = (url) => {
      if (!url.includes('/targets/') || !isFirst) return Promise.resolve(AS_USUAL());
      isFirst = false;
      return Promise.resolve(new Response(new Uint8Array(bytes.subarray(0, 60_000))));
    };
    expect(await vehicle.reason()).toBe('installed');
    expect(vehicle.cloud.asked.slice(-2)).toEqual(['x.pkg_1', 'x.pkg_1 bytes=60000-']);
  });

  test.each([
    ['that cannot be reached', () => Promise.reject(new Error('connect ECONNREFUSED')), 'ECONNREFUSED'],
    [
      'that is busy',
      () =>
        Promise.resolve(
          new Response('{"code":"ota_busy"}', { status: 503, headers: { 'retry-after': '10' } }),
        ),
      'ota_busy',
    ],
    [
      'that answers with nothing',
      () => Promise.resolve(new Response(new Uint8Array())),
      'after 0 of 100000 bytes',
    ],
  ])('a server %s is asked once, not again and again at once', async (_which, answer, detail) => {
    const vehicle = new VehicleUnderTest();
    vehicle.cloud.publish({ content: content() });
    vehicle.cloud.instead = (url) => (url.includes('/targets/') ? answer() : Promise.resolve(AS_USUAL()));
    expect(await vehicle.fetch()).toMatchObject({
      reason: 'download_failed',
      detail: expect.stringContaining(detail) as string,
    });
    expect(vehicle.cloud.asked.filter((one) => one.startsWith('x.pkg_1'))).toHaveLength(1);
  });

  test('a connection that always breaks is tried five times, each from where the last one ended', async () => {
    const vehicle = new VehicleUnderTest();
    const bytes = content();
    vehicle.cloud.publish({ content: bytes });
    vehicle.cloud.instead = (url, init) => {
      if (!url.includes('/targets/')) return Promise.resolve(AS_USUAL());
      const from = Number(/\d+/.exec(new Headers(init.headers).get('range') ?? '0')?.[0]);
      const headers = { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
      const some = new Uint8Array(bytes.subarray(from, from + 1000));
      return Promise.resolve(new Response(some, { status: from === 0 ? 200 : 206, headers }));
    };
    expect(await vehicle.reason()).toBe('download_failed');
    expect(vehicle.cloud.asked.filter((one) => one.startsWith('x.pkg_1'))).toEqual([
      'x.pkg_1',
      ...[1000, 2000, 3000, 4000].map((from) => `x.pkg_1 bytes=${from}-`),
    ]);
  });

  test('what the server refuses is told with its code', async () => {
    const vehicle = new VehicleUnderTest();
    vehicle.cloud.publish({ content: content() });
    const problem = () => new Response('{"code":"ota_url_expired"}', { status: 403 });
    vehicle.cloud.instead = (url) => Promise.resolve(url.includes('/targets/') ? problem() : AS_USUAL());
    expect(await vehicle.fetch()).toMatchObject({ reason: 'download_refused', detail: 'ota_url_expired' });
  });
});
