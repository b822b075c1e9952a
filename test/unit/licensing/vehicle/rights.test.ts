// The rights module: what it does with grants that are right, and with those that are not, and what a loss of power does to
// a right.

import { beforeEach, describe, expect, test } from 'vitest';
import { KEY_ALGORITHMS } from '../../../../licensing/pki/keys.ts';
import { Car, Cloud, type GrantSpec } from './cloud-and-car.ts';
import { type Fate, PowerLost } from './failing-disk.ts';

const SEATS = ['heated seats'];
const clouds = { rsa: new Cloud('rsa'), sm2: new Cloud('sm2') };
const strangers = { rsa: new Cloud('rsa'), sm2: new Cloud('sm2') };

describe.each(KEY_ALGORITHMS)('with keys of %s', (algorithm) => {
  const cloud = clouds[algorithm];
  let car: Car;
  beforeEach(() => {
    car = new Car(cloud, 'VIN1', { installed: { 'P-1': '1.0' } });
  });
  const take = async (spec: GrantSpec, by = cloud): Promise<void> =>
    await car.vehicle.take('grant', by.grant(car, spec));

  test('a grant is stored, activates its functions and is answered by a signed receipt', async () => {
    expect(car.functions()).toEqual([]);
    await take({ seq: 1 });
    expect(car.functions()).toEqual(SEATS);
    expect(car.receipts()).toEqual(['grn_P-1_1 activated']);
    const receipt = car.sent().at(-1)!;
    expect(receipt).toMatchObject({ certID: car.certID, vin: 'VIN1', installedVersion: '1.0' });
    expect(receipt.counter).toBe(car.vehicle.state.counter);
  });

  test('a grant by somebody who has the public certificate and the key’s name is refused', async () => {
    const forger = strangers[algorithm];
    await take({ seq: 1 }, forger);
    expect([car.refused(), car.functions()]).toEqual([['grant_forged'], []]);
    expect(car.receipts()).toEqual(['grn_P-1_1 refused grant_forged']);
  });

  test('a flood of forged grants is told to the cloud a few times only', async () => {
    for (let seq = 1; seq <= 40; seq += 1) await take({ seq }, strangers[algorithm]);
    expect(car.refused()).toHaveLength(40);
    expect(car.receipts().length).toBeLessThanOrEqual(10);
    await take({ seq: 1 });
    expect(car.functions()).toEqual(SEATS);
  });

  test('a grant with any field of its header changed is refused', async () => {
    const grant = cloud.grantDocument(car, { seq: 1 });
    const changes = { seq: 9, vin: 'VIN2', certID: 'x', ttl: 1, state: 'revoked', partNumber: 'P-2', nbf: 5 };
    for (const [name, value] of Object.entries(changes)) {
      await car.vehicle.take('grant', Buffer.from(JSON.stringify({ ...grant, [name]: value })));
    }
    expect(car.refused()).toEqual(Object.keys(changes).map(() => 'grant_forged'));
    expect(car.functions()).toEqual([]);
  });

  test('another vehicle’s and another certificate’s grants are refused, each by its own code', async () => {
    await take({ seq: 1, vin: 'VIN2' });
    await take({ seq: 1, certID: 'cert_other' });
    expect([car.refused(), car.functions()]).toEqual([['other_vehicle', 'other_certificate'], []]);
    expect(car.receipts()[0]).toBe('grn_P-1_1 refused other_vehicle');
  });

  test('an activation string by another key or of another grant is refused', async () => {
    const stolen = strangers[algorithm].grantDocument(car, { seq: 1 });
    expect(stolen.seq).toBe(1);
    const forged = strangers[algorithm];
    const inside = (activation: string) => (given: Parameters<NonNullable<GrantSpec['inside']>>[0]) => {
      return { ...given, activation };
    };
    let [other, foreign] = ['', ''];
    cloud.grantDocument(car, { seq: 5, inside: (given) => ((other = given.activation), given) });
    forged.grantDocument(car, { seq: 1, inside: (given) => ((foreign = given.activation), given) });
    await take({ seq: 1, inside: inside(other) });
    await take({ seq: 2, inside: inside(foreign) });
    await take({ seq: 3, inside: inside('VLA1.e30.AA') });
    expect(car.refused()).toEqual(['activation_differs', 'activation_forged', 'activation_malformed']);
    expect(car.functions()).toEqual([]);
  });
});

