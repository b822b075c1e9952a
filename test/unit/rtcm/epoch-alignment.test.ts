import { describe, expect, test } from 'vitest';
import { EpochAlignment } from '../../../caster/rtcm/epoch-alignment.ts';
import { type SatelliteSystem } from '../../../caster/rtcm/satellite-system.ts';

/** `last` where the frame says that no more will come, after which no epoch is open. */
type Frame = readonly [system: SatelliteSystem, epochKey: number, last?: 'last' | undefined];

/** Runs frames through an alignment and says, epoch by epoch, which systems came together. */
function group(frames: readonly Frame[]): string[] {
  const alignment = new EpochAlignment();
  const epochs: string[][] = [];
  let open = false;
  for (const [system, epochKey, last] of frames) {
    if (open && alignment.belongs(system, epochKey)) epochs.at(-1)!.push(system);
    else {
      alignment.open(system, epochKey);
      epochs.push([system]);
    }
    open = last === undefined;
  }
  return epochs.map((epoch) => epoch.join(' '));
}

function repeat(seconds: number, frames: readonly Frame[]): Frame[] {
  return Array.from({ length: seconds }, (_, second) =>
    frames.map(([system, epochKey, last]): Frame => [system, (epochKey + second * 1000) % 86_400_000, last]),
  ).flat();
}

describe('frames of one epoch', () => {
  test('with the same time stay together, and the next time begins an epoch', () => {
    expect(
      group(
        repeat(3, [
          ['GPS', 5000],
          ['GLO', 5000],
          ['BDS', 5000],
        ]),
      ),
    ).toEqual(['GPS GLO BDS', 'GPS GLO BDS', 'GPS GLO BDS']);
  });

  test('that differ by a rounded millisecond stay together', () => {
    expect(
      group([
        ['GPS', 5001],
        ['GLO', 5000],
      ]),
    ).toEqual(['GPS GLO']);
  });

  test('10 ms apart are two epochs', () => {
    expect(
      group([
        ['GPS', 5000],
        ['GPS', 5010],
      ]),
    ).toEqual(['GPS', 'GPS']);
  });

  test('stay together over midnight', () => {
    expect(
      group(
        repeat(2, [
          ['GPS', 86_399_999],
          ['GLO', 0],
        ]),
      ),
    ).toEqual(['GPS GLO', 'GPS GLO']);
  });

  test('in parts of one system stay together', () => {
    expect(
      group(
        repeat(2, [
          ['GPS', 5000],
          ['BDS', 5000],
          ['BDS', 5000],
        ]),
      ),
    ).toEqual(['GPS BDS BDS', 'GPS BDS BDS']);
  });
});

describe('a system whose clock is off', () => {
  test('BeiDou in GPS time belongs from the first epoch on', () => {
    expect(
      group(
        repeat(2, [
          ['GPS', 5000],
          ['BDS', 19_000],
        ]),
      ),
    ).toEqual(['GPS BDS', 'GPS BDS']);
  });

  test('GLONASS with stale leap seconds belongs from the second epoch on', () => {
    expect(
      group(
        repeat(4, [
          ['GPS', 5000],
          ['GLO', 8000],
          ['GAL', 5000],
        ]),
      ),
    ).toEqual(['GPS', 'GLO', 'GAL', 'GPS GLO GAL', 'GPS GLO GAL', 'GPS GLO GAL']);
  });

  test('belongs again at once after it was away for a while', () => {
    const both: Frame[] = [
      ['GPS', 5000],
      ['GLO', 8000],
    ];
    const without = repeat(3, [['GPS', 9000]]);
    const again = repeat(1, [
      ['GPS', 12_000],
      ['GLO', 15_000],
    ]);
    expect(group([...repeat(4, both), ...without, ...again]).at(-1)).toBe('GPS GLO');
  });

  test('that comes first does not keep the others from it', () => {
    expect(
      group(
        repeat(4, [
          ['GLO', 8000],
          ['GPS', 5000],
          ['GAL', 5000, 'last'],
        ]),
      ).slice(-2),
    ).toEqual(['GLO GPS GAL', 'GLO GPS GAL']);
  });

  test('and is put right belongs at once', () => {
    const wrong = repeat(4, [
      ['GPS', 5000],
      ['GLO', 8000],
    ]);
    const right = repeat(2, [
      ['GPS', 9000],
      ['GLO', 9000],
    ]);
    expect(group([...wrong, ...right]).slice(-2)).toEqual(['GPS GLO', 'GPS GLO']);
  });

  test('belongs with all its parts', () => {
    expect(
      group(
        repeat(4, [
          ['GPS', 5000],
          ['GLO', 8000],
          ['GLO', 8000],
        ]),
      ).slice(-2),
    ).toEqual(['GPS GLO GLO', 'GPS GLO GLO']);
  });

  test('can open an epoch for the others where the usual opener is missing', () => {
    const usual = repeat(4, [
      ['GPS', 5000],
      ['GLO', 8000, 'last'],
    ]);
    const withGalileo: Frame[] = [
      ['GPS', 9000],
      ['GAL', 9000, 'last'],
    ];
    const withoutGps: Frame[] = [
      ['GLO', 13_000],
      ['GAL', 10_000],
    ];
    expect(group([...usual, ...withGalileo, ...withoutGps]).at(-1)).toBe('GLO GAL');
  });

  test('and is put right can open an epoch for one that is still off', () => {
    const wrong = repeat(4, [
      ['GPS', 5000],
      ['GLO', 8000],
      ['BDS', 19_000, 'last'],
    ]);
    const right = repeat(2, [
      ['GPS', 9000],
      ['GLO', 9000],
      ['BDS', 23_000, 'last'],
    ]);
    const withoutGps: Frame[] = [
      ['GLO', 11_000],
      ['BDS', 25_000],
    ];
    expect(group([...wrong, ...right, ...withoutGps]).at(-1)).toBe('GLO BDS');
  });

  test('jumping by a leap second costs one epoch', () => {
    const before = repeat(4, [
      ['GPS', 5000],
      ['GLO', 5000],
    ]);
    const after = repeat(3, [
      ['GPS', 9000],
      ['GLO', 8000],
    ]);
    expect(group([...before, ...after]).slice(-4)).toEqual(['GPS', 'GLO', 'GPS GLO', 'GPS GLO']);
  });
});
