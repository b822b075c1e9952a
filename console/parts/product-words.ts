// How what is sold is called and told, in the language of the console: names, prices, how long a right lasts.

import { useMemo } from 'react';
import type { Names } from '../api/api-types.ts';
import { useFormats } from '../i18n/formats.ts';
import { useLanguage } from '../i18n/language.tsx';
import { counted, messages, useText } from '../i18n/messages.ts';

const texts = messages({
  en: {
    forGood: 'for good',
    days: (count: string) => counted(count, 'day'),
    asOften: 'as often as one likes',
    uses: (count: string) => counted(count, 'use'),
    free: 'free of charge',
    rule: {
      at_least: (version: string) => `${version} or above`,
      exact: (version: string) => `${version} only`,
    },
  },
  zh: {
    forGood: '永久',
    days: (count: string) => `${count} 天`,
    asOften: '次数不限',
    uses: (count: string) => `${count} 次`,
    free: '免费',
    rule: { at_least: (version: string) => `${version} 及以上`, exact: (version: string) => `仅 ${version}` },
  },
});

const DAY_S = 86_400;

export interface ProductWords {
  /** In the language of the console where there is one. */
  readonly name: (names: Names) => string;
  readonly price: (micros: number | string, currency: string) => string;
  readonly lasts: (validSeconds: number | null) => string;
  readonly uses: (uses: number | null) => string;
  readonly version: (version: string, rule: 'at_least' | 'exact') => string;
}

export function useProductWords(): ProductWords {
  const text = useText(texts);
  const formats = useFormats();
  const { language } = useLanguage();
  return useMemo(
    () => ({
      name: (names) => names[language] ?? names.en ?? names.zh ?? '',
      price: (micros, currency) => (Number(micros) === 0 ? text.free : formats.money(micros, currency)),
      lasts: (validSeconds) => {
        if (validSeconds === null) return text.forGood;
        const days = validSeconds / DAY_S;
        return Number.isInteger(days) ? text.days(formats.number(days)) : formats.span(validSeconds * 1000);
      },
      uses: (uses) => (uses === null ? text.asOften : text.uses(formats.number(uses))),
      version: (version, rule) => text.rule[rule](version),
    }),
    [text, formats, language],
  );
}
