// What the suite of tests of The Update Framework (tuf-conformance) tries with any client and ota-attacks.test.ts does not:
// first roots that are none, rotations of keys, thresholds, versions and ends of each role alone, and files in the place
// of others. The tables of rotations are that suite's.

import { describe, expect, test } from 'vitest';
import { makeTufKey, type TufKey } from '../../../../licensing/ota/tuf-metadata.ts';
import { AS_USUAL, content, resigned, ROOT_URL } from './evil-repository.ts';
import { VehicleUnderTest } from './ota-vehicle-under-test.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FAR = 2_000_000_000;

const keys: readonly TufKey[] = Array.from({ length: 10 }, makeTufKey);
const some = (...numbers: readonly number[]): TufKey[] => numbers.map((number) => keys[number]!);

function published(...publications: Parameters<VehicleUnderTest['cloud']['publish']>): VehicleUnderTest {
  const vehicle = new VehicleUnderTest();
  vehicle.cloud.publish(...publications);
  return vehicle;
}

describe('a first root', () => {
  test.each([
    ['that is a page of somebody else', () => '<html>length expired</html>', 'metadata_malformed'],
    ['that is cut off', (root: string) => root.slice(0, -20), 'metadata_malformed'],
    [
      'without its version',
      (root: string) => resigned(root, [], (signed) => delete signed['version']),
      'metadata_malformed',
    ],
    ['without a signature', (root: string) => resigned(root, []), 'metadata_forged'],
    ['signed by foreign keys', (root: string) => resigned(root, some(0, 1, 2)), 'metadata_forged'],
  ] as const)('%s is refused and not pinned: the next one is asked for anew', async (_, make, reason) => {
    const vehicle = published({ content: content() });
    const bad = make(vehicle.cloud.files.get('1.root.json')!);
    vehicle.cloud.instead = (url) => Promise.resolve(url === ROOT_URL ? new Response(bad) : AS_USUAL());
    expect(await vehicle.reason()).toBe(reason);
    vehicle.cloud.instead = undefined;
    expect(await vehicle.reason()).toBe('installed');
  });

  test('that has run out leads to the one behind it', async () => {
    const vehicle = published({ content: content() });
    const { cloud } = vehicle;
    cloud.files.set('1.root.json', cloud.root(1, cloud.rootKeys, Date.now() - DAY_MS));
    cloud.files.set('2.root.json', cloud.root(2, cloud.rootKeys));
    expect(await vehicle.reason()).toBe('installed');
    expect(vehicle.keeps('root')).toBe(2);
  });
});

describe('root rotations', () => {
  interface RootVersion {
    readonly keys: readonly number[];
    readonly threshold: number;
    readonly signedBy: readonly number[];
  }
  const version = (of: readonly number[], threshold: number, signedBy: readonly number[]): RootVersion => ({
    keys: of,
    threshold,
    signedBy,
  });
  const five = [0, 1, 2, 3, 4];

  const GOOD: Readonly<Record<string, readonly RootVersion[]>> = {
    'one key by another': [version([1], 1, [1]), version([2], 1, [2, 1]), version([2], 1, [2])],
    'one key by another, with signatures of nobody': [
      ...[version([1], 1, [3, 1, 4]), version([2], 1, [3, 2, 1, 4]), version([2], 1, [3, 2, 4])],
    ],
    'three of five, each time others': [version(five, 3, [0, 2, 4]), version(five, 3, [0, 4, 1])],
    'one of five': [version(five, 3, [0, 2, 4]), version([0, 1, 3, 4, 5], 3, [0, 4, 1])],
    'all of five': [
      ...[version(five, 3, [0, 2, 4]), version([5, 6, 7, 8, 9], 3, [0, 2, 4, 5, 6, 7])],
      version([5, 6, 7, 8, 9], 3, [5, 6, 7]),
    ],
    'a threshold that rises': [version([1, 2, 3], 1, [1]), version([1, 2, 3], 2, [1, 2])],
    'a threshold that falls': [
      ...[version([1, 2, 3], 2, [1, 2]), version([1, 2, 3], 1, [1, 2]), version([1, 2, 3], 1, [1])],
    ],
  };
  const BAD: Readonly<Record<string, readonly RootVersion[]>> = {
    'not signed by the old key': [version([1], 1, [1]), version([2], 1, [2, 3, 4])],
    'not signed by the new key': [version([1], 1, [1]), version([2], 1, [1, 3, 4])],
    'by too few of the new keys': [version(five, 3, [0, 2, 4]), version([0, 1, 3, 4, 5], 3, [0, 2, 4])],
    'by too few of the old keys': [version(five, 3, [0, 2, 4]), version([0, 1, 3, 4, 5], 3, [0, 4, 5])],
    'by too few for a threshold that rises': [version([1, 2, 3], 1, [1]), version([1, 2, 3], 2, [2])],
    'by too few for the threshold that falls': [version([1, 2, 3], 2, [1, 2]), version([1, 2, 3], 1, [1])],
  };

  function rotated(versions: readonly RootVersion[]): VehicleUnderTest {
    const vehicle = published({ content: content() });
    const { cloud } = vehicle;
    for (const [index, { keys: of, threshold, signedBy }] of versions.entries()) {
      const root = cloud.root(index + 1, [], undefined, { root: { keys: some(...of), threshold } });
      cloud.files.set(`${index + 1}.root.json`, resigned(root, some(...signedBy)));
    }
    return vehicle;
  }

  test.each(Object.entries(GOOD))('%s: is gone along with', async (_, versions) => {
    const vehicle = rotated(versions);
    expect(await vehicle.reason()).toBe('installed');
    expect(vehicle.keeps('root')).toBe(versions.length);
  });

  test.each(Object.entries(BAD))('a root %s is refused, and the one before is kept', async (_, versions) => {
    const vehicle = rotated(versions);
    expect(await vehicle.reason()).toBe('metadata_forged');
    expect([vehicle.keeps('root'), vehicle.installed]).toEqual([versions.length - 1, undefined]);
  });

  test('a root that one key has signed twice, where two must sign, is refused', async () => {
    const vehicle = rotated([version([1, 2, 3], 2, [1, 2]), version([1, 2, 3], 2, [1, 1])]);
    expect([await vehicle.reason(), vehicle.keeps('root')]).toEqual(['metadata_malformed', 1]);
  });

  test('a root that leaves out a version is refused', async () => {
    const vehicle = published({ content: content() });
    const { cloud } = vehicle;
    cloud.files.set('2.root.json', cloud.root(3, cloud.rootKeys));
    expect(await vehicle.reason()).toBe('metadata_rolled_back');
  });
});

