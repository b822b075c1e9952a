// Tests where the owner key comes from, that it is kept for its owner only, and that every way in which it cannot be
// had is told by name. Permissions and a full disk are the kernel's own answers, in a process of its own.

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isOwnerKey, loadOwnerKey, type LoadedOwnerKey } from '../../../../platform/secrets/owner-key.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'rovercast-key-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const preset = 'a-preset-key-of-30-characters!';
const keyFile = (dataDir: string): string => path.join(dataDir, 'owner.key');
const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8);

function mustLoad(loaded: LoadedOwnerKey): Extract<LoadedOwnerKey, { ok: true }> {
  if (!loaded.ok) throw new Error(loaded.problem.message);
  return loaded;
}

function codeOf(loaded: LoadedOwnerKey): string | undefined {
  return loaded.ok ? undefined : loaded.problem.code;
}

describe('the first start', () => {
  test('the first start makes a key of the documented form and keeps it with a line end', () => {
    const { key, origin, file } = mustLoad(loadOwnerKey({ dataDir: folder, env: {} }));
    expect([origin, file]).toEqual(['made', keyFile(folder)]);
    expect(key).toMatch(/^csk_live_[a-z2-7]{8}_[a-z2-7]{32}$/);
    expect(readFileSync(keyFile(folder), 'utf8')).toBe(`${key}\n`);
  });

  test('two folders get two keys', () => {
    const keys = ['a', 'b'].map(
      (name) => mustLoad(loadOwnerKey({ dataDir: path.join(folder, name), env: {} })).key,
    );
    expect(new Set(keys).size).toBe(2);
  });

  test('only the owner may read the key, and only the owner may enter the folders that were made', () => {
    const dataDir = path.join(folder, 'deep', 'data');
    loadOwnerKey({ dataDir, env: {} });
    expect([modeOf(keyFile(dataDir)), modeOf(dataDir), modeOf(path.dirname(dataDir))]).toEqual([
      '600',
      '700',
      '700',
    ]);
  });

  test('nothing but the key is left in the folder', () => {
    loadOwnerKey({ dataDir: folder, env: {} });
    expect(readdirSync(folder)).toEqual(['owner.key']);
  });

  test('an empty variable counts as not set', () => {
    expect(mustLoad(loadOwnerKey({ dataDir: folder, env: { ROVERCAST_OWNER_KEY: '' } })).origin).toBe('made');
  });
});

describe('a later start', () => {
  test('a later start takes the key from the file', () => {
    const { key } = mustLoad(loadOwnerKey({ dataDir: folder, env: {} }));
    expect(loadOwnerKey({ dataDir: folder, env: {} })).toEqual({
      ok: true,
      key,
      origin: 'file',
      file: keyFile(folder),
      warning: undefined,
    });
  });

  test.each(['640', '604', '622'])(
    'a key file of mode %s is taken with a warning that says what to do',
    (mode) => {
      loadOwnerKey({ dataDir: folder, env: {} });
      chmodSync(keyFile(folder), Number.parseInt(mode, 8));
      const { warning } = mustLoad(loadOwnerKey({ dataDir: folder, env: {} }));
      expect(warning).toContain('chmod 600');
    },
  );

  test('a key file that is a link to another, as some platforms mount secrets, is followed', () => {
    writeFileSync(path.join(folder, 'mounted'), preset, { mode: 0o600 });
    symlinkSync('mounted', keyFile(folder));
    expect(mustLoad(loadOwnerKey({ dataDir: folder, env: {} })).key).toBe(preset);
  });

  test.each([
    ['an empty one', ''],
    ['a short one', 'too-short\n'],
    ['one with a space in it', `${preset} ${preset}`],
    ['one with two lines', `${preset}\n${preset}\n`],
    ['one that is not text', Buffer.from([0, 255, 254, ...Buffer.from(preset)])],
    ['one without end', Buffer.alloc(1_000_000, 'x')],
  ])('a key file is refused where it is %s', (_what, content) => {
    writeFileSync(keyFile(folder), content, { mode: 0o600 });
    expect(codeOf(loadOwnerKey({ dataDir: folder, env: {} }))).toBe('owner_key_file_malformed');
  });

  test('a folder and a named pipe in place of the key file are refused and not waited for', () => {
    mkdirSync(keyFile(folder));
    expect(codeOf(loadOwnerKey({ dataDir: folder, env: {} }))).toBe('owner_key_file_malformed');
    rmSync(keyFile(folder), { recursive: true });
    spawnSync('mkfifo', [keyFile(folder)]);
    expect(codeOf(loadOwnerKey({ dataDir: folder, env: {} }))).toBe('owner_key_file_malformed');
  });
});

