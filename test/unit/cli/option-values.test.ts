// Places, as they are written on the command line and in files.
import { describe, expect, test } from 'vitest';
import { parsePlace, placeOption, portOption, rateOption } from '../../../cli/option-values.ts';

describe('a place', () => {
  test.each([
    ['47.05,8.3,480', [47.05, 8.3, 480]],
    ['47,8', [47, 8, 0]],
    ['-33.9, 151.2, -5.5', [-33.9, 151.2, -5.5]],
    ['90,180,20000', [90, 180, 20_000]],
  ])('%s is read', (text, expected) => {
    const place = parsePlace(text);
    expect([place?.latitudeDeg, place?.longitudeDeg, place?.heightM]).toEqual(expected);
  });

  test.each(['', '47', '47,', '47,8,', '47,8,1,2', '91,0', '0,181', '0,0,20001', 'x,y', '1e1,8', '47;8'])(
    '"%s" is none',
    (text) => {
      expect(parsePlace(text)).toBeUndefined();
    },
  );
});

test.each([
  [() => placeOption('north'), 'latitude'],
  [() => portOption('0'), '1 to 65535'],
  [() => portOption('2101x'), '1 to 65535'],
  [() => rateOption('50'), '0.1 to 20'],
])('a wrong word is refused with what is expected', (read, expected) => {
  expect(read).toThrow(expected);
});

test('a rate may have its unit', () => {
  expect(rateOption('5hz')).toBe(5);
});
