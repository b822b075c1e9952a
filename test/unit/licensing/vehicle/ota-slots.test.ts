// The two slots of a part: power may go at any step, and the part starts all the same.

import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Image, PartSlots, type Started } from '../../../../licensing/vehicle/ota/slots.ts';
import type { SlotFiles } from '../../../../licensing/vehicle/ota/small-files.ts';
import { FailingDisk, type Fate, PowerLost } from './failing-disk.ts';

const WORKS = () => Promise.resolve(true);
const FAILS = () => Promise.resolve(false);

class Part {
  readonly disk = new FailingDisk();
  readonly files: SlotFiles = {
    ...this.disk.files,
    sha256Of: (file) => Promise.resolve(hashOf(this.disk.files.read(file))),
  };

  get slots(): PartSlots {
    return new PartSlots('/slots/p', this.files);
  }

  /** As a download leaves it: checked and synced. */
  downloaded(version: string): Image {
    const bytes = randomBytes(100);
    this.disk.files.write('/downloads/x', bytes);
    this.disk.files.sync('/downloads/x');
    this.disk.files.syncFolder('/downloads');
    return { version, length: bytes.length, sha256: hashOf(bytes)! };
  }

  async install(version: string, selfTest = WORKS): Promise<Started> {
    const image = this.downloaded(version);
    this.slots.install('/downloads/x', image);
    return await this.slots.start(selfTest);
  }
}

function hashOf(bytes: Buffer | undefined): string | undefined {
  return bytes && createHash('sha256').update(bytes).digest('hex');
}

describe.each(['lost', 'torn', 'kept'] as const satisfies readonly Fate[])(
  'what was not synced is %s',
  (fate) => {
    test('power that goes at any step of an installation leaves software that starts, and the next try installs', async () => {
      const seen = new Set<string>();
      for (let step = 0; ; step++) {
        const part = new Part();
        await part.install('1.0');
        const image = part.downloaded('1.1');
        part.disk.failAfter(step);
        let isDone = false;
        try {
          part.slots.install('/downloads/x', image);
          isDone = (await part.slots.start(WORKS)).kind === 'running';
        } catch (error) {
          if (!(error instanceof PowerLost)) throw error;
        }
        part.disk.plugIn(fate);
        const started = await part.slots.start(WORKS);
        const running = started.kind === 'empty' ? undefined : started.image;
        expect(running, `after step ${step}`).toBeDefined();
        const bytes = ['a', 'b'].map((slot) => hashOf(part.disk.files.read(`/slots/p/${slot}.image`)));
        expect(bytes, `after step ${step}`).toContain(running!.sha256);
        seen.add(running!.version);
        expect(await part.install('1.2'), `after step ${step}`).toMatchObject({ kind: 'running' });
        if (isDone) break;
      }
      expect([...seen].toSorted()).toEqual(['1.0', '1.1']);
    });
  },
);

test('software that does not start falls back to what ran before, which may be installed over again', async () => {
  const part = new Part();
  await part.install('1.0');
  const fell = await part.install('2.0', FAILS);
  expect(fell).toMatchObject({ kind: 'fell_back', failed: { version: '2.0' }, image: { version: '1.0' } });
  expect([part.slots.running?.version, part.slots.floor, part.slots.isDowngrade('1.5')]).toEqual([
    '1.0',
    '1.0',
    false,
  ]);
  expect(await part.install('1.5')).toMatchObject({ kind: 'running', image: { version: '1.5' } });
});

test('what is below a version that has proved itself is a downgrade', async () => {
  const part = new Part();
  await part.install('1.9');
  await part.install('1.10');
  expect(['1.9', '1.10', '1.10.0.1'].map((version) => part.slots.isDowngrade(version))).toEqual([
    true,
    false,
    false,
  ]);
});

test('software that takes the power with it twice is given up', async () => {
  const part = new Part();
  await part.install('1.0');
  part.slots.install('/downloads/x', part.downloaded('2.0'));
  for (let time = 0; time < 2; time++) {
    await expect(part.slots.start(() => Promise.reject(new PowerLost()))).rejects.toThrow();
    part.disk.plugIn('kept');
  }
  expect(await part.slots.start(WORKS)).toMatchObject({ kind: 'fell_back', image: { version: '1.0' } });
});

test('an image that was changed in its slot is not started', async () => {
  const part = new Part();
  await part.install('1.0');
  part.slots.install('/downloads/x', part.downloaded('2.0'));
  part.disk.files.write('/slots/p/b.image', Buffer.from('swapped'));
  expect(await part.slots.start(WORKS)).toMatchObject({ kind: 'fell_back', image: { version: '1.0' } });
});
