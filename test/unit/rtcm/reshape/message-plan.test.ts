// What becomes of message numbers under shapes.
import { describe, expect, test } from 'vitest';
import { loweredLevel, planMessage } from '../../../../caster/rtcm/reshape/message-plan.ts';
import { type Shape } from '../../../../caster/rtcm/reshape/shape.ts';

/** The number a message goes out with, undefined where it does not. */
function numberOut(shape: Shape, messageNumber: number): number | undefined {
  const plan = planMessage(shape, messageNumber);
  switch (plan.kind) {
    case 'drop':
      return undefined;
    case 'msm':
      return messageNumber - plan.level + plan.levelOut;
    case 'legacy':
      return plan.numberOut;
    case 'pass':
    case 'position':
      return messageNumber;
  }
}

describe('constellations', () => {
  const shape: Shape = { constellations: ['GPS', 'GAL'] };

  test.each([1084, 1087, 1012, 1020, 1230, 1066, 1124, 1127, 1042, 63, 1044, 1114, 1107, 1137, 1043, 1303])(
    '%i speaks of another one and goes',
    (number) => {
      expect(numberOut(shape, number)).toBeUndefined();
    },
  );

  test.each([
    1004, 1005, 1007, 1013, 1019, 1029, 1033, 1045, 1046, 1074, 1097, 1057, 1240, 4072, 4094, 999, -1,
  ])('%i stays as it is', (number) => {
    expect(numberOut(shape, number)).toBe(number);
  });

  test('GPS messages of the legacy kind stay for their SBAS satellites', () => {
    expect(planMessage({ constellations: ['SBAS'] }, 1004)).toMatchObject({
      keepsOwn: false,
      keepsSbas: true,
    });
  });
});

describe('the highest level', () => {
  test.each([
    [7, 7, 7],
    [6, 7, 6],
    [5, 7, 5],
    [7, 5, 5],
    [6, 5, 4],
    [5, 5, 5],
    [4, 5, 4],
    [7, 4, 4],
    [6, 4, 4],
    [5, 4, 4],
    [3, 4, 3],
    [1, 4, 1],
  ])('MSM%i with at most %i goes out as MSM%i', (level, levelMax, out) => {
    expect(loweredLevel(level, levelMax)).toBe(out);
  });

  test('lists name a message by the number it came with or goes out with', () => {
    expect(numberOut({ msmLevelMax: 4, messagesKept: [1077] }, 1077)).toBe(1074);
    expect(numberOut({ msmLevelMax: 4, messagesKept: [1074] }, 1077)).toBe(1074);
    expect(numberOut({ msmLevelMax: 4, messagesKept: [1084] }, 1077)).toBeUndefined();
    expect(numberOut({ msmLevelMax: 4, messagesDropped: [1077] }, 1077)).toBeUndefined();
    expect(numberOut({ msmLevelMax: 4, messagesDropped: [1074] }, 1077)).toBeUndefined();
  });
});

describe('channels of GLONASS', () => {
  test('MSM4 goes out where the ephemerides that tell them go out too', () => {
    expect(numberOut({ msmLevelMax: 4 }, 1087)).toBe(1084);
  });

  test('MSM5 goes out where the ephemerides are dropped', () => {
    expect(numberOut({ msmLevelMax: 4, messagesDropped: [1020] }, 1087)).toBe(1085);
    expect(numberOut({ msmLevelMax: 4, messagesKept: [1005, 1087] }, 1087)).toBe(1085);
  });

  test('MSM5 goes out where it is asked for', () => {
    expect(numberOut({ msmLevelMax: 4, glonassChannelsKept: true }, 1087)).toBe(1085);
    expect(numberOut({ msmLevelMax: 4, glonassChannelsKept: true }, 1085)).toBe(1085);
  });

  test('MSM4 goes out where the list wants that and nothing else', () => {
    expect(numberOut({ msmLevelMax: 4, messagesKept: [1005, 1084] }, 1087)).toBe(1084);
  });

  test('an MSM6 has none to lose', () => {
    expect(numberOut({ msmLevelMax: 4, glonassChannelsKept: true }, 1086)).toBe(1084);
  });
});

describe('bands', () => {
  test('the mask has the signals of the bands, and none that nobody knows', () => {
    const plan = planMessage({ bands: ['L1', 'L5'] }, 1077);
    const ids = [2, 3, 4, 22, 23, 24, 30, 31, 32];
    expect(plan).toMatchObject({ signalMask: ids.reduce((mask, id) => mask | (1 << (32 - id)), 0) });
  });

  test('a constellation without a wanted band goes', () => {
    expect(numberOut({ bands: ['L1', 'E1'] }, 1127)).toBeUndefined();
    expect(numberOut({ bands: ['B1I'] }, 1004)).toBeUndefined();
  });

  test.each([
    [1004, 1002],
    [1003, 1001],
    [1012, 1010],
    [1011, 1009],
    [1002, 1002],
    [1009, 1009],
  ])('%i goes out as %i without the second band', (number, out) => {
    expect(numberOut({ bands: ['L1', 'G1'] }, number)).toBe(out);
  });

  test('legacy messages go without their first band', () => {
    expect(numberOut({ bands: ['L2', 'G2'] }, 1004)).toBeUndefined();
    expect(numberOut({ bands: ['L2', 'G2'] }, 1012)).toBeUndefined();
  });
});

describe('lists', () => {
  test('what is kept are only these, filler and unknown numbers included', () => {
    const shape: Shape = { messagesKept: [1005, 1077] };
    expect([1005, 1077, 1087, 1019, 4072, 999, -1].map((number) => numberOut(shape, number))).toEqual([
      1005,
      1077,
      ...new Array<undefined>(5).fill(undefined),
    ]);
  });

  test('what is dropped are only these', () => {
    const shape: Shape = { messagesDropped: [1019, 4072] };
    expect([1005, 1019, 4072, 4073, -1].map((number) => numberOut(shape, number))).toEqual([
      1005,
      undefined,
      undefined,
      4073,
      -1,
    ]);
  });
});
