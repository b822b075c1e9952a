// Values of options that several commands take, read from words. A word that cannot be meant is refused with what is
// expected; commander then names the option and ends with the exit code for usage.

import { InvalidArgumentError } from 'commander';

export interface Place {
  readonly latitudeDeg: number;
  readonly longitudeDeg: number;
  readonly heightM: number;
}

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/;

export function portOption(word: string): number {
  return wholeNumber(word, 1, 65_535);
}

export function countOption(word: string): number {
  return wholeNumber(word, 1, Number.MAX_SAFE_INTEGER);
}

export function seedOption(word: string): number {
  return wholeNumber(word, 0, 0xffff_ffff);
}

export function secondsOption(word: string): number {
  const seconds = readNumber(word);
  if (seconds === undefined || seconds <= 0) throw new InvalidArgumentError('Expected seconds above 0.');
  return seconds;
}

/** 0.1 to 20 epochs a second. */
export function rateOption(word: string): number {
  const rateHz = readNumber(word.replace(/hz$/i, ''));
  if (rateHz === undefined || rateHz < 0.1 || rateHz > 20) {
    throw new InvalidArgumentError('Expected epochs a second, from 0.1 to 20.');
  }
  return rateHz;
}

export function placeOption(word: string): Place {
  const place = parsePlace(word);
  if (place === undefined) {
    throw new InvalidArgumentError(
      'Expected latitude,longitude or latitude,longitude,height: degrees and meters.',
    );
  }
  return place;
}

export function versionOption(word: string): 1 | 2 {
  if (word === '1') return 1;
  if (word === '2') return 2;
  throw new InvalidArgumentError('Expected 1 or 2.');
}

/** `latitude,longitude[,height]` in degrees and meters; undefined where it is none. */
export function parsePlace(text: string): Place | undefined {
  const numbers = text.split(',').map((part) => readNumber(part.trim()));
  const [latitudeDeg, longitudeDeg, heightM = 0] = numbers;
  if (numbers.length > 3 || numbers.includes(undefined)) return undefined;
  if (latitudeDeg === undefined || longitudeDeg === undefined) return undefined;
  const isOnEarth =
    Math.abs(latitudeDeg) <= 90 && Math.abs(longitudeDeg) <= 180 && Math.abs(heightM) <= 20_000;
  return isOnEarth ? { latitudeDeg, longitudeDeg, heightM } : undefined;
}

function wholeNumber(word: string, min: number, max: number): number {
  const number = /^\d+$/.test(word) ? Number(word) : NaN;
  if (number >= min && number <= max) return number;
  throw new InvalidArgumentError(
    max === Number.MAX_SAFE_INTEGER ? `Expected a whole number from ${min}.` : `Expected ${min} to ${max}.`,
  );
}

function readNumber(word: string): number | undefined {
  return NUMBER.test(word) ? Number(word) : undefined;
}
