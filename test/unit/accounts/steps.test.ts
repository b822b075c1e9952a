// Tests the steps of admission that need no store, each alone: what it lets through, and the reason that it names.

import { describe, expect, test } from 'vitest';
import type { AccountRecord, AppRecord, DeviceRecord } from '../../../caster/accounts/directory-records.ts';
import { MemoryLiveState } from '../../../caster/accounts/live/memory-live-state.ts';
import { DEFAULT_SERVICE_SPEC, type ServiceSpec } from '../../../caster/accounts/service-spec.ts';
import { checkAddress, checkStanding } from '../../../caster/accounts/steps/authenticate-app.ts';
import {
  checkAccount,
  checkMountpoint,
  checkPosition,
  checkRaw,
  checkShared,
} from '../../../caster/accounts/steps/authorize-account.ts';
import { checkDevice } from '../../../caster/accounts/steps/check-device.ts';
import { countLogin } from '../../../caster/accounts/steps/count-login.ts';
import { type GrantParty, limitsOf } from '../../../caster/accounts/steps/grant-limits.ts';
import { takeSlots } from '../../../caster/accounts/steps/take-slots.ts';
import { useNonce } from '../../../caster/accounts/steps/use-nonce.ts';

const NOW = Date.UTC(2026, 10, 21);
const DAY = 86_400_000;

function app(parts: Partial<AppRecord> = {}): AppRecord {
  return {
    id: 'app_1',
    customerId: null,
    appKey: 'rk_1',
    secret: 'secret',
    previousSecret: undefined,
    isActive: true,
    activation: 'first_connect',
    isBound: false,
    specId: null,
    planId: null,
    allowsAddress: undefined,
    quota: { devicesMax: null, sessionsMax: null, loginsPerMinute: null },
    allocation: { release: 'idle', holdS: 900 },
    ...parts,
  };
}

function account(parts: Partial<AccountRecord> = {}): AccountRecord {
  return {
    id: 'acc_1',
    appId: 'app_1',
    customerId: null,
    username: 'user',
    passwordHash: undefined,
    passwordVersion: 1,
    isActive: true,
    specId: null,
    planId: null,
    activatedAtMs: NOW - DAY,
    validUntilMs: undefined,
    boundDeviceId: null,
    holder: undefined,
    ...parts,
  };
}

function device(parts: Partial<DeviceRecord> = {}): DeviceRecord {
  const none = { accountId: null, lastAccountId: null };
  return { id: 'dev_1', appId: 'app_1', deviceId: 'dev', isActive: true, isBound: true, ...none, ...parts };
}

const spec = (parts: Partial<ServiceSpec> = {}): ServiceSpec => ({ ...DEFAULT_SERVICE_SPEC, ...parts });

describe('the standing of an app', () => {
  test.each([
    [app(), undefined, undefined],
    [app({ isActive: false }), undefined, 'app_suspended'],
    [app({ customerId: 'cus_1' }), { id: 'cus_1', isActive: true }, undefined],
    [app({ customerId: 'cus_1' }), { id: 'cus_1', isActive: false }, 'customer_suspended'],
    [app({ customerId: 'cus_1' }), undefined, 'customer_suspended'],
  ])('%#', (one, customer, reason) => expect(checkStanding(one, customer)?.reason).toBe(reason));

  test('allows the addresses that it names', () => {
    const one = app({ allowsAddress: (address) => address === '10.0.0.1' });
    expect([checkAddress(one, '10.0.0.1'), checkAddress(one, '10.0.0.2')?.reason]).toEqual([
      undefined,
      'address_not_allowed',
    ]);
  });
});

describe('a device', () => {
  test.each([
    ['unnamed, of an app that is not bound', app(), '', undefined, undefined],
    ['unnamed, of a bound app', app({ isBound: true }), '', undefined, 'device_required'],
    ['unknown, of an app that is not bound', app(), 'dev', undefined, undefined],
    ['unknown, of a bound app', app({ isBound: true }), 'dev', undefined, 'device_not_bound'],
    [
      'only seen, of a bound app',
      app({ isBound: true }),
      'dev',
      device({ isBound: false }),
      'device_not_bound',
    ],
    ['bound, of a bound app', app({ isBound: true }), 'dev', device(), undefined],
    ['that is blocked', app(), 'dev', device({ isActive: false }), 'device_blocked'],
  ])('%s', (_what, one, id, known, reason) => expect(checkDevice(one, id, known)?.reason).toBe(reason));
});

