import { describe, expect, test } from 'vitest';
import { MessageRates } from '../../../caster/rtcm/message-rates.ts';
import { streamFormat, streamFormatDetails } from '../../../caster/rtcm/sourcetable-format.ts';
import { encodeStationPosition } from '../../../caster/rtcm/station-encoders.ts';
import { StationFacts } from '../../../caster/rtcm/station-facts.ts';
import { type StationPosition } from '../../../caster/rtcm/station-messages.ts';
import { legacyFrame, otherFrame } from './observation-frames.ts';

const POSITION: StationPosition = {
  station: 2003,
  itrfYear: 0,
  gps: true,
  glonass: false,
  galileo: false,
  virtualStation: false,
  singleOscillator: false,
  reserved: 0,
  quarterCycle: 0,
  ecefXTenthMm: 11141045999,
  ecefYTenthMm: -48507297108,
  ecefZTenthMm: 39755214643,
  antennaHeightTenthMm: null,
};

describe('rates of messages', () => {
  /** Observes one number at the given times and returns the interval. */
  function intervalOf(timesMs: readonly number[]): number | null | undefined {
    const rates = new MessageRates();
    for (const timeMs of timesMs) rates.observe(1005, timeMs, timeMs);
    return rates.list(timesMs.at(-1)!)[0]?.intervalMs;
  }

  test('are unknown until a message came twice', () => {
    expect(intervalOf([1000])).toBeNull();
  });

  test('are the mean time between messages', () => {
    expect(intervalOf([0, 9900, 20_100, 30_000])).toBeCloseTo(10_000);
  });

  test('count messages that come together as one', () => {
    expect(intervalOf([0, 10, 20, 30_000, 30_020, 60_000])).toBeCloseTo(30_000);
  });

  test('follow a stream that changes its rate', () => {
    const slow = Array.from({ length: 10 }, (_, index) => index * 10_000);
    const fast = Array.from({ length: 60 }, (_, index) => 90_000 + index * 1000);
    expect(intervalOf([...slow, ...fast.slice(1)])).toBeLessThan(1010);
  });

  test('go on over midnight', () => {
    const rates = new MessageRates();
    rates.observe(1077, 0, 86_399_000);
    rates.observe(1077, 1000, 0);
    expect(rates.list(1000)[0]?.intervalMs).toBe(1000);
  });

  test('of messages that have stopped are forgotten', () => {
    const rates = new MessageRates();
    rates.observe(1005, 0, 0);
    rates.observe(1077, 400_000, 400_000);
    expect(rates.list(400_000).map(({ messageNumber }) => messageNumber)).toEqual([1077]);
  });
});

describe('the words of the sourcetable', () => {
  test.each([
    [[1004, 1005], 'RTCM 3.0'],
    [[1004, 1033], 'RTCM 3.1'],
    [[1004, 1230], 'RTCM 3.2'],
    [[1077, 1127], 'RTCM 3.2'],
    [[1077, 1046], 'RTCM 3.3'],
    [[1107], 'RTCM 3.3'],
    [[1137], 'RTCM 3.3'],
    [[], 'RTCM 3.0'],
  ])('a stream of %j is %s', (messageNumbers, format) => {
    expect(streamFormat(messageNumbers)).toBe(format);
  });

  test('rates are whole seconds, tenths below one second, and left out where there are none', () => {
    const rates = [
      { messageNumber: 1005, frames: 2, intervalMs: 9960 },
      { messageNumber: 1008, frames: 1, intervalMs: null },
      { messageNumber: 1019, frames: 9, intervalMs: 2000 },
      { messageNumber: 1075, frames: 9, intervalMs: 199 },
      { messageNumber: 1077, frames: 9, intervalMs: 980 },
    ];
    expect(streamFormatDetails(rates)).toBe('1005(10),1008,1019,1075(0.2),1077(1)');
  });
});

describe('facts about a base', () => {
  test('of a stream that has said nothing are empty', () => {
    expect(new StationFacts().snapshot(1000)).toMatchObject({
      frames: 0,
      lastFrameMs: null,
      bitsPerSecond: 0,
      formatDetails: '',
      systems: [],
      carrier: 0,
      station: null,
      position: null,
    });
  });

  test('survive a base that sends its position as zero', () => {
    const facts = new StationFacts();
    facts.observe(encodeStationPosition(POSITION), 1005, 0);
    const before = facts.snapshot(0).position;
    const zero = { ...POSITION, ecefXTenthMm: 0, ecefYTenthMm: 0, ecefZTenthMm: 0 };
    facts.observe(encodeStationPosition(zero), 1005, 1000);
    expect(facts.snapshot(1000).position).toEqual(before);
  });

  test('keep the antenna height of 1006 when 1005 follows', () => {
    const facts = new StationFacts();
    facts.observe(encodeStationPosition({ ...POSITION, antennaHeightTenthMm: 15_000 }), 1006, 0);
    facts.observe(encodeStationPosition(POSITION), 1005, 1000);
    expect(facts.snapshot(1000).position?.antennaHeightM).toBe(1.5);
  });

  test('forget a system a minute after its last observation', () => {
    const facts = new StationFacts();
    facts.observe(legacyFrame(1004, 0, 1).bytes, 1004, 0);
    facts.observe(legacyFrame(1012, 50_000, 0).bytes, 1012, 50_000);
    expect([facts.snapshot(60_000).systems, facts.snapshot(60_001).systems]).toEqual([
      ['GPS', 'GLO'],
      ['GLO'],
    ]);
  });

  test('one frequency is carrier 1, two are carrier 2', () => {
    const facts = new StationFacts();
    facts.observe(legacyFrame(1002, 0, 1).bytes, 1002, 0);
    const one = facts.snapshot(0).carrier;
    facts.observe(legacyFrame(1012, 0, 1).bytes, 1012, 0);
    expect([one, facts.snapshot(0).carrier]).toEqual([1, 2]);
  });

  test('the bit rate falls when the stream goes quiet', () => {
    const facts = new StationFacts();
    for (let second = 0; second < 25; second++) {
      facts.observe(otherFrame(4094, 119).bytes, 4094, second * 1000);
    }
    expect([facts.snapshot(25_000).bitsPerSecond, facts.snapshot(60_000).bitsPerSecond < 200]).toEqual([
      1000,
      true,
    ]);
  });

  test('can be posted to another thread', () => {
    const facts = new StationFacts();
    facts.observe(encodeStationPosition(POSITION), 1005, 0);
    const snapshot = facts.snapshot(0);
    expect(structuredClone(snapshot)).toEqual(snapshot);
  });
});