describe('in order and out of it', () => {
  const cloud = clouds.sm2;
  let car: Car;
  beforeEach(() => {
    car = new Car(cloud, 'VIN1', { installed: { 'P-1': '1.0' } });
  });

  test('the same message again changes nothing and is answered by the same receipt', async () => {
    const grant = cloud.grant(car, { seq: 1, uses: 2 });
    await car.vehicle.take('grant', grant);
    car.vehicle.use('P-1');
    await car.vehicle.take('grant', grant);
    expect(car.events.at(-1)).toMatchObject({ event: 'grant_repeated' });
    expect(car.vehicle.use('P-1')).toEqual({ ok: true, left: 0 });
    expect(car.receipts()).toEqual(['grn_P-1_1 activated', 'grn_P-1_1 deactivated used_up']);
  });

  test('an older grant after a newer one is refused, however it comes', async () => {
    const [first, second] = [1, 2].map((seq) => cloud.grant(car, { seq, endsAt: seq === 1 ? null : 2e9 }));
    await car.vehicle.take('grant', second!);
    await car.vehicle.take('grant', first!);
    car.boot();
    await car.vehicle.take('grant', first!);
    expect(car.refused()).toEqual(['seq_not_new', 'seq_not_new']);
    expect(car.vehicle.state.running['P-1']).toMatchObject({ seq: 2 });
  });

  test('a grant that was taken before a revocation does not bring the function back', async () => {
    const grant = cloud.grant(car, { seq: 1 });
    await car.vehicle.take('grant', grant);
    await car.vehicle.take('grant', cloud.grant(car, { seq: 2, state: 'revoked' }));
    expect(car.functions()).toEqual([]);
    await car.vehicle.take('grant', grant);
    expect([car.refused(), car.functions()]).toEqual([['seq_not_new'], []]);
    expect(car.receipts()).toEqual(['grn_P-1_1 activated', 'grn_P-1_2 deactivated revoked']);
  });

  test('the software hears of a revocation from the cloud itself, and takes no older string after a restart either', async () => {
    const grant = cloud.grant(car, { seq: 1 });
    await car.vehicle.take('grant', grant);
    const { activation } = car.vehicle.state.running['P-1']!;
    await car.vehicle.take('grant', cloud.grant(car, { seq: 2, state: 'revoked' }));
    car.boot();
    // The head unit is the attacker's by now.
    const software = car.vehicle.software('P-1');
    software.installed('1.0');
    expect(software.obey(activation)).toEqual({ ok: false, reason: 'activation_older' });
    expect(car.functions()).toEqual([]);
  });

  test('a revocation of what does not run is heard by the software, too', async () => {
    let stolen = '';
    const grant = cloud.grant(car, {
      seq: 1,
      startsAt: Math.floor(Date.now() / 1000) + 60,
      inside: (given) => ((stolen = given.activation), given),
    });
    await car.vehicle.take('grant', grant);
    await car.vehicle.take('grant', cloud.grant(car, { seq: 2, state: 'revoked' }));
    expect(car.vehicle.software('P-1').obey(stolen)).toMatchObject({ reason: 'activation_older' });
  });

  test('a revocation waits until the car is parked', async () => {
    await car.vehicle.take('grant', cloud.grant(car, { seq: 1 }));
    car.vehicle.setDriving(true);
    await car.vehicle.take('grant', cloud.grant(car, { seq: 2, state: 'revoked' }));
    expect(car.functions()).toEqual(SEATS);
    expect(car.receipts().at(-1)).toBe('grn_P-1_2 stored driving');
    car.vehicle.setDriving(false);
    expect(car.functions()).toEqual([]);
    expect(car.receipts().at(-1)).toBe('grn_P-1_2 deactivated revoked');
  });

  test('parts count for themselves, and one that nobody has in the car is kept for its package', async () => {
    await car.vehicle.take('grant', cloud.grant(car, { seq: 7 }));
    await car.vehicle.take('grant', cloud.grant(car, { seq: 1, partNumber: 'P-2' }));
    expect(car.receipts().at(-1)).toBe('grn_P-2_1 waits_for_package');
    car.vehicle.install('P-2', '1.0.0');
    expect([car.functions('P-2'), car.receipts().at(-1)]).toEqual([SEATS, 'grn_P-2_1 activated']);
  });
});

describe.each<Fate>(['lost', 'torn', 'kept'])(
  'where the power goes and what was not synced is %s',
  (fate) => {
    const cloud = clouds.sm2;
    const vin = 'VINPOWER';
    /** Grant, three uses, revocation, a new grant: up to where the power goes. */
    async function drive(car: Car, grants: readonly Buffer[]): Promise<number> {
      let used = 0;
      await car.vehicle.take('grant', grants[0]!);
      for (let count = 0; count < 3; count += 1) if (car.vehicle.use('P-1').ok) used += 1;
      await car.vehicle.take('grant', grants[1]!);
      await car.vehicle.take('grant', grants[2]!);
      return used;
    }

    test('at any step, the car comes up before or after it, no use is given twice and every grant ends in a receipt', async () => {
      for (let step = 0; ; step += 1) {
        const car = new Car(cloud, vin, { installed: { 'P-1': '1.0' } });
        const grants = [
          cloud.grant(car, { seq: 1, uses: 3 }),
          cloud.grant(car, { seq: 2, state: 'revoked' }),
          cloud.grant(car, { seq: 3, leaseId: 'lease-2', uses: 1 }),
        ];
        car.disk.failAfter(step);
        let hasFailed = false;
        try {
          await drive(car, grants);
        } catch (error) {
          if (!(error instanceof PowerLost)) throw error;
          hasFailed = true;
        }
        const given = car.events.filter(({ event, lease }) => event === 'used' && lease === 'lease-1').length;
        car.disk.plugIn(fate);
        car.boot();
        // The broker has no PUBACK of what was not stored: everything comes again.
        let again = 0;
        const count = (): number =>
          car.events.filter(({ event, lease }) => event === 'used' && lease === 'lease-1').length;
        for (const grant of grants) {
          await car.vehicle.take('grant', grant);
          while (car.vehicle.state.running['P-1']?.seq === 1 && car.vehicle.use('P-1').ok) again += 1;
        }
        expect(count(), `step ${step}`).toBeLessThanOrEqual(3);
        expect(given + again).toBe(count());
        expect(car.vehicle.state.running['P-1']).toMatchObject({ seq: 3 });
        expect(car.receipts()).toContain('grn_P-1_3 activated');
        if (!hasFailed) break;
        expect(step).toBeLessThan(300);
      }
    }, 120_000);
  },
);
