// Tests the signature RC1 against the design's vectors and against openssl, its window, and secrets that overlap.

import { describe, expect, test } from 'vitest';
import {
  nonceExpiresAtMs,
  ntripParts,
  signRc1,
  textToSign,
  verifyRc1,
  type SignedParts,
} from '../../../caster/accounts/signature.ts';
import { integerBelow, randomSource } from '../ntrip/random.ts';
import { hasOpenssl, opensslSignature } from './openssl-rc1.ts';

const SECRET = 'demo-secret-0123456789';
const NOBODY = Buffer.alloc(0);
const NOW_MS = 1_795_291_200_000;

/** DESIGN §6. */
const VECTORS: [SignedParts, string][] = [
  [
    {
      seconds: 1795291200,
      nonce: 'abcdef0123456789',
      device: 'dev-1',
      method: 'POST',
      path: '/v1/terminal/login',
      body: Buffer.from('{"mountpoint":"TEST1"}'),
    },
    'q2OnKfdOly14NyrdjDcoHx9X4HO1ntURb8WKhTsP-YQ',
  ],
  [
    ntripParts({ seconds: 1795291200, nonce: 'abcdef0123456789' }, 'dev-1', 'TEST1'),
    'H_ffek1db74ooGxqxCMJ1WEe5N4r9SorQGYNexIleOw',
  ],
  [
    {
      seconds: 1795291201,
      nonce: 'Zz_-000000000000',
      device: '',
      method: 'GET',
      path: '/v1/terminal/status?verbose=1',
      body: NOBODY,
    },
    'pa2k16DJgVq6m6SEXvCAo3qWuo1rMFaqGwfVEA7R7lI',
  ],
];
const [first, firstSignature] = VECTORS[0]!;

test.each(VECTORS)('the vector of the design is signed and verified: %j', (parts, signature) => {
  expect(signRc1(SECRET, parts)).toBe(signature);
  const verdict = verifyRc1({ current: SECRET }, parts, signature, parts.seconds * 1000);
  expect(verdict).toEqual({ ok: true, secret: 'current' });
});

test('the text to sign is seven lines without a line end behind the last', () => {
  expect(textToSign(VECTORS[2]![0])).toBe(
    'RC1-HMAC-SHA256\n1795291201\nZz_-000000000000\n\nGET\n/v1/terminal/status?verbose=1\n' +
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  );
});

test('what openssl signs is what we sign, for secrets and bodies of any bytes', (context) => {
  context.skip(!hasOpenssl, 'openssl is not here');
  const random = randomSource(6);
  const below = (limit: number): number => integerBelow(random, limit);
  const bytes = (length: number): Buffer => Buffer.from(Array.from({ length }, () => below(256)));
  for (let round = 0; round < 40; round += 1) {
    const body = bytes(below(200));
    const secret = bytes(1 + below(40)).toString('base64url');
    const nonce = bytes(12 + below(36)).toString('base64url');
    const seconds = below(2 ** 31);
    const path = `/v1/terminal/login?try=${round}&name=%C3%A4${below(1000)}`;
    const device = round % 2 === 0 ? '' : `dev.${round}_-`;
    const lines = ['RC1-HMAC-SHA256', seconds, nonce, device, 'POST', path, ''].join('\n');
    const parts = { seconds, nonce, device, method: 'POST', path, body };
    expect(signRc1(secret, parts)).toBe(opensslSignature(secret, lines, body));
  }
});

describe('a signature is refused', () => {
  const verify = (parts: SignedParts, signature = firstSignature): string => {
    const verdict = verifyRc1({ current: SECRET }, parts, signature, NOW_MS);
    return verdict.ok ? 'ok' : verdict.reason;
  };

  test.each<[string, Partial<SignedParts>]>([
    ['the time', { seconds: first.seconds + 1 }],
    ['the nonce', { nonce: 'abcdef012345678X' }],
    ['the device', { device: 'dev-2' }],
    ['the device, left out', { device: '' }],
    ['the method', { method: 'PUT' }],
    ['the query', { path: '/v1/terminal/login?' }],
    ['a letter’s case in the path', { path: '/v1/terminal/Login' }],
    ['a space in the body', { body: Buffer.from('{"mountpoint": "TEST1"}') }],
    ['the whole body', { body: NOBODY }],
  ])('when another thing was signed: %s', (_what, change) => {
    expect(verify({ ...first, ...change })).toBe('signature_wrong');
  });

  test('when it comes from another app’s secret', () => {
    expect(verify(first, signRc1('demo-secret-0123456780', first))).toBe('signature_wrong');
  });

  test('when it is written in another way: padded, in base64, cut, empty, or with unused bits set', () => {
    const bytes = Buffer.from(firstSignature, 'base64url');
    const lastDigit = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = lastDigit[lastDigit.indexOf(firstSignature.at(-1)!) ^ 1]!;
    const twin = firstSignature.slice(0, -1) + last;
    expect(Buffer.from(twin, 'base64url').equals(bytes)).toBe(true);
    for (const text of [`${firstSignature}=`, bytes.toString('base64'), bytes.toString('hex'), '', twin]) {
      expect(verify(first, text)).toBe('signature_wrong');
    }
  });
});

describe('the window', () => {
  test.each([-300, -1, 0, 1, 300])('a clock that is %i s ahead is near enough', (aheadS) => {
    const parts = { ...first, seconds: NOW_MS / 1000 + aheadS };
    expect(verifyRc1({ current: SECRET }, parts, signRc1(SECRET, parts), NOW_MS + 999).ok).toBe(true);
  });

  test.each([-301, 301, -1_795_291_200, 90_000])('a clock that is %i s ahead is told so', (aheadS) => {
    const parts = { ...first, seconds: NOW_MS / 1000 + aheadS };
    const verdict = verifyRc1({ current: SECRET }, parts, signRc1(SECRET, parts), NOW_MS);
    expect(verdict).toEqual({ ok: false, reason: 'clock_outside_window', aheadS });
  });

  test('who has not the secret does not learn whether a clock is off', () => {
    const parts = { ...first, seconds: 0 };
    const verdict = verifyRc1({ current: SECRET }, parts, firstSignature, NOW_MS);
    expect(verdict).toEqual({ ok: false, reason: 'signature_wrong' });
  });

  test('a nonce is remembered until the last ms in which its signature would be taken has passed', () => {
    const untilMs = nonceExpiresAtMs(first.seconds);
    const isTaken = (nowMs: number): boolean =>
      verifyRc1({ current: SECRET }, first, firstSignature, nowMs).ok;
    expect([isTaken(untilMs - 1), isTaken(untilMs)]).toEqual([true, false]);
  });
});

describe('a secret that was rotated', () => {
  const secrets = { current: 'new-secret', previous: { secret: SECRET, untilMs: NOW_MS + 1000 } };

  test('the secret before is good until its time is over', () => {
    const secretAt = (nowMs: number): string => {
      const verdict = verifyRc1(secrets, first, firstSignature, nowMs);
      return verdict.ok ? verdict.secret : verdict.reason;
    };
    expect([secretAt(NOW_MS), secretAt(NOW_MS + 999), secretAt(NOW_MS + 1000)]).toEqual([
      'previous',
      'previous',
      'signature_wrong',
    ]);
  });

  test('the new secret is good at once', () => {
    const signature = signRc1('new-secret', first);
    expect(verifyRc1(secrets, first, signature, NOW_MS)).toEqual({ ok: true, secret: 'current' });
  });
});