describe('an account', () => {
  test.each([
    ['in order', app(), account(), undefined],
    ['suspended', app(), account({ isActive: false }), 'account_disabled'],
    ['that runs out this very moment', app(), account({ validUntilMs: NOW }), 'account_expired'],
    ['that runs out later', app(), account({ validUntilMs: NOW + 1 }), undefined],
    ['before its first connect', app(), account({ activatedAtMs: undefined }), undefined],
    [
      'that waits for the console',
      app({ activation: 'console' }),
      account({ activatedAtMs: undefined }),
      'activation_by_console_needed',
    ],
    [
      'that waits for the terminal',
      app({ activation: 'terminal' }),
      account({ activatedAtMs: undefined }),
      'activation_by_terminal_needed',
    ],
    ['whose activation is to come', app(), account({ activatedAtMs: NOW + 1 }), 'account_not_activated'],
  ])('%s', (_what, one, of, reason) => expect(checkAccount(one, of, NOW)?.reason).toBe(reason));
});

describe('a mountpoint', () => {
  test.each([
    ['known, of a spec that names none', spec(), true, undefined],
    ['unknown', spec(), false, 'unknown_mountpoint'],
    ['unknown, of a spec that ignores it', spec({ ignoreMountpoint: true }), false, undefined],
    ['that the spec names', spec({ mountpoints: ['M'] }), true, undefined],
    ['that the spec does not name', spec({ mountpoints: ['N'] }), true, 'mountpoint_not_allowed'],
  ])('%s', (_what, of, isKnown, reason) => expect(checkMountpoint(of, 'M', isKnown)?.reason).toBe(reason));

  test.each([
    ['for all, asked for by an account of the operator', spec(), undefined, null, undefined],
    ['for all, asked for by an account of a customer', spec(), undefined, 'cus_1', undefined],
    ['of a customer alone, asked for by his account', spec(), 'cus_1', 'cus_1', undefined],
    ['of a customer alone, asked for by another’s', spec(), 'cus_1', 'cus_2', 'mountpoint_not_allowed'],
    ['of a customer alone, asked for by the operator’s', spec(), 'cus_1', null, 'mountpoint_not_allowed'],
    ['of the operator alone, asked for by a customer’s', spec(), null, 'cus_1', 'mountpoint_not_allowed'],
    ['that a spec ignores, whosever it is', spec({ ignoreMountpoint: true }), 'cus_1', 'cus_2', undefined],
  ])('%s', (_what, of, servesOnly, customerId, reason) =>
    expect(checkShared(of, servesOnly, customerId)?.reason).toBe(reason),
  );

  test.each([
    ['raw, asked for by a spec without a shape', spec(), true, undefined],
    ['raw, asked for by a spec with an interval', spec({ intervalS: 5 }), true, 'mountpoint_raw'],
    ['raw, asked for by a spec whose level changes nothing', spec({ msmLevelMax: 7 }), true, undefined],
    ['that is framed, asked for by a spec with an interval', spec({ intervalS: 5 }), false, undefined],
    ['that a spec ignores, raw or not', spec({ intervalS: 5, ignoreMountpoint: true }), true, undefined],
  ])('%s', (_what, of, isRaw, reason) => expect(checkRaw(of, isRaw)?.reason).toBe(reason));
});

describe('a place', () => {
  const area = { center: [9.68, 47.55] as const, radiusKm: 20 };
  const AT_LOGIN = { withinS: 30, atLogin: true };
  test.each([
    ['unknown', spec({ area }), undefined, undefined],
    ['unknown, and demanded later', spec({ ggaRequired: { withinS: 30 } }), undefined, undefined],
    ['unknown, and demanded with the login', spec({ ggaRequired: AT_LOGIN }), undefined, 'gga_required'],
    [
      'known where it is demanded',
      spec({ ggaRequired: AT_LOGIN }),
      { latitudeDeg: 1, longitudeDeg: 2 },
      undefined,
    ],
    ['inside', spec({ area }), { latitudeDeg: 47.5, longitudeDeg: 9.7 }, undefined],
    ['outside', spec({ area }), { latitudeDeg: 52.5, longitudeDeg: 13.4 }, 'outside_area'],
  ])('%s', (_what, of, position, reason) => expect(checkPosition(of, position)?.reason).toBe(reason));
});

