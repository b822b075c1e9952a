// The vehicle's memory, with the power going at every single step, and with hands on its files.

import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { anchorIn } from '../../../../licensing/vehicle/storage/counter-anchor.ts';
import { loadDeviceKey } from '../../../../licensing/vehicle/storage/device-key.ts';
import { SealedFiles } from '../../../../licensing/vehicle/storage/sealed-files.ts';
import { useTempFolder } from '../../../support/temp-folder.ts';
import { FailingDisk, type Fate, PowerLost } from './failing-disk.ts';

const KEY = Buffer.alloc(32, 7);
const WRITES = ['one', 'two', 'three', 'four', 'five'];
const temporary = useTempFolder();

function folder(): string {
  const made = path.join(temporary, randomBytes(6).toString('hex'));
  mkdirSync(made);
  return made;
}

function textIn(files: SealedFiles, name = 'state'): string {
  const kept = files.read(name);
  return kept.kind === 'kept' ? kept.bytes.toString() : kept.kind;
}

/** Writes until the power goes; tells what was written for certain, and what was under way. */
function writeUntilFailure(disk: FailingDisk): { done: string; underWay: string } {
  const files = new SealedFiles('/car', KEY, disk.files);
  let done = 'none';
  for (const text of WRITES) {
    try {
      files.write('state', Buffer.from(text));
    } catch (error) {
      if (!(error instanceof PowerLost)) throw error;
      return { done, underWay: text };
    }
    done = text;
  }
  return { done, underWay: done };
}

describe.each<Fate>(['lost', 'torn', 'kept'])('where what was not synced is %s', (fate) => {
  test('a record opens as it was before or after the write, whichever step the power went at', () => {
    const whole = new FailingDisk();
    writeUntilFailure(whole);
    for (let step = 0; step <= whole.steps; step += 1) {
      const disk = new FailingDisk();
      disk.failAfter(step);
      const { done, underWay } = writeUntilFailure(disk);
      disk.plugIn(fate);
      const found = textIn(new SealedFiles('/car', KEY, disk.files));
      expect([done, underWay], `step ${step}`).toContain(found);
    }
    expect(whole.steps).toBe(WRITES.length * 4);
  });

  test('the power may go at each step again after it went before, and the record goes on', () => {
    for (let step = 0; step < 8; step += 1) {
      const disk = new FailingDisk();
      new SealedFiles('/car', KEY, disk.files).write('state', Buffer.from('zero'));
      for (let round = 0; round < 4; round += 1) {
        disk.failAfter(step);
        writeUntilFailure(disk);
        disk.plugIn(fate);
      }
      const files = new SealedFiles('/car', KEY, disk.files);
      expect(['zero', ...WRITES]).toContain(textIn(files));
      files.write('state', Buffer.from('last'));
      expect(textIn(new SealedFiles('/car', KEY, disk.files))).toBe('last');
    }
  });
});

test('what rests on the disk shows nothing of what was kept, and is for its owner only', () => {
  const at = folder();
  new SealedFiles(at, KEY).write('state', Buffer.from('a secret of the car'));
  expect(readdirSync(at)).toEqual(['state.0']);
  expect(readFileSync(path.join(at, 'state.0')).includes('secret')).toBe(false);
  expect(statSync(path.join(at, 'state.0')).mode & 0o777).toBe(0o600);
});

test('a changed bit, another name and another key open nothing', () => {
  const at = folder();
  new SealedFiles(at, KEY).write('state', Buffer.from('x'));
  copyFileSync(path.join(at, 'state.0'), path.join(at, 'other.0'));
  expect(textIn(new SealedFiles(at, KEY), 'other')).toBe('unreadable');
  expect(textIn(new SealedFiles(at, Buffer.alloc(32, 8)))).toBe('unreadable');
  const bytes = readFileSync(path.join(at, 'state.0'));
  for (let index = 0; index < bytes.length; index += 1) {
    const changed = Buffer.from(bytes);
    changed[index]! ^= 1;
    writeFileSync(path.join(at, 'state.0'), changed);
    expect(textIn(new SealedFiles(at, KEY))).toBe('unreadable');
  }
});

test('a generation that was taken away gives the other one, and says so', () => {
  const at = folder();
  const files = new SealedFiles(at, KEY);
  for (const text of ['one', 'two', 'three']) files.write('state', Buffer.from(text));
  rmSync(path.join(at, 'state.0'));
  expect(new SealedFiles(at, KEY).read('state')).toMatchObject({ bytes: Buffer.from('two'), isOlder: true });
});

test('a damaged newest generation gives the one before, says so, and the next write is newer than both', () => {
  const at = folder();
  const files = new SealedFiles(at, KEY);
  for (const text of ['one', 'two']) files.write('state', Buffer.from(text));
  const damaged = readFileSync(path.join(at, 'state.1'));
  damaged[damaged.length - 1]! ^= 1;
  writeFileSync(path.join(at, 'state.1'), damaged);
  const again = new SealedFiles(at, KEY);
  expect(again.read('state')).toEqual({ kind: 'kept', bytes: Buffer.from('one'), isOlder: true });
  again.write('state', Buffer.from('three'));
  expect(new SealedFiles(at, KEY).read('state')).toMatchObject({
    bytes: Buffer.from('three'),
    isOlder: false,
  });
});

test('a counter kept elsewhere shows that storage was put back', () => {
  const elsewhere = folder();
  anchorIn(new SealedFiles(elsewhere, KEY)).raise(41);
  anchorIn(new SealedFiles(elsewhere, KEY)).raise(42);
  expect(anchorIn(new SealedFiles(elsewhere, KEY)).read()).toBe(42);
});

test('the device key is made once, for its owner only, and the environment may give another', () => {
  const at = folder();
  const made = loadDeviceKey(at, {});
  expect(loadDeviceKey(at, {})).toEqual(made);
  expect(statSync(path.join(at, 'device.key')).mode & 0o777).toBe(0o600);
  const preset = loadDeviceKey(at, { ROVERCAST_VEHICLE_KEY: 'ab'.repeat(32) });
  expect(preset).toEqual({ ok: true, key: Buffer.alloc(32, 0xab) });
  expect(loadDeviceKey(at, { ROVERCAST_VEHICLE_KEY: 'ab' }).ok).toBe(false);
});
