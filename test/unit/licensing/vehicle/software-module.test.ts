// A software module is handed activation strings by a head unit that it does not trust.

import { beforeEach, expect, test } from 'vitest';
import { readPem } from '../../../../licensing/pki/pem.ts';
import { makeKeyPair } from '../../../../licensing/pki/keys.ts';
import { SoftwareModule } from '../../../../licensing/vehicle/software/software-module.ts';
import { Car, Cloud, type GrantSpec } from './cloud-and-car.ts';

const cloud = new Cloud('sm2');
const car = new Car(cloud, 'VIN1');
const clock = { nowMs: 0 };
let isDriving = false;
let module: SoftwareModule;

const chainOf = (of: Cloud) => {
  const { issuing, root } = of.certificate('VIN1', makeKeyPair('sm2'));
  return { issuing: readPem('CERTIFICATE', issuing)!, root: readPem('CERTIFICATE', root)! };
};

function activation(spec: GrantSpec, by = cloud): string {
  let text = '';
  by.grantDocument(car, {
    ...spec,
    inside: (inside) => {
      text = inside.activation;
      return inside;
    },
  });
  return text;
}

beforeEach(() => {
  clock.nowMs = Date.now();
  isDriving = false;
  module = new SoftwareModule({
    ...{ partNumber: 'P-1', vin: 'VIN1', freeFunctions: ['radio'] },
    ...{ now: () => clock.nowMs, isDriving: () => isDriving },
  });
  module.installed('1.0');
  module.learnTrust(cloud.trust(), chainOf(cloud));
});

test('free functions are always there, paid ones by a string that the cloud has signed', () => {
  expect(module.functions()).toEqual(['radio']);
  expect(module.obey(activation({ seq: 1 }))).toEqual({ ok: true });
  expect(module.functions()).toEqual(['radio', 'heated seats']);
  module.obey(activation({ seq: 2, state: 'revoked' }));
  expect(module.functions()).toEqual(['radio']);
});

test('strings of a forger, another car, another part and a later version are refused, each by its own code', () => {
  const reasons = [
    activation({ seq: 1 }, new Cloud('sm2')),
    activation({ seq: 1, vin: 'VIN2' }),
    activation({ seq: 1, partNumber: 'P-2' }),
    activation({ seq: 1, version: '1.1' }),
    activation({ seq: 1, endsAt: Math.floor(clock.nowMs / 1000) - 1 }),
  ].map((text) => module.obey(text));
  expect(reasons.map((one) => (one.ok ? 'ok' : one.reason))).toEqual([
    'activation_forged',
    'activation_of_other_vehicle',
    'activation_of_other_part',
    'activation_too_new_for_software',
    'activation_over',
  ]);
  expect(module.functions()).toEqual(['radio']);
});

test('a string older than the greatest that was obeyed is refused, one that was deactivated for ever', () => {
  const [first, second] = [activation({ seq: 1 }), activation({ seq: 2 })];
  module.obey(second);
  expect(module.obey(first)).toEqual({ ok: false, reason: 'activation_older' });
  expect(module.obey(second)).toEqual({ ok: true });
  module.obey(activation({ seq: 3, state: 'revoked' }));
  expect([first, second].map((text) => module.obey(text).ok)).toEqual([false, false]);
  expect(module.functions()).toEqual(['radio']);
  expect(module.obey(activation({ seq: 4 }))).toEqual({ ok: true });
  expect(module.obey(activation({ seq: 3, state: 'revoked' })).ok).toBe(false);
});

test('a string that was not obeyed does not shut out the one that runs', () => {
  const running = activation({ seq: 1 });
  module.obey(running);
  expect(module.obey(activation({ seq: 2, version: '1.1' })).ok).toBe(false);
  expect(module.obey(running)).toEqual({ ok: true });
});

test('a trust document by another root is not believed once one is pinned', () => {
  const other = new Cloud('sm2');
  expect(module.learnTrust(other.trust(), chainOf(other))).toBe(false);
  expect(module.learnTrust(other.trust(), chainOf(cloud))).toBe(false);
  expect(module.obey(activation({ seq: 1 }, other)).ok).toBe(false);
});

test('it ends what it runs by its own clock, but not while the car drives', () => {
  module.obey(activation({ seq: 1, endsAt: Math.floor(clock.nowMs / 1000) + 60 }));
  clock.nowMs += 61_000;
  isDriving = true;
  expect(module.functions()).toContain('heated seats');
  isDriving = false;
  expect(module.functions()).toEqual(['radio']);
});
