// Tests how the Authorization header, and user name and password of signed NTRIP, are read: one way to write each, no
// throw whatever comes, and no changed byte of a good one accepted.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  authorizationHeader,
  ntripParts,
  ntripPassword,
  ntripUser,
  parseAuthorizationHeader,
  parseNtripPassword,
  parseNtripUser,
  signRc1,
  verifyRc1,
} from '../../../caster/accounts/signature.ts';

const SECRET = 'demo-secret-0123456789';
const NOW_MS = 1_795_291_200_000;
const CLAIM = { seconds: 1795291200, nonce: 'abcdef0123456789' };
const DEVICE = 'dev-1';
const APP_KEY = 'ak_demo';
const CALL = {
  ...CLAIM,
  device: DEVICE,
  method: 'POST',
  path: '/v1/terminal/login',
  body: Buffer.from('{"mountpoint":"TEST1"}'),
};
const HEADER =
  'RC1-HMAC-SHA256 app=ak_demo,ts=1795291200,nonce=abcdef0123456789,device=dev-1,sig=q2OnKfdOly14NyrdjDcoHx9X4HO1ntURb8WKhTsP-YQ';
const PASSWORD = 'rc1.1795291200.abcdef0123456789.H_ffek1db74ooGxqxCMJ1WEe5N4r9SorQGYNexIleOw';

/** As admission judges a signed call: the code that a device would get. */
function judgeHeader(header: string): string {
  const read = parseAuthorizationHeader(header);
  if (read.kind === 'missing') return 'credentials_missing';
  if (read.kind === 'malformed') return 'signature_malformed';
  if (read.appKey !== APP_KEY) return 'app_unknown';
  const { seconds, nonce, device, signature } = read;
  const verdict = verifyRc1({ current: SECRET }, { ...CALL, seconds, nonce, device }, signature, NOW_MS);
  return verdict.ok ? 'ok' : verdict.reason;
}

function judgePassword(password: string): string {
  const read = parseNtripPassword(password);
  if (read.kind === 'plain') return 'credentials_wrong';
  if (read.kind === 'malformed') return 'signature_malformed';
  const parts = ntripParts(read, DEVICE, 'TEST1');
  const verdict = verifyRc1({ current: SECRET }, parts, read.signature, NOW_MS);
  return verdict.ok ? 'ok' : verdict.reason;
}

/** `text` with the byte at each place changed in each way that leaves a byte, and where. */
function* changedBytes(text: string): Generator<{ at: number; changed: string }> {
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += 1) {
    for (let value = 0; value < 256; value += 1) {
      if (bytes[at] === value) continue;
      const changed = Buffer.from(bytes);
      changed[at] = value;
      yield { at, changed: changed.toString('latin1') };
    }
  }
}

describe('the header', () => {
  test('the header of the design’s vector is read, taken, and written the same', () => {
    expect(judgeHeader(HEADER)).toBe('ok');
    const read = parseAuthorizationHeader(HEADER);
    expect(read).toMatchObject({ kind: 'signed', appKey: APP_KEY, device: DEVICE, ...CLAIM });
    expect(read.kind === 'signed' ? authorizationHeader(read) : read).toBe(HEADER);
  });

  test('a header without a device is read as one', () => {
    const read = parseAuthorizationHeader(HEADER.replace('dev-1', ''));
    expect(read).toMatchObject({ kind: 'signed', device: '' });
  });

  test.each([undefined, ''])('no header (%j) is told apart from a malformed one', (value) => {
    expect(parseAuthorizationHeader(value)).toEqual({ kind: 'missing' });
  });

  test.each([
    ['Bearer csk_live_abc', 'does not begin with RC1-HMAC-SHA256'],
    [HEADER.replace('RC1', 'rc1'), 'does not begin with RC1-HMAC-SHA256'],
    [HEADER.replaceAll(',', ', '), 'field 2 is not ts=…'],
    [HEADER.replace('256 ', '256  '), 'field 1 is not app=…'],
    [HEADER.replace('app=ak_demo,', ''), 'field 1 is not app=…'],
    [HEADER.replace(/,sig=.*/, ''), 'field 5 is not sig=…'],
    [`${HEADER},x=1`, 'there is more after sig=…'],
    [`${HEADER} `, 'sig is not 43 characters'],
    [`${HEADER}=`, 'sig is not 43 characters'],
    [HEADER.replace('ak_demo', 'ak/demo'), 'app is not 1 to 64 of'],
    [HEADER.replace('ts=', 'ts=0'), 'ts is not seconds'],
    [HEADER.replace('ts=', 'ts=+'), 'ts is not seconds'],
    [HEADER.replace('1795291200', '1.79e9'), 'ts is not seconds'],
    [HEADER.replace('abcdef0123456789', 'abcdef012345678'), 'nonce is not 16 to 64 of'],
    [HEADER.replace('abcdef0123456789', 'a'.repeat(65)), 'nonce is not 16 to 64 of'],
    [HEADER.replace('dev-1', 'dev 1'), 'device is not empty or 1 to 64 of'],
    [HEADER.replace('dev-1', 'd'.repeat(65)), 'device is not empty or 1 to 64 of'],
    [`${HEADER}${'A'.repeat(400)}`, 'too long'],
  ])('of %j it is said what is wrong', (header, detail) => {
    expect(parseAuthorizationHeader(header)).toEqual({
      kind: 'malformed',
      detail: expect.stringContaining(detail) as string,
    });
  });

  test('every changed byte is refused, with the code of what it hit', () => {
    const expected: [string, readonly string[]][] = [
      ['RC1-HMAC-SHA256 app=', ['signature_malformed']],
      ['ak_demo', ['app_unknown', 'signature_malformed']],
      [',ts=', ['signature_malformed']],
      ['1795291200', ['signature_wrong', 'signature_malformed']],
      [',nonce=', ['signature_malformed']],
      ['abcdef0123456789', ['signature_wrong', 'signature_malformed']],
      [',device=', ['signature_malformed']],
      ['dev-1', ['signature_wrong', 'signature_malformed']],
      [',sig=', ['signature_malformed']],
      [HEADER.slice(-43), ['signature_wrong', 'signature_malformed']],
    ];
    expect(expected.map(([text]) => text).join('')).toBe(HEADER);
    const codesAt = expected.flatMap(([text, codes]) => Array.from(text, () => codes));
    for (const { at, changed } of changedBytes(HEADER)) expect(codesAt[at]).toContain(judgeHeader(changed));
  });

  test('no text makes the reader throw, and what it reads is written the same again', () => {
    const words = fc.constantFrom(
      'RC1-HMAC-SHA256 ',
      'app=',
      'ts=',
      'nonce=',
      'device=',
      'sig=',
      ',',
      '1',
      'a',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(words).map((list) => list.join('')),
    );
    fc.assert(
      fc.property(text, (value) => {
        const read = parseAuthorizationHeader(value);
        if (read.kind === 'signed') expect(authorizationHeader(read)).toBe(value);
        if (read.kind === 'malformed' && value.length > 12) expect(read.detail).not.toContain(value);
      }),
      { seed: 61, numRuns: 5000 },
    );
  });
});

