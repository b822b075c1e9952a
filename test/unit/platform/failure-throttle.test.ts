// Tests the counting of failed logins: by a second count over the list of all failures, and at its bounds.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { THROTTLED_KEYS_MAX } from '../../../config/limits.ts';
import { FailureThrottle } from '../../../platform/failure-throttle.ts';

const START_MS = 1_000_000;
const MINUTE_MS = 60_000;

test('the wait is the rest of the window, in whole seconds, and never 0 while one must wait', () => {
  const throttle = new FailureThrottle(1, 0);
  throttle.countFailure('a', 'u', START_MS);
  const waits = [0, 1, 999, 1000, 59_000, 59_999, 60_000].map((ms) =>
    throttle.waitS('a', 'u', START_MS + ms),
  );
  expect(waits).toEqual([60, 60, 60, 59, 1, 1, 0]);
});

test('whoever fails when, one must wait exactly where the failures of the window say so', () => {
  const failure = fc.record({
    gapMs: fc.constantFrom(0, 10, 20_000, 59_999, 60_000),
    address: fc.constantFrom('192.0.2.1', '192.0.2.2'),
    username: fc.constantFrom('anna', 'bert', ''),
  });
  fc.assert(
    fc.property(
      fc.array(failure, { maxLength: 40 }),
      fc.nat(4),
      fc.nat(6),
      (failures, perUser, perAddress) => {
        const throttle = new FailureThrottle(perUser, perAddress);
        let inWindow: { address: string; username: string }[] = [];
        let startMs = -Infinity;
        let nowMs = START_MS;
        for (const { gapMs, address, username } of failures) {
          nowMs += gapMs;
          if (nowMs - startMs >= MINUTE_MS) [inWindow, startMs] = [[], nowMs];
          const ofAddress = inWindow.filter((each) => each.address === address);
          const ofUser = ofAddress.filter((each) => each.username === username);
          const mustWait =
            (perUser > 0 && ofUser.length >= perUser) || (perAddress > 0 && ofAddress.length >= perAddress);
          expect(throttle.waitS(address, username, nowMs) > 0).toBe(mustWait);
          throttle.countFailure(address, username, nowMs);
          inWindow.push({ address, username });
        }
      },
    ),
    { seed: 20_260_417, numRuns: 500 },
  );
});

describe('the keys', () => {
  test('of address and user never meet, whatever the user calls himself', () => {
    const throttle = new FailureThrottle(0, 2);
    for (let n = 0; n < 100; n++) throttle.countFailure('192.0.2.1', '192.0.2.2', START_MS);
    expect(throttle.waitS('192.0.2.2', 'anna', START_MS)).toBe(0);
  });

  test('of a network of IPv6 are one, however many addresses somebody has in it', () => {
    const throttle = new FailureThrottle(0, 5);
    for (let n = 0; n < 5; n++) throttle.countFailure(`2001:db8::${n}`, `user-${n}`, START_MS);
    expect(throttle.waitS('2001:db8:0:0:ffff::1', 'anna', START_MS)).toBeGreaterThan(0);
    expect(throttle.waitS('2001:db8:0:1::1', 'anna', START_MS)).toBe(0);
  });

  test('of two users of one address are told apart', () => {
    const throttle = new FailureThrottle(2, 0);
    for (let n = 0; n < 100; n++) throttle.countFailure('192.0.2.1', 'anna', START_MS);
    expect([
      throttle.waitS('192.0.2.1', 'bert', START_MS),
      throttle.waitS('192.0.2.1', 'anna', START_MS),
    ]).toEqual([0, 60]);
  });

  test('make room by the oldest once there are THROTTLED_KEYS_MAX, so that nobody fails uncounted', () => {
    const throttle = new FailureThrottle(2, 0);
    for (let n = 0; n < THROTTLED_KEYS_MAX; n++) throttle.countFailure(`host-${n}`, 'x', START_MS);
    for (let n = 0; n < 5; n++) throttle.countFailure('stranger', 'x', START_MS);
    expect(throttle.waitS('stranger', 'x', START_MS)).toBe(60);
  });
});

test('limits may change while failures are counted', () => {
  const throttle = new FailureThrottle(10, 0);
  for (let n = 0; n < 5; n++) throttle.countFailure('a', 'u', START_MS);
  expect(throttle.waitS('a', 'u', START_MS)).toBe(0);
  throttle.perUserMax = 5;
  expect(throttle.waitS('a', 'u', START_MS)).toBe(60);
});
