// What a maker wrote of his products: in the driver's language, or in the one that there is, marked as such.

import { LOCALES, useLanguage, type Language } from '../../console/i18n/language.tsx';

export interface Texts {
  readonly en?: string;
  readonly zh?: string;
}

export interface Written {
  readonly text: string;
  readonly language: Language;
}

/** Undefined where there is none in any language. */
export function writtenIn({ en, zh }: Texts, wanted: Language): Written | undefined {
  const all: readonly (Written | undefined)[] = [
    en === undefined || en === '' ? undefined : { text: en, language: 'en' },
    zh === undefined || zh === '' ? undefined : { text: zh, language: 'zh' },
  ];
  const there = all.filter((one) => one !== undefined);
  return there.find(({ language }) => language === wanted) ?? there[0];
}

export function LocalText({ texts }: { readonly texts: Texts }) {
  const { language } = useLanguage();
  const written = writtenIn(texts, language);
  if (written === undefined) return null;
  if (written.language === language) return written.text;
  return <span lang={LOCALES[written.language]}>{written.text}</span>;
}

/** For a title: text and language of a name; a part number where nobody gave one. */
export function useName(
  texts: Texts,
  otherwise = '',
): { readonly text: string; readonly lang: string | undefined } {
  const { language } = useLanguage();
  const written = writtenIn(texts, language);
  if (written === undefined) return { text: otherwise, lang: undefined };
  return { text: written.text, lang: written.language === language ? undefined : LOCALES[written.language] };
}
