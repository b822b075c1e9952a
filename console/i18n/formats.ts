// Numbers, money, sizes, times and spans in the language that was chosen, by Intl. Times are shown in the zone of the browser.

import { useMemo } from 'react';
import { decimalOf, lengthOf } from './amounts.ts';
import { LOCALES, useLanguage } from './language.tsx';

const SIZES = ['kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

type Format = (value: number) => string;

/** Of an amount in millionths. */
const MICRO_DIGITS = 6;

export interface Formats {
  readonly number: (value: number, digits?: number) => string;
  readonly percent: (part: number) => string;
  readonly bytes: (value: number) => string;
  readonly bytesPerSecond: (value: number) => string;
  /** Whole millionths of a currency (ISO 4217), with as many digits as it has, and more where they say more. */
  readonly money: (micros: number | string, currency: string) => string;
  readonly dateTime: (time: string | number) => string;
  readonly date: (time: string | number) => string;
  /** Day, month, hour and minute, short. */
  readonly hourOfDay: (time: string | number) => string;
  /** Day and month of UTC, short. */
  readonly utcDay: (time: string | number) => string;
  /** With the name of the zone: for what somebody keeps, prints or plans by. */
  readonly zonedDateTime: (time: string | number) => string;
  readonly time: (time: string | number) => string;
  /** `12s`, `3m 20s`, `5h 2m`, `4d 1h`. */
  readonly span: (milliseconds: number) => string;
  /** In words, by the largest unit that fits without a rest: `1 year`, `30 days`, `90 minutes`. */
  readonly duration: (seconds: number) => string;
  readonly meters: (value: number) => string;
  /** In meters, or kilometers from one on. */
  readonly distance: (meters: number) => string;
  /** Of seconds; less than one hour as a span. */
  readonly hours: (seconds: number) => string;
  readonly seconds: (value: number) => string;
}

function formatsOf(locale: string): Formats {
  const moneys = new Map<string, Intl.NumberFormat>();
  const numbers = new Map<number, Intl.NumberFormat>();
  const number = (value: number, digits = 0): string => {
    let format = numbers.get(digits);
    if (format === undefined) {
      format = new Intl.NumberFormat(locale, { maximumFractionDigits: digits });
      numbers.set(digits, format);
    }
    return format.format(value);
  };
  const unit = (name: string, digits = 0, unitDisplay: 'short' | 'narrow' = 'short'): Format => {
    const format = new Intl.NumberFormat(locale, {
      ...{ style: 'unit', unit: name, unitDisplay, maximumFractionDigits: digits },
    });
    return (value) => format.format(value);
  };
  // Intl writes the word for a single byte, whatever is asked for.
  const sizes = [(value: number) => `${number(value)} B`, ...SIZES.map((name) => unit(name, 1))];
  const narrow = (name: string): Format => unit(name, 0, 'narrow');
  const [second, minute, hour, day] = [narrow('second'), narrow('minute'), narrow('hour'), narrow('day')];
  const [meters, wholeMeters, kilometers] = [unit('meter', 1), unit('meter'), unit('kilometer', 1)];
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' });
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' });
  const hourOfDay = new Intl.DateTimeFormat(locale, {
    ...{ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
  });
  const utcDay = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' });
  const time = new Intl.DateTimeFormat(locale, { timeStyle: 'medium' });
  const zoned = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
  const zone = new Intl.DateTimeFormat(locale, { timeZoneName: 'short' });
  // Intl itself puts the name of the zone in the middle in Chinese.
  const zoneOf = (at: Date): string =>
    zone.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const hours = unit('hour', 2);
  const span: Format = (milliseconds) => {
    const s = Math.max(0, Math.floor(milliseconds / 1000));
    if (s < 60) return second(s);
    if (s < 3600) return `${minute(Math.floor(s / 60))} ${second(s % 60)}`;
    if (s < 86_400) return `${hour(Math.floor(s / 3600))} ${minute(Math.floor(s / 60) % 60)}`;
    return `${day(Math.floor(s / 86_400))} ${hour(Math.floor(s / 3600) % 24)}`;
  };
  const scaled = (value: number, scale: readonly Format[]): string => {
    const step = Math.min(Math.max(Math.floor(Math.log10(Math.max(value, 1)) / 3), 0), scale.length - 1);
    return scale[step]!(value / 1000 ** step);
  };
  return {
    number,
    percent: (part) => percent.format(part),
    bytes: (value) => scaled(value, sizes),
    bytesPerSecond: (value) => `${scaled(value, sizes)}/s`,
    money: (micros, currency) => {
      let format = moneys.get(currency);
      if (format === undefined) {
        format = new Intl.NumberFormat(locale, {
          ...{ style: 'currency', currency, maximumFractionDigits: MICRO_DIGITS },
        });
        moneys.set(currency, format);
      }
      return format.format(decimalOf(micros));
    },
    dateTime: (at) => dateTime.format(new Date(at)),
    date: (at) => date.format(new Date(at)),
    hourOfDay: (at) => hourOfDay.format(new Date(at)),
    utcDay: (at) => utcDay.format(new Date(at)),
    zonedDateTime: (at) => `${zoned.format(new Date(at))} ${zoneOf(new Date(at))}`,
    time: (at) => time.format(new Date(at)),
    span,
    duration: (seconds) => {
      const { unit: name, count } = lengthOf(seconds);
      return new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay: 'long' }).format(count);
    },
    meters,
    distance: (value) => (value < 1000 ? wholeMeters(value) : kilometers(value / 1000)),
    hours: (seconds) => (seconds < 3600 ? span(seconds * 1000) : hours(seconds / 3600)),
    seconds: unit('second', 1, 'narrow'),
  };
}

export function useFormats(): Formats {
  const { language } = useLanguage();
  return useMemo(() => formatsOf(LOCALES[language]), [language]);
}
