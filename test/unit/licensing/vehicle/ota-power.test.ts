// Power that goes at any write of the whole client, on a real disk: trust, downloads and slots are such that the next try
// ends well, and what ran before starts until then.

import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openOtaClient, slotsOf } from '../../../../licensing/vehicle/ota/ota-client.ts';
import { REAL_SLOT_FILES, type SlotFiles } from '../../../../licensing/vehicle/ota/small-files.ts';
import { useTempFolder } from '../../../support/temp-folder.ts';
import { content, EvilRepository, PART, ROOT_URL } from './evil-repository.ts';
import { PowerLost } from './failing-disk.ts';

const temp = useTempFolder();
const VIN = 'LSVAA4182E2184847';

/** Fails from the change after so many on. */
function failingAfter(changes: number): SlotFiles {
  let left = changes;
  const change = (): void => {
    if (left-- <= 0) throw new PowerLost();
  };
  const real = REAL_SLOT_FILES;
  return {
    ...real,
    write(file, bytes) {
      change();
      real.write(file, bytes);
    },
    sync(file) {
      change();
      real.sync(file);
    },
    rename(from, to) {
      change();
      real.rename(from, to);
    },
    syncFolder(folder) {
      change();
      real.syncFolder(folder);
    },
    remove(file) {
      change();
      real.remove(file);
    },
  };
}

test('power that goes at any write leaves a vehicle whose next update ends well', async () => {
  const bytes = content(10_000);
  for (let changes = 0; ; changes++) {
    const folder = mkdtempSync(path.join(temp, 'power-'));
    const cloud = new EvilRepository(VIN);
    const update = async (steps: SlotFiles) =>
      await openOtaClient(
        { folder, otaRootUrl: ROOT_URL },
        {
          vehicleId: VIN,
          sign: (typ, fields) => ({ typ, ...fields }),
          now: Date.now,
          fetch: cloud.fetch,
          steps,
        },
      ).fetch(cloud.offer, new AbortController().signal);
    cloud.publish({ content: content(10_000), version: '1.3.0' });
    expect(await update(REAL_SLOT_FILES)).toEqual({ ok: true, version: '1.3.0' });
    cloud.publish({ content: bytes, version: '1.4.0', metadataVersion: 2 });
    let isDone = false;
    try {
      isDone = (await update(failingAfter(changes))).ok;
    } catch (error) {
      if (!(error instanceof PowerLost)) throw error;
    }
    const started = await slotsOf(folder, PART).start(() => Promise.resolve(true));
    expect(started, `after ${changes} changes`).toMatchObject({ image: {} });
    expect(await update(REAL_SLOT_FILES), `after ${changes} changes`).toEqual({ ok: true, version: '1.4.0' });
    if (isDone) {
      expect(changes).toBeGreaterThan(10);
      break;
    }
  }
});
