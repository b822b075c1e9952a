// What the rights module does with a right to another version than is installed: it asks for the package, and waits.

import { afterEach, describe, expect, test, vi } from 'vitest';
import type { OtaOutcome, PackageOffer } from '../../../../licensing/vehicle/ota-port.ts';
import { Car, Cloud } from './cloud-and-car.ts';

const SEATS = ['heated seats'];
const cloud = new Cloud('sm2');
const stranger = new Cloud('sm2');
afterEach(() => void vi.useRealTimers());

describe('versions', () => {
  test.for([
    ['1.0', '1.0', 'at_least', 'activated'],
    ['1.10', '1.9', 'at_least', 'activated'],
    ['1.9', '1.10', 'at_least', 'waits_for_package'],
    ['2.0', '1.0', 'exact', 'refused version_above_exact'],
    ['1.0', '1.0.0', 'exact', 'activated'],
    ['0.9', '1.0', 'exact', 'waits_for_package'],
  ] as const)(
    'installed %s with a right to %s, %s, is %s',
    async ([installed, version, versionRule, result]) => {
      const car = new Car(cloud, 'VIN1', { installed: { 'P-1': installed } });
      await car.vehicle.take('grant', cloud.grant(car, { seq: 1, version, versionRule }));
      expect(car.receipts()).toEqual([`grn_P-1_1 ${result}`]);
    },
  );

  test('what is too old is asked for, and the stored right activates when it is installed', async () => {
    const offers: PackageOffer[] = [];
    const ota = {
      fetch: (offer: PackageOffer): Promise<OtaOutcome> => {
        offers.push(offer);
        return Promise.resolve({ ok: true, version: '2.0' });
      },
    };
    const car = new Car(cloud, 'VIN1', { installed: { 'P-1': '1.0' }, openOta: () => ota });
    await car.vehicle.take('grant', cloud.grant(car, { seq: 1 }));
    await car.vehicle.take('grant', cloud.grant(car, { seq: 2, version: '2.0' }));
    // What was bought before stays on meanwhile.
    expect(car.functions()).toEqual(SEATS);
    const asked = car.sent().find(({ typ }) => typ === 'package_wanted');
    expect(asked).toMatchObject({
      partNumber: 'P-1',
      version: '2.0',
      installedVersion: '1.0',
      grantId: 'grn_P-1_2',
    });
    const { requestId } = asked as unknown as { requestId: string };
    const offer = {
      requestId,
      ok: true,
      reason: null,
      metadataUrl: 'm',
      targetName: 't',
      url: 'u',
      expiresAt: 1,
    };
    await car.vehicle.take('ota', cloud.answer({ typ: 'package_offer', ...offer, requestId: 'another' }));
    await car.vehicle.take('ota', stranger.answer({ typ: 'package_offer', ...offer }));
    expect(car.events.at(-1)).toMatchObject({ event: 'answer_refused', reason: 'answer_forged' });
    await car.vehicle.take('ota', cloud.answer({ typ: 'package_offer', ...offer }));
    await car.vehicle.stop();
    expect(offers).toEqual([expect.objectContaining({ version: '2.0', installedVersion: '1.0', url: 'u' })]);
    expect(car.vehicle.state.running['P-1']).toMatchObject({ seq: 2 });
    expect(car.sent().at(-2)).toMatchObject({
      typ: 'state',
      installed: [{ partNumber: 'P-1', version: '2.0' }],
    });
    expect(car.receipts().at(-1)).toBe('grn_P-1_2 activated');
  });

  test.for([
    ['content_wrong', true],
    ['stopped', false],
  ] as const)('that a package was refused for %s is in the next manifest: %s', async ([reason, isTold]) => {
    const ota = { fetch: (): Promise<OtaOutcome> => Promise.resolve({ ok: false, reason }) };
    const car = new Car(cloud, 'VIN1', { installed: { 'P-1': '1.0' }, openOta: () => ota });
    await car.vehicle.take('grant', cloud.grant(car, { seq: 1, version: '2.0' }));
    const asked = car.sent().find(({ typ }) => typ === 'package_wanted');
    const { requestId } = asked as unknown as { requestId: string };
    const offer = { ok: true, metadataUrl: 'm', targetName: 't', url: 'u', requestId };
    await car.vehicle.take('ota', cloud.answer({ typ: 'package_offer', ...offer }));
    await car.vehicle.stop();
    const told = isTold ? [{ partNumber: 'P-1', requestId, reason }] : [];
    expect(car.sent().findLast(({ typ }) => typ === 'state')).toMatchObject({ refused: told });
    // It is told with each from now on: the one that tells of it first may be overtaken.
    car.vehicle.install('P-9', '1.0');
    expect(car.sent().findLast(({ typ }) => typ === 'state')).toMatchObject({ refused: told });
  });

  test('a package that the server cannot send now is asked for again when it said, not before', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const ota = {
      fetch: (): Promise<OtaOutcome> =>
        Promise.resolve({ ok: false, reason: 'download_failed', retryAfterMs: 100_000 }),
    };
    const car = new Car(cloud, 'VIN1', { installed: { 'P-1': '1.0' }, openOta: () => ota });
    const asked = (): { requestId: string }[] =>
      car.sent().filter(({ typ }) => typ === 'package_wanted') as unknown as { requestId: string }[];
    await car.vehicle.take('grant', cloud.grant(car, { seq: 1, version: '2.0' }));
    const offer = { ok: true, metadataUrl: 'm', targetName: 't', url: 'u' };
    const { requestId } = asked()[0]!;
    await car.vehicle.take('ota', cloud.answer({ typ: 'package_offer', ...offer, requestId }));
    await car.vehicle.stop();
    vi.advanceTimersByTime(99_000);
    car.vehicle.settle();
    const before = asked().length;
    vi.advanceTimersByTime(1001);
    car.vehicle.settle();
    expect([before, asked().length]).toEqual([1, 2]);
  });
});