describe('user and password of signed NTRIP', () => {
  test('the password of the design’s vector is read, taken, and written the same', () => {
    expect(judgePassword(PASSWORD)).toBe('ok');
    const signature = signRc1(SECRET, ntripParts(CLAIM, DEVICE, 'TEST1'));
    expect(ntripPassword({ ...CLAIM, signature })).toBe(PASSWORD);
  });

  test.each(['', 'secret', 'RC1.1795291200', 'rc1', ' rc1.1', 'rc2.1795291200.x.y'])(
    'the password %j is an ordinary one',
    (password) => {
      expect(parseNtripPassword(password)).toEqual({ kind: 'plain' });
    },
  );

  test.each([
    ['rc1.', 'the part after rc1. is not seconds'],
    ['rc1.01795291200.abcdef0123456789.x', 'the part after rc1. is not seconds'],
    ['rc1.1795291200.short.x', 'the nonce is not 16 to 64 of'],
    [PASSWORD.slice(0, -1), 'the signature is not 43 characters'],
    [`${PASSWORD}=`, 'the signature is not 43 characters'],
    [`${PASSWORD}\r`, 'the signature is not 43 characters'],
    [`${PASSWORD}.`, 'there is more after the signature'],
    [`${PASSWORD}${'A'.repeat(400)}`, 'too long'],
  ])('of the password %j it is said what is wrong', (password, detail) => {
    expect(parseNtripPassword(password)).toEqual({
      kind: 'malformed',
      detail: expect.stringContaining(detail) as string,
    });
  });

  test('every changed byte of a password is refused, with the code of what it hit', () => {
    for (const { at, changed } of changedBytes(PASSWORD)) {
      const codes = at < 4 ? ['credentials_wrong'] : ['signature_wrong', 'signature_malformed'];
      expect(codes).toContain(judgePassword(changed));
    }
  });

  test('no text makes the reader of passwords or user names throw, and what they read is written the same', () => {
    const words = fc.constantFrom('rc1.', '.', '/', '1795291200', 'abcdef0123456789', 'A'.repeat(43), 'ak');
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(words).map((list) => list.join('')),
    );
    fc.assert(
      fc.property(text, (value) => {
        const password = parseNtripPassword(value);
        if (password.kind === 'signed') expect(ntripPassword(password)).toBe(value);
        const user = parseNtripUser(value);
        if (user.kind === 'app') expect(ntripUser(user.appKey, user.device)).toBe(value);
      }),
      { seed: 62, numRuns: 5000 },
    );
  });

  test.each([
    ['ak_demo', { kind: 'app', appKey: 'ak_demo', device: '' }],
    ['ak_demo/dev-1.a', { kind: 'app', appKey: 'ak_demo', device: 'dev-1.a' }],
  ])('the user name %j names app and device', (username, expected) => {
    expect(parseNtripUser(username)).toEqual(expected);
  });

  test.each([
    ['', 'the app key is not'],
    ['/dev-1', 'the app key is not'],
    ['ak demo', 'the app key is not'],
    ['a'.repeat(65), 'the app key is not'],
    ['ak_demo/', 'the device id after the slash is not'],
    ['ak_demo/a/b', 'the device id after the slash is not'],
    ['ak_demo/ä', 'the device id after the slash is not'],
    ['ak_demo/dev-1\n', 'the device id after the slash is not'],
  ])('of the user name %j it is said what is wrong', (username, detail) => {
    expect(parseNtripUser(username)).toEqual({
      kind: 'malformed',
      detail: expect.stringContaining(detail) as string,
    });
  });
});