describe('the limits of a grant', () => {
  const near = { mountpoints: ['A', 'B'], maxBaselineKm: 80, hysteresisKm: 2 };
  const terms = (of: ServiceSpec) => ({ spec: of, specId: 'spec_1' });
  const party = (parts: Partial<GrantParty> = {}): GrantParty => ({
    app: app(),
    account: account(),
    secret: undefined,
    ...parts,
  });

  test.each([
    ['by the secret of now', 'secret', NOW + 2 * DAY],
    ['by the one before', 'old', NOW + DAY],
    ['by a password', undefined, NOW + 2 * DAY],
  ])('last no longer than the secret that signed: %s', (_what, secret, untilMs) => {
    const of = app({ previousSecret: { secret: 'old', untilMs: NOW + DAY } });
    const one = party({ app: of, account: account({ validUntilMs: NOW + 2 * DAY }), secret });
    expect(limitsOf(one, terms(spec()), {}).untilMs).toBe(untilMs);
  });

  test('have the shape of the spec, and none where all goes out as received', () => {
    const of = spec({ constellations: ['GPS'], msmLevelMax: 4, glonassChannelsKept: true });
    expect(limitsOf(party(), terms(of), {}).shape).toEqual({
      constellations: ['GPS'],
      msmLevelMax: 4,
      glonassChannelsKept: true,
    });
    expect(limitsOf(party(), terms(spec({ msmLevelMax: 7 })), {}).shape).toBeUndefined();
  });

  test('are those of account and spec', () => {
    const area = { center: [9.68, 47.55] as const, radiusKm: 20 };
    const of = spec({ area, ggaRequired: { withinS: 30 } });
    expect(limitsOf(party({ account: account({ validUntilMs: NOW + DAY }) }), terms(of), {})).toEqual({
      untilMs: NOW + DAY,
      area,
      gga: { withinMs: 30_000 },
      nearest: undefined,
    });
  });

  test('choose the nearest among what the spec names where it ignores the mountpoint', () => {
    const of = spec({ ignoreMountpoint: true, mountpoints: ['A'], maxBaselineKm: 30 });
    expect(limitsOf(party(), terms(of), {}).nearest).toMatchObject({
      mountpoints: ['A'],
      maxBaselineKm: 30,
    });
  });

  test('narrow a mountpoint that gives the nearest to what the spec allows', () => {
    const of = spec({ mountpoints: ['NEAR', 'B'], maxBaselineKm: 30 });
    expect(limitsOf(party(), terms(of), { near }).nearest).toEqual({
      mountpoints: ['B'],
      maxBaselineKm: 30,
      hysteresisKm: 2,
    });
  });

  test('say whose account it is where the nearest base is served', () => {
    const of = app({ customerId: 'cus_1' });
    const nothing = { spec: spec(), specId: undefined };
    expect(limitsOf(party({ app: of }), terms(spec({ ignoreMountpoint: true })), {}).customerId).toBe(
      'cus_1',
    );
    expect(limitsOf(party({ app: of }), nothing, { near }).customerId).toBe('cus_1');
    expect(limitsOf(party({ app: of }), nothing, {})).not.toHaveProperty('customerId');
  });

  test('are of the base of a mountpoint that is a shape of another, in both shapes', () => {
    const serving = { of: 'BASE', shape: { constellations: ['GPS' as const, 'GAL' as const] } };
    const of = spec({ constellations: ['GAL', 'BDS'] });
    expect(limitsOf(party(), terms(of), serving)).toMatchObject({
      of: 'BASE',
      shape: { constellations: ['GAL'] },
    });
    const ignoring = spec({ ignoreMountpoint: true, constellations: ['GAL', 'BDS'] });
    expect(limitsOf(party(), terms(ignoring), serving).of).toBeUndefined();
  });

  test('leave that mountpoint as it is where there is no spec', () => {
    expect(limitsOf(party(), { spec: spec(), specId: undefined }, { near }).nearest).toBeUndefined();
  });
});

