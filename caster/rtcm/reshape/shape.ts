// What a service spec asks of the stream itself: the plain part of it that reshaping needs. Two specs with the same
// shape share one reshaped stream.
import { type SatelliteSystem } from '../satellite-system.ts';
import { type Band } from '../signals.ts';

/** What is absent stays as received. A service spec can be given as it is. */
export interface Shape {
  readonly constellations?: readonly SatelliteSystem[] | undefined;
  /** Signals whose band nobody agrees upon ('other') are in no list, and go. */
  readonly bands?: readonly Exclude<Band, 'other'>[] | undefined;
  readonly msmLevelMax?: 4 | 5 | 7 | undefined;
  /**
   * Message numbers; the others are dropped. Both lists name a message by the number it came with as well as by the one
   * it goes out with, so that [1005, 1077] and [1005, 1074] both keep the GPS of an MSM7 base that goes out as MSM4.
   */
  readonly messagesKept?: readonly number[] | undefined;
  readonly messagesDropped?: readonly number[] | undefined;
  /** Seconds of GPS time between epochs. */
  readonly intervalS?: number | undefined;
  /**
   * GLONASS goes down to MSM5 at the lowest, which holds the channel number of each satellite as MSM7 does. MSM4 does
   * not: a rover that has no ephemeris (1020) of the satellite cannot use its phase. Always so where the shape drops 1020.
   */
  readonly glonassChannelsKept?: boolean | undefined;
}

/** The same text for shapes that make the same stream; empty where all goes out as received. */
export function shapeKey(shape: Shape): string {
  const parts: string[] = [];
  const list = (name: string, values: readonly (string | number)[] | undefined): void => {
    if (values !== undefined) parts.push(`${name}=${[...new Set(values)].sort().join(',')}`);
  };
  list('constellations', shape.constellations);
  list('bands', shape.bands);
  if (shape.msmLevelMax !== undefined && shape.msmLevelMax < 7) parts.push(`level=${shape.msmLevelMax}`);
  list('kept', shape.messagesKept);
  list('dropped', shape.messagesDropped);
  if (shape.intervalS !== undefined) parts.push(`interval=${shape.intervalS}`);
  if (shape.glonassChannelsKept === true && shape.msmLevelMax === 4) parts.push('channels');
  return parts.join(' ');
}
