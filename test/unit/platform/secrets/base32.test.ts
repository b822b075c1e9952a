// Tests base32 against the vectors of RFC 4648 §10, in lower case and without padding.

import { expect, test } from 'vitest';
import { base32, base32Characters } from '../../../../platform/secrets/base32.ts';

test.each([
  ['', ''],
  ['f', 'my'],
  ['fo', 'mzxq'],
  ['foo', 'mzxw6'],
  ['foob', 'mzxw6yq'],
  ['fooba', 'mzxw6ytb'],
  ['foobar', 'mzxw6ytboi'],
])('the bytes of %j are written %j', (bytes, text) => {
  expect(base32(Buffer.from(bytes))).toBe(text);
});

test('each byte gives one character of its lowest five bits', () => {
  expect(base32Characters(Uint8Array.of(0, 25, 26, 31, 32))).toBe('az27a');
});