describe('thresholds of another role', () => {
  test.each([
    ['three of five', [0, 2, 4], 'installed'],
    ['other three of five', [2, 3, 4], 'installed'],
    ['three of five and one of nobody', [8, 0, 1, 2], 'installed'],
    ['two of five', [0, 4], 'metadata_forged'],
    ['two of five and one of nobody', [0, 4, 8], 'metadata_forged'],
    ['one of five, three times', [0, 0, 0], 'metadata_malformed'],
  ] as const)('signed by %s', async (_, signedBy, outcome) => {
    const vehicle = published({ content: content() });
    const { cloud } = vehicle;
    const timestamp = { keys: some(0, 1, 2, 3, 4), threshold: 3 };
    cloud.files.set('2.root.json', cloud.root(2, cloud.rootKeys, undefined, { timestamp }));
    cloud.files.set('timestamp.json', resigned(cloud.files.get('timestamp.json')!, some(...signedBy)));
    expect(await vehicle.reason()).toBe(outcome);
  });
});

describe('versions', () => {
  test('a timestamp of the same version with other contents is not kept, and nothing of it is taken', async () => {
    const vehicle = published({ content: content() });
    await vehicle.fetch();
    const versions = { targets: 2, snapshot: 2, timestamp: 1 };
    vehicle.cloud.publish({ content: content(), version: '1.5.0', versions });
    expect(await vehicle.fetch()).toEqual({ ok: true, version: '1.4.0' });
    expect([vehicle.keeps('timestamp'), vehicle.keeps('snapshot'), vehicle.installed]).toEqual([
      1,
      1,
      '1.4.0',
    ]);
  });

  test.each([
    ['an older snapshot, which a newer timestamp names,', { timestamp: 6, snapshot: 4, targets: 5 }],
    ['older targets, which a newer snapshot names,', { timestamp: 6, snapshot: 6, targets: 4 }],
  ])('%s are refused, and what was seen before stays', async (_, versions) => {
    const vehicle = published({ content: content(), metadataVersion: 5 });
    await vehicle.fetch();
    vehicle.cloud.publish({ content: content(), version: '1.5.0', versions });
    expect(await vehicle.reason()).toBe('metadata_rolled_back');
    expect([vehicle.keeps('snapshot'), vehicle.keeps('targets')]).toEqual([5, 5]);
  });

  test.each(['snapshot', 'targets'] as const)(
    'a %s file of another version than it is named with is refused',
    async (role) => {
      const vehicle = published({
        ...{ content: content(), metadataVersion: 2 },
        changes: { [role]: (signed: Record<string, unknown>) => (signed['version'] = 3) },
      });
      expect(await vehicle.reason()).toBe('metadata_mixed');
      expect(vehicle.keeps(role)).toBeUndefined();
    },
  );

  test('a snapshot that names no targets any more is refused', async () => {
    const vehicle = published({ content: content() });
    await vehicle.fetch();
    vehicle.cloud.publish({
      ...{ content: content(), metadataVersion: 2 },
      changes: { snapshot: (signed) => (signed['meta'] = {}) },
    });
    expect(await vehicle.reason()).toBe('metadata_rolled_back');
  });
});