describe('a preset key', () => {
  test('a preset key is taken over that of the file, which stays as it is', () => {
    const { key } = mustLoad(loadOwnerKey({ dataDir: folder, env: {} }));
    expect(loadOwnerKey({ dataDir: folder, env: { ROVERCAST_OWNER_KEY: preset } })).toMatchObject({
      key: preset,
      origin: 'environment',
      file: undefined,
    });
    expect(readFileSync(keyFile(folder), 'utf8')).toBe(`${key}\n`);
  });

  test('a preset key needs no folder and makes none', () => {
    const dataDir = path.join(folder, 'none');
    loadOwnerKey({ dataDir, env: { ROVERCAST_OWNER_KEY: preset } });
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    ['23 characters', 'x'.repeat(23)],
    ['257 characters', 'x'.repeat(257)],
    ['a space', `${preset} x`],
    ['a line end, as from a file', `${preset}\n`],
    ['a letter outside ASCII', `${preset}é`],
  ])('a preset key is refused for %s, without being shown', (_what, key) => {
    const loaded = loadOwnerKey({ dataDir: folder, env: { ROVERCAST_OWNER_KEY: key } });
    expect(codeOf(loaded)).toBe('owner_key_malformed');
    expect(JSON.stringify(loaded)).not.toContain(key.trim().slice(0, 20));
  });

  test('24 characters are enough and 256 are not too many', () => {
    const lengths = [24, 256].map((length) => 'x'.repeat(length));
    const loaded = lengths.map((key) => loadOwnerKey({ dataDir: folder, env: { ROVERCAST_OWNER_KEY: key } }));
    expect(loaded.map(({ ok }) => ok)).toEqual([true, true]);
  });
});

describe('a folder that cannot be used', () => {
  test('a file in place of the folder, or on the way to it, is told as such', () => {
    writeFileSync(path.join(folder, 'file'), '');
    for (const dataDir of [path.join(folder, 'file'), path.join(folder, 'file', 'data')]) {
      expect(codeOf(loadOwnerKey({ dataDir, env: {} }))).toBe('data_dir_not_a_directory');
    }
  });

  test('the problem names the folder and says what to do', () => {
    const dataDir = path.join(folder, 'file');
    writeFileSync(dataDir, '');
    const loaded = loadOwnerKey({ dataDir, env: {} });
    expect(loaded).toMatchObject({
      problem: {
        message: `the data folder ${dataDir} cannot be used (EEXIST)`,
        fix: expect.stringContaining('ROVERCAST_DATA_DIR') as string,
      },
    });
  });

  test('a name that no file system takes is told with what the system said', () => {
    const loaded = loadOwnerKey({ dataDir: path.join(folder, 'x'.repeat(300)), env: {} });
    expect(loaded).toMatchObject({
      problem: { code: 'data_dir_unusable', message: expect.stringContaining('ENAMETOOLONG') as string },
    });
  });

  /** Loads in a process that `script` prepares; `$DIR` is the folder and `$LOAD` what loads. */
  function loadAfter(script: string): { unprepared: boolean; code: string | undefined } {
    const program = path.join(import.meta.dirname, 'load-owner-key.ts');
    const child = spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'sh', '-ec', script], {
      encoding: 'utf8',
      env: { ...process.env, DIR: folder, LOAD: `${process.execPath} ${program}` },
    });
    if (child.status !== 0) return { unprepared: true, code: undefined };
    return { unprepared: false, code: codeOf(JSON.parse(child.stdout) as LoadedOwnerKey) };
  }

  test.each([
    ['data_dir_not_writable', 'is read-only', 'mount -t tmpfs -o ro tmpfs "$DIR"; $LOAD "$DIR"'],
    [
      'data_dir_not_writable',
      'lies on a read-only disk',
      'mount -t tmpfs -o ro tmpfs "$DIR"; $LOAD "$DIR/data"',
    ],
    ['data_dir_full', 'has no room for a file', 'mount -t tmpfs -o nr_inodes=1 tmpfs "$DIR"; $LOAD "$DIR"'],
    ['data_dir_not_writable', 'is not its own', 'chmod 500 "$DIR"; unshare --user $LOAD "$DIR"'],
    [
      'owner_key_file_unreadable',
      'has a key of somebody else',
      'touch "$DIR/owner.key"; chmod 0 "$DIR/owner.key"; unshare --user $LOAD "$DIR"',
    ],
    [
      'data_dir_full',
      'has no room for a byte',
      'mount -t tmpfs -o size=4k tmpfs "$DIR"; head -c 4096 /dev/zero >"$DIR/filler"; $LOAD "$DIR"',
    ],
  ])('%s is told of a folder that %s', (code, _what, script, context?: { skip: (note: string) => void }) => {
    const result = loadAfter(script);
    if (result.unprepared) context?.skip('file systems of their own need user namespaces (unshare, mount)');
    expect(result.code).toBe(code);
  });
});

describe('processes that start together', () => {
  test('ten processes that start at once on a new folder all have the same key', () => {
    const program = path.join(import.meta.dirname, 'load-owner-key.ts');
    const script = 'for n in 0 1 2 3 4 5 6 7 8 9; do "$0" "$1" "$2" & done; wait';
    const { stdout } = spawnSync(
      'sh',
      ['-c', script, process.execPath, program, path.join(folder, 'deep', 'data')],
      {
        encoding: 'utf8',
      },
    );
    const loaded = stdout
      .trim()
      .split('\n')
      .map((line) => mustLoad(JSON.parse(line) as LoadedOwnerKey));
    expect(loaded).toHaveLength(10);
    expect(new Set(loaded.map(({ key }) => key)).size).toBe(1);
    expect(loaded.filter(({ origin }) => origin === 'made')).toHaveLength(1);
  });
});

describe('a presented key', () => {
  test('only the very key is the owner key', () => {
    const near = [preset.slice(0, -1), `${preset}!`, preset.toUpperCase(), '', ` ${preset}`];
    expect([preset, ...near].map((presented) => isOwnerKey(presented, preset))).toEqual([
      true,
      ...near.map(() => false),
    ]);
  });
});
