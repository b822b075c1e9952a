// Tests where the master key comes from, and that one that does not fit the store is told by name. What it has in
// common with the owner key (permissions, full disks, two processes at once) is tested with that one.

import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  checkProbe,
  loadMasterKey,
  sealProbe,
  type LoadedMasterKey,
} from '../../../../platform/secrets/master-key.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'rovercast-master-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const keyFile = (): string => path.join(folder, 'master.key');
const BYTES = Buffer.from('00112233445566778899aabbccddeefffffefdfcfbfaf9f8f7f6f5f4f3f2f1f0', 'hex');

function load(preset?: string): LoadedMasterKey {
  return loadMasterKey({ dataDir: folder, env: { ROVERCAST_MASTER_KEY: preset } });
}

function mustLoad(preset?: string): Extract<LoadedMasterKey, { ok: true }> {
  const loaded = load(preset);
  if (!loaded.ok) throw new Error(loaded.problem.message);
  return loaded;
}

const codeOf = (loaded: LoadedMasterKey): string | undefined => (loaded.ok ? undefined : loaded.problem.code);

describe('where the master key comes from', () => {
  test('the first start makes 32 random bytes in base64 for the owner alone, and later starts take them', () => {
    const made = mustLoad();
    const again = mustLoad();
    expect([made.origin, again.origin, again.file]).toEqual(['made', 'file', keyFile()]);
    expect(again.secrets.open(made.secrets.seal('x', 'c'), 'c')).toBe('x');
    expect(Buffer.from(readFileSync(keyFile(), 'utf8'), 'base64')).toHaveLength(32);
    expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
  });

  test('hex, base64 and base64url of the same bytes are the same key', () => {
    const forms = [
      BYTES.toString('hex'),
      BYTES.toString('hex').toUpperCase(),
      BYTES.toString('base64'),
      BYTES.toString('base64url'),
    ];
    expect(BYTES.toString('base64')).toMatch(/[+/]/);
    const sealed = mustLoad(forms[0]).secrets.seal('x', 'c');
    expect(forms.map((form) => mustLoad(form).secrets.open(sealed, 'c'))).toEqual(['x', 'x', 'x', 'x']);
  });

  test.each([
    ['too few bytes', Buffer.alloc(31, 1).toString('base64')],
    ['too many bytes', Buffer.alloc(33, 1).toString('base64')],
    ['63 hex digits', 'a'.repeat(63)],
    ['a space', `${BYTES.toString('base64')} `],
    ['a password', 'correct horse battery staple'],
  ])('a preset key with %s is refused without being shown', (_what, preset) => {
    const loaded = load(preset);
    expect(codeOf(loaded)).toBe('master_key_malformed');
    expect(JSON.stringify(loaded)).not.toContain(preset);
  });

  test('a file without a key is refused, and not replaced', () => {
    writeFileSync(keyFile(), 'empty\n', { mode: 0o600 });
    expect(codeOf(load())).toBe('master_key_file_malformed');
    expect(readFileSync(keyFile(), 'utf8')).toBe('empty\n');
  });

  test('a file that others may read is taken with a warning that does not advise to delete it', () => {
    mustLoad();
    chmodSync(keyFile(), 0o640);
    expect(mustLoad().warning).toContain('chmod 600');
    expect(mustLoad().warning).not.toContain('delete');
  });
});

describe('the probe in the store', () => {
  test('the key that sealed the probe passes, whether it comes from file or environment', () => {
    const made = mustLoad();
    const probe = sealProbe(made.secrets);
    const preset = readFileSync(keyFile(), 'utf8').trim();
    expect([checkProbe(made.secrets, probe), checkProbe(mustLoad(preset).secrets, probe)]).toEqual([
      undefined,
      undefined,
    ]);
  });

  test('another key is told by name, with both ids and what to do', () => {
    const right = mustLoad();
    const wrong = mustLoad(BYTES.toString('hex'));
    const problem = checkProbe(wrong.secrets, sealProbe(right.secrets));
    expect(problem?.code).toBe('master_key_wrong');
    expect(problem?.message).toContain(right.secrets.keyId);
    expect(problem?.message).toContain(wrong.secrets.keyId);
    expect(problem?.fix).toContain('master.key');
  });

  test('a probe that is damaged or none at all is told apart from a wrong key', () => {
    const { secrets } = mustLoad();
    const probe = sealProbe(secrets);
    for (const damaged of ['', 'probe', probe.slice(0, -2), secrets.seal('rovercast', 'something else')]) {
      expect(checkProbe(secrets, damaged)?.code).toBe('master_key_probe_damaged');
    }
  });
});
