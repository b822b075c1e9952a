// Tests what becomes of a login that the store takes long for: when it is given up, and that those who go on with it are
// told. The store is the test.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LOGIN_WAIT_MS_MAX } from '../../../config/limits.ts';
import type { AdmissionRequest, Verdict } from '../../../caster/accounts/admission.ts';
import { ConfigAdmission } from '../../../caster/accounts/config-admission.ts';
import { SessionRegistry } from '../../../caster/accounts/session-registry.ts';
import type { LoginAttempt } from '../../../caster/accounts/store-admission.ts';
import { TieredAdmission } from '../../../caster/accounts/tiered-admission.ts';
import { configWith } from '../net/fake-house.ts';

const REQUEST: AdmissionRequest = {
  role: 'rover',
  version: 2,
  mountpoint: 'A',
  username: 'of-the-store',
  password: 'rc1.of-the-store',
  credentials: 'basic',
  address: '192.0.2.1',
  userAgent: '',
  secure: false,
  worker: 0,
};

/** Of the login that the store is asked for. */
let attempt: LoginAttempt;
let decide: (verdict: Verdict) => void;
let abandoned: string[];

function admit(isWanted: () => boolean): Promise<Verdict> {
  const config = configWith({ mountpoints: [{ name: 'A', sourcePassword: 'choose-one' }] });
  const ports = { endSession: () => undefined, baseSilentMs: () => 0 };
  const admission = new TieredAdmission(new ConfigAdmission(config, new SessionRegistry(), ports), {
    admit: (_request, given) => {
      attempt = given;
      return new Promise((resolve) => (decide = resolve));
    },
    abandon: (sessionId) => abandoned.push(sessionId),
    failed: () => undefined,
    isDown: () => true,
  });
  return Promise.resolve(admission.admit(REQUEST, 0, isWanted));
}

beforeEach(() => {
  abandoned = [];
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

test('a login is wanted until it has waited for as long as it may', async () => {
  const answer = admit(() => true);
  await vi.advanceTimersByTimeAsync(LOGIN_WAIT_MS_MAX - 1);
  expect(attempt.isWanted()).toBe(true);
  await vi.advanceTimersByTimeAsync(1001);
  expect(attempt.isWanted()).toBe(false);
  expect(await answer).toMatchObject({ ok: false, reason: 'store_down' });
});

test('a login is not wanted any more where its connection is gone', () => {
  let isThere = true;
  void admit(() => isThere);
  expect(attempt.isWanted()).toBe(true);
  isThere = false;
  expect(attempt.isWanted()).toBe(false);
});

test('a session that was opened all the same is abandoned', async () => {
  const answer = admit(() => true);
  await vi.advanceTimersByTimeAsync(LOGIN_WAIT_MS_MAX + 1000);
  await answer;
  const grant = { role: 'rover', sessionId: 'ses_a', mountpoint: 'A', account: 'a', limits: {} } as const;
  decide({ ok: true, ...grant });
  await vi.advanceTimersByTimeAsync(0);
  expect(abandoned).toEqual(['ses_a']);
});