describe('recovery from a fast-forward by new keys of', () => {
  test.each([
    ['the timestamp', { timestamp: FAR }, ['timestamp']],
    ['snapshot and timestamp', { snapshot: FAR }, ['snapshot', 'timestamp']],
    ['the snapshot, for targets', { targets: FAR }, ['snapshot']],
  ] as const)('%s', async (_, versions, roles) => {
    const vehicle = published({ content: content(), metadataVersion: 1, versions });
    expect(await vehicle.reason()).toBe('installed');
    const { cloud } = vehicle;
    const next = { content: content(), version: '1.5.0' } as const;
    cloud.publish({ ...next, metadataVersion: 2 });
    expect(await vehicle.reason()).toBe('metadata_rolled_back');
    cloud.keys = { ...cloud.keys, ...Object.fromEntries(roles.map((role) => [role, makeTufKey()])) };
    cloud.files.set('2.root.json', cloud.root(2, cloud.rootKeys));
    cloud.publish({ ...next, metadataVersion: 3 });
    expect(await vehicle.fetch()).toEqual({ ok: true, version: '1.5.0' });
  });
});

describe('ends', () => {
  test.each(['targets', 'snapshot', 'timestamp'] as const)(
    '%s alone that have run out are refused',
    async (role) => {
      const vehicle = published({ content: content() });
      await vehicle.fetch();
      const expires = { [role]: Date.now() - 1000 };
      vehicle.cloud.publish({ content: content(), version: '1.5.0', metadataVersion: 2, expires });
      expect(await vehicle.reason()).toBe('metadata_expired');
      expect(vehicle.installed).toBe('1.4.0');
    },
  );

  test('a vehicle that slept until all that it keeps has run out goes on with what is new', async () => {
    const vehicle = published({ content: content() });
    await vehicle.fetch();
    vehicle.aheadMs = 18 * DAY_MS;
    const expiresMs = Date.now() + 19 * DAY_MS;
    vehicle.cloud.publish({ content: content(), version: '1.5.0', metadataVersion: 2, expiresMs });
    expect(await vehicle.fetch()).toEqual({ ok: true, version: '1.5.0' });
  });
});

describe('a file in the place of another', () => {
  test('a snapshot that the timestamp’s key has signed is no timestamp', async () => {
    const vehicle = published({ content: content() });
    const { cloud } = vehicle;
    cloud.files.set('timestamp.json', resigned(cloud.files.get('1.snapshot.json')!, [cloud.keys.timestamp]));
    expect(await vehicle.reason()).toBe('metadata_malformed');
  });

  test('a timestamp that the root’s keys have signed is no root', async () => {
    const vehicle = published({ content: content() });
    const { cloud } = vehicle;
    cloud.files.set('2.root.json', resigned(cloud.files.get('timestamp.json')!, cloud.rootKeys));
    expect(await vehicle.reason()).toBe('metadata_malformed');
    expect(vehicle.keeps('root')).toBe(1);
  });
});

describe('what a client does not know', () => {
  test('further fields are signed like the rest, and let pass', async () => {
    const further = (signed: Record<string, unknown>) => (signed['further'] = { a: 1, b: ['x'] });
    const changes = { targets: further, snapshot: further, timestamp: further };
    const vehicle = published({ content: content(), changes });
    expect(await vehicle.reason()).toBe('installed');
  });

  test('metadata of another major version of the specification are refused', async () => {
    const changes = { timestamp: (signed: Record<string, unknown>) => (signed['spec_version'] = '2.0.0') };
    const vehicle = published({ content: content(), changes });
    expect(await vehicle.reason()).toBe('metadata_malformed');
  });

  test('a package that targets leave to others to name is not looked for there', async () => {
    const vehicle = published({ content: content() });
    const { cloud } = vehicle;
    const [other] = keys;
    const delegations = {
      keys: { [other!.id]: { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: other!.publicKey } } },
      roles: [{ name: 'others', keyids: [other!.id], threshold: 1, terminating: true, paths: ['pkg_*'] }],
    };
    cloud.publish({
      ...{ content: content(), metadataVersion: 2 },
      changes: { targets: (signed) => Object.assign(signed, { targets: {}, delegations }) },
    });
    expect(await vehicle.reason()).toBe('target_missing');
    expect(cloud.asked.filter((one) => one.includes('others'))).toEqual([]);
  });
});
