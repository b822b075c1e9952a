import { expect, test } from 'vitest';
import { wantedRange } from '../../../../licensing/ota/byte-range.ts';

// RFC 9110 §14.1.2 and §13.1.5, of a file of 10,000 bytes.
test.each([
  [undefined, { kind: 'whole' }],
  ['bytes=0-499', { kind: 'part', start: 0, end: 499 }],
  ['bytes=500-999', { kind: 'part', start: 500, end: 999 }],
  ['bytes=-500', { kind: 'part', start: 9500, end: 9999 }],
  ['bytes=9500-', { kind: 'part', start: 9500, end: 9999 }],
  ['bytes=9999-99999', { kind: 'part', start: 9999, end: 9999 }],
  ['bytes=-99999', { kind: 'part', start: 0, end: 9999 }],
  ['bytes=10000-', { kind: 'outside' }],
  ['bytes=-0', { kind: 'outside' }],
  ['bytes=5-4', { kind: 'whole' }],
  ['bytes=0-0,-1', { kind: 'whole' }],
  ['lines=1-2', { kind: 'whole' }],
  ['bytes=-', { kind: 'whole' }],
] as const)('the range %s of a file is what the standard says', (range, wanted) => {
  expect(wantedRange({ range }, 10_000, '"x"')).toEqual(wanted);
});

test('a range of another file than there is becomes the whole of it', () => {
  expect(wantedRange({ range: 'bytes=1-', ifRange: '"y"' }, 10, '"x"')).toEqual({ kind: 'whole' });
  expect(wantedRange({ range: 'bytes=1-', ifRange: 'W/"x"' }, 10, '"x"')).toEqual({ kind: 'whole' });
  expect(wantedRange({ range: 'bytes=1-', ifRange: '"x"' }, 10, '"x"')).toMatchObject({ kind: 'part' });
});