describe('a nonce', () => {
  const ask = {
    appKey: 'rk_1',
    device: 'dev',
    seconds: Math.floor(Date.now() / 1000) + 100,
    nonce: 'abcdefabcdefabcdef',
    signature: 's',
    method: 'NTRIP',
    path: '/M',
    body: Buffer.alloc(0),
    address: '10.0.0.1',
  };

  test('is good once by the API', async () => {
    const live = new MemoryLiveState();
    expect(await useNonce(live, 'api', app(), ask, 'refuse')).toBe('fresh');
    expect(await useNonce(live, 'api', app(), ask, 'refuse')).toMatchObject({ reason: 'nonce_used' });
    await live.close();
  });

  test('may be repeated by NTRIP, by the same device for the same mountpoint', async () => {
    const live = new MemoryLiveState();
    await useNonce(live, 'ntrip', app(), ask, 'refuse');
    expect(await useNonce(live, 'ntrip', app(), ask, 'refuse')).toBe('repeat');
    expect(await useNonce(live, 'ntrip', app(), { ...ask, device: 'other' }, 'refuse')).toMatchObject({
      reason: 'nonce_used',
    });
    expect(await useNonce(live, 'ntrip', app(), { ...ask, path: '/N' }, 'refuse')).toMatchObject({
      reason: 'nonce_used',
    });
    await live.close();
  });

  test('made before this process began is refused by the API, and taken by NTRIP', async () => {
    const live = new MemoryLiveState();
    const old = { ...ask, seconds: Math.floor(Date.now() / 1000) - 100 };
    expect(await useNonce(live, 'api', app(), old, 'refuse')).toMatchObject({ reason: 'signature_too_old' });
    const another = { ...old, nonce: 'fedcbafedcbafedcba' };
    expect(await useNonce(live, 'ntrip', app(), another, 'refuse')).toBe('repeat');
    await live.close();
  });
});

test('logins are counted for the app, and told how long to wait', async () => {
  const live = new MemoryLiveState();
  const one = app({ quota: { devicesMax: null, sessionsMax: null, loginsPerMinute: 2 } });
  const counted = [];
  for (let n = 0; n < 3; n++) counted.push(await countLogin(live, one, 'refuse'));
  expect(counted.slice(0, 2)).toEqual([undefined, undefined]);
  expect(counted[2]).toMatchObject({ reason: 'login_rate' });
  expect(counted[2]?.retryAfterS).toBeGreaterThan(0);
  await live.close();
});

describe('the places', () => {
  const claim = (
    sessionId: string,
    of: ServiceSpec,
    parts: { app?: AppRecord; isRepeat?: boolean } = {},
  ) => ({
    sessionId,
    app: parts.app ?? app(),
    account: account(),
    spec: of,
    isRepeat: parts.isRepeat ?? false,
  });

  test('of a spec that refuses are refused when they are taken', async () => {
    const live = new MemoryLiveState();
    const of = spec({ onExtraSession: 'refuse' });
    await takeSlots(live, claim('a', of), 'refuse');
    expect(await takeSlots(live, claim('b', of), 'refuse')).toMatchObject({ reason: 'sessions_full' });
    expect(await takeSlots(live, claim('c', of, { isRepeat: true }), 'refuse')).toMatchObject({
      ok: true,
      replaced: ['a'],
    });
    await live.close();
  });

  test('of an app are refused by its own name', async () => {
    const live = new MemoryLiveState();
    const one = app({ quota: { devicesMax: null, sessionsMax: 1, loginsPerMinute: null } });
    const of = spec({ onExtraSession: 'count' });
    await takeSlots(live, claim('a', of, { app: one }), 'refuse');
    expect(await takeSlots(live, claim('b', of, { app: one }), 'refuse')).toMatchObject({
      reason: 'app_sessions_full',
    });
    await live.close();
  });
});
