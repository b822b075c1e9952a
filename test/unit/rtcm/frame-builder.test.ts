import { describe, expect, test } from 'vitest';
import { buildFrame } from '../../../caster/rtcm/frame-builder.ts';
import { messageNumberOf } from '../../../caster/rtcm/frame-layout.ts';

describe('building frames', () => {
  test('the payload of the example of the standard gives the example frame', () => {
    const frame = Buffer.from('D300133ED7D30202980EDEEF34B4BD62AC0941986F33360B98', 'hex');
    expect(buildFrame(frame.subarray(3, -3))).toEqual(frame);
  });

  test('no payload gives the zero-length filler frame', () => {
    expect(buildFrame(Buffer.alloc(0)).toString('hex')).toBe('d3000047ea4b');
  });

  test('the longest payload has 1023 bytes', () => {
    expect([...buildFrame(Buffer.alloc(1023)).subarray(0, 3)]).toEqual([0xd3, 0x03, 0xff]);
  });

  test('a longer payload is a bug and throws', () => {
    expect(() => buildFrame(Buffer.alloc(1024))).toThrow(RangeError);
  });
});

describe('the message number of a frame', () => {
  test('is the first twelve bits of the payload', () => {
    expect(messageNumberOf(buildFrame(Buffer.from('fffa', 'hex')))).toBe(4095);
  });

  test.each([0, 1])('is -1 where the payload has only %d bytes', (length) => {
    expect(messageNumberOf(buildFrame(Buffer.alloc(length, 0xff)))).toBe(-1);
  });
});
