// A vehicle whose storage somebody has put back to an earlier time.

import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { useTempFolder } from '../../../support/temp-folder.ts';
import { Car, Cloud } from './cloud-and-car.ts';
import { PowerLost } from './failing-disk.ts';

const SEATS = ['heated seats'];
const cloud = new Cloud('sm2');
const temporary = useTempFolder();

/** A folder of its own for each call, on a real disk. */
const useFolder = (): string => path.join(temporary, randomBytes(6).toString('hex'));

describe('storage that was put back', () => {
  const installed = { 'P-1': '1.0', 'P-2': '1.0' };
  const events = (car: Car): string[] => car.events.map(({ event }) => event);
  const manifest = (car: Car): unknown => car.sent().findLast(({ typ }) => typ === 'state');

  test('gives no use back where the counter is kept elsewhere', async () => {
    const anchored = new Car(cloud, 'VIN1', { installed, counterFolder: useFolder() });
    await anchored.vehicle.take('grant', cloud.grant(anchored, { seq: 1, uses: 2 }));
    const copy = anchored.disk.copy();
    expect(anchored.vehicle.use('P-1')).toEqual({ ok: true, left: 1 });
    anchored.disk.putBack(copy);
    const again = anchored.boot();
    expect(anchored.events.map(({ event }) => event)).toContain('storage_rolled_back');
    expect([again.use('P-1').ok, anchored.functions()]).toEqual([false, []]);
    expect(anchored.receipts().at(-1)).toBe('grn_P-1_1 deactivated storage_rolled_back');
  });

  test('gives no use back once the cloud tells the counter that it has seen', async () => {
    const car = new Car(cloud, 'VIN1', { installed });
    await car.vehicle.take('grant', cloud.grant(car, { seq: 1, uses: 2 }));
    const copy = car.disk.copy();
    car.vehicle.use('P-1');
    const { counter } = car.vehicle.state;
    car.disk.putBack(copy);
    car.boot();
    await car.vehicle.take('uses', cloud.answer({ typ: 'uses_taken', leaseId: 'lease-1', counter }));
    expect(car.events.map(({ event }) => event)).toContain('storage_rolled_back');
    expect(car.vehicle.use('P-1')).toEqual({ ok: false, reason: 'not_active' });
    expect(car.vehicle.state.counter).toBeGreaterThan(counter);
  });

  /** Has a right, loses it, and is put back to where it had it. */
  async function putBack(car: Car): Promise<number> {
    await car.vehicle.take('grant', cloud.grant(car, { seq: 1 }));
    const copy = car.disk.copy();
    await car.vehicle.take('grant', cloud.grant(car, { seq: 2, state: 'revoked' }));
    const { counter } = car.vehicle.state;
    car.disk.putBack(copy);
    return counter;
  }

  test('leaves no right on where the counter kept elsewhere shows it, until one is granted anew', async () => {
    const car = new Car(cloud, 'VIN1', { installed, counterFolder: useFolder() });
    await putBack(car);
    car.boot();
    car.boot();
    expect([car.functions(), car.vehicle.use('P-1').ok]).toEqual([[], false]);
    expect(car.receipts().at(-1)).toBe('grn_P-1_1 deactivated storage_rolled_back');
    car.vehicle.install('P-2', '1.1');
    expect(manifest(car)).toMatchObject({ rights: [] });
    // What was granted to the car from whose storage the copy is, sent once more.
    await car.vehicle.take('grant', cloud.grant(car, { seq: 3, seenCounter: 3 }));
    expect(car.functions()).toEqual([]);
    expect(car.receipts().at(-1)).toBe('grn_P-1_3 stored storage_rolled_back');
    const { counter: seenCounter } = car.vehicle.state;
    await car.vehicle.take('grant', cloud.grant(car, { seq: 4, seenCounter }));
    expect(car.functions()).toEqual(SEATS);
  });

  test('leaves no right on once a grant tells the counter that the cloud has seen', async () => {
    const car = new Car(cloud, 'VIN1', { installed });
    const seenCounter = await putBack(car);
    car.boot();
    // Offline, nobody can know.
    expect(car.functions()).toEqual(SEATS);
    await car.vehicle.take('grant', cloud.grant(car, { seq: 1, partNumber: 'P-2', seenCounter }));
    expect([car.functions('P-1'), car.functions('P-2')]).toEqual([[], []]);
    expect(events(car)).toContain('storage_rolled_back');
    expect(manifest(car)).toMatchObject({ rights: [] });
    const { counter } = car.vehicle.state;
    expect(counter).toBeGreaterThan(seenCounter);
    await car.vehicle.take('grant', cloud.grant(car, { seq: 2, partNumber: 'P-2', seenCounter: counter }));
    expect([car.functions('P-1'), car.functions('P-2')]).toEqual([[], SEATS]);
    car.vehicle.install('P-2', '1.1');
    expect(manifest(car)).toMatchObject({ rights: [{ partNumber: 'P-2', seq: 2 }] });
  });

  test('takes nothing away while the car drives', async () => {
    const car = new Car(cloud, 'VIN1', { installed });
    const counter = await putBack(car);
    car.boot();
    car.vehicle.setDriving(true);
    await car.vehicle.take('uses', cloud.answer({ typ: 'uses_taken', leaseId: 'lease-1', counter }));
    const driving = car.functions();
    car.vehicle.setDriving(false);
    expect([driving, car.functions()]).toEqual([SEATS, []]);
  });

  test('is not what a car finds whose counter is where the cloud has seen it', async () => {
    const car = new Car(cloud, 'VIN1', { installed });
    await car.vehicle.take('grant', cloud.grant(car, { seq: 1 }));
    const { counter: seenCounter } = car.vehicle.state;
    await car.vehicle.take('grant', cloud.grant(car, { seq: 1, partNumber: 'P-2', seenCounter }));
    expect([car.functions(), events(car).includes('storage_rolled_back')]).toEqual([SEATS, false]);
  });

  test('is found, too, where the counter kept elsewhere was taken away', async () => {
    const counterFolder = useFolder();
    const car = new Car(cloud, 'VIN1', { installed, counterFolder });
    await car.vehicle.take('grant', cloud.grant(car, { seq: 1 }));
    car.boot();
    const before = car.functions();
    rmSync(counterFolder, { recursive: true });
    car.boot();
    expect([before, car.functions()]).toEqual([SEATS, []]);
  });

  test('is found again by a copy that is newer than the one before, wherever the power goes between', async () => {
    for (let step = 1; ; step += 1) {
      const car = new Car(cloud, 'VIN1', { installed, counterFolder: useFolder() });
      await car.vehicle.take('grant', cloud.grant(car, { seq: 1, uses: 9 }));
      const older = car.disk.copy();
      for (let use = 0; use < 3; use += 1) car.vehicle.use('P-1');
      const newer = car.disk.copy();
      car.vehicle.use('P-1');
      car.disk.putBack(older);
      car.disk.failAfter(step);
      let hasFailed = false;
      try {
        car.boot();
      } catch (error) {
        if (!(error instanceof PowerLost)) throw error;
        hasFailed = true;
      }
      car.disk.plugIn('kept');
      car.disk.putBack(newer);
      car.boot();
      expect(car.vehicle.use('P-1').ok, `step ${step}`).toBe(false);
      if (!hasFailed) break;
    }
  });
});
