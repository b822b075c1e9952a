// What time and uses do to a right in the vehicle, and hands on its clock.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Car, Cloud } from './cloud-and-car.ts';

const DAY_MS = 86_400_000;
const SEATS = ['heated seats'];
const cloud = new Cloud('sm2');
afterEach(() => void vi.useRealTimers());

describe('time', () => {
  const nowS = (): number => Math.floor(Date.now() / 1000);
  let car: Car;
  beforeEach(() => {
    car = new Car(cloud, 'VIN1', { installed: { 'P-1': '1.0' } });
  });

  test('a right begins and ends at its time', async () => {
    await car.vehicle.take(
      'grant',
      cloud.grant(car, { seq: 1, startsAt: nowS() + 60, endsAt: nowS() + 120 }),
    );
    expect([car.functions(), car.receipts()]).toEqual([[], ['grn_P-1_1 stored']]);
    car.pass(61_000);
    expect(car.functions()).toEqual(SEATS);
    car.pass(60_000);
    expect([car.functions(), car.receipts().at(-1)]).toEqual([[], 'grn_P-1_1 deactivated expired']);
  });

  test('a clock that is set back lengthens no right, and is told once', async () => {
    await car.vehicle.take('grant', cloud.grant(car, { seq: 1, endsAt: nowS() + 3600 }));
    car.clock.wallMs -= 30 * DAY_MS;
    car.vehicle.settle();
    car.boot();
    expect(car.functions()).toEqual(SEATS);
    car.pass(3_601_000);
    expect(car.functions()).toEqual([]);
    expect(car.events.filter(({ event }) => event === 'clock_rolled_back')).toHaveLength(2);
  });

  test('a clock that is set back is told to the cloud, which has its own log of such things', () => {
    const behind = (): unknown[] =>
      car
        .sent()
        .filter(({ typ }) => typ === 'state')
        .map((manifest) => (manifest as { clockBehindS?: number }).clockBehindS);
    expect(behind()).toEqual([undefined]);
    car.clock.wallMs -= 30 * DAY_MS;
    car.vehicle.settle();
    expect(behind()).toEqual([30 * 86_400]);
  });

  test('a clock that was set back before the car starts again gives no time back', async () => {
    await car.vehicle.take('grant', cloud.grant(car, { seq: 1, endsAt: nowS() + 3600 }));
    car.pass(3_500_000);
    car.vehicle.install('P-9', '1.0');
    car.clock.wallMs -= 10 * DAY_MS;
    car.boot();
    car.pass(101_000);
    expect(car.functions()).toEqual([]);
  });

  test('a car whose clock is behind takes the time of what the cloud has signed', async () => {
    car.clock.wallMs -= 10 * DAY_MS;
    car.boot();
    await car.vehicle.take('grant', cloud.grant(car, { seq: 1, endsAt: nowS() + 60 }));
    car.pass(61_000);
    expect(car.functions()).toEqual([]);
  });

  test('a clock that is behind keeps no revocation away', async () => {
    await car.vehicle.take('grant', cloud.grant(car, { seq: 1 }));
    await car.vehicle.take('grant', cloud.grant(car, { seq: 2, state: 'revoked', iat: nowS() + 86_400 }));
    expect([car.refused(), car.functions()]).toEqual([[], []]);
  });

  test('a car whose power is cut all the time has its time kept soon', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'] });
    car.vehicle.start();
    const { seenMs } = car.vehicle.state;
    const kept = [5, 10, 20, 40, 60, 60].map((seconds) => {
      car.clock.wallMs += 1000 * seconds;
      vi.advanceTimersByTime(1000 * seconds);
      return car.files().read('state');
    });
    const times = kept.map(
      (one) => one.kind === 'kept' && (JSON.parse(one.bytes.toString()) as { seenMs: number }),
    );
    expect(times.map((one) => one && (one.seenMs - seenMs) / 1000)).toEqual([5, 15, 35, 75, 135, 195]);
    return car.vehicle.stop();
  });

  test('without word of the cloud a right rests after its grace, and goes on when it is reached', async () => {
    await car.vehicle.take('grant', cloud.grant(car, { seq: 1, ttl: 3600 }));
    car.pass(3_700_000);
    expect([car.functions(), car.receipts().at(-1)]).toEqual([[], 'grn_P-1_1 deactivated offline_too_long']);
    const anew = cloud.grant(car, { seq: 2, ttl: 3600, iat: nowS() + 3700 });
    await car.vehicle.take('grant', anew);
    expect([car.refused(), car.functions()]).toEqual([[], SEATS]);
  });
});

describe('uses', () => {
  let car: Car;
  beforeEach(() => {
    car = new Car(cloud, 'VIN1', { installed: { 'P-1': '1.0' } });
  });
  const reports = (): Record<string, unknown>[] =>
    car.sent().filter(({ typ }) => typ === 'uses') as unknown as Record<string, unknown>[];

  test('they count down, end the function, and are told in a chain of signed reports', async () => {
    await car.vehicle.take('grant', cloud.grant(car, { seq: 1, uses: 2 }));
    expect(car.vehicle.use('P-1')).toEqual({ ok: true, left: 1 });
    expect(car.vehicle.use('P-1')).toEqual({ ok: true, left: 0 });
    expect(car.vehicle.use('P-1')).toEqual({ ok: false, reason: 'not_active' });
    expect(car.functions()).toEqual([]);
    expect(reports()).toEqual([expect.objectContaining({ used: 1, prevHash: '', leaseId: 'lease-1' })]);
  });

  test('none beyond the last is given to a car that drives, also when the time of the right is over', async () => {
    const endsAt = Math.floor(car.clock.wallMs / 1000) + 60;
    await car.vehicle.take('grant', cloud.grant(car, { seq: 1, uses: 2, endsAt }));
    car.vehicle.setDriving(true);
    car.pass(61_000);
    const used = [1, 2, 3, 4].map(() => car.vehicle.use('P-1'));
    const refused = { ok: false, reason: 'used_up' };
    expect(used).toEqual([{ ok: true, left: 1 }, { ok: true, left: 0 }, refused, refused]);
    expect(car.vehicle.state.leases['lease-1']).toMatchObject({ used: 2 });
  });

  test('a grant that comes anew for the same lease gives no use back, a new lease does', async () => {
    await car.vehicle.take('grant', cloud.grant(car, { seq: 1, uses: 2 }));
    car.vehicle.use('P-1');
    await car.vehicle.take('grant', cloud.grant(car, { seq: 2, uses: 2 }));
    expect(car.vehicle.use('P-1')).toEqual({ ok: true, left: 0 });
    await car.vehicle.take('grant', cloud.grant(car, { seq: 3, uses: 2, leaseId: 'lease-2' }));
    expect(car.vehicle.use('P-1')).toEqual({ ok: true, left: 1 });
  });

  test('an answer that the cloud did not sign, or signed for another car, freezes nothing', async () => {
    await car.vehicle.take('grant', cloud.grant(car, { seq: 1, uses: 2 }));
    await car.vehicle.take(
      'uses',
      new Cloud('sm2').answer({ typ: 'uses_taken', leaseId: 'lease-1', counter: 1e6 }),
    );
    expect(car.vehicle.use('P-1')).toEqual({ ok: true, left: 1 });
  });
});
