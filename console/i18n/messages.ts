// Texts in every language, beside the screen that shows them. A text that one language lacks, or has too many, does not
// compile: `messages({ en: {…}, zh: {…} })` takes English as the measure of the others.

import { useLanguage, type Language } from './language.tsx';

/** The same keys, each with any text; a text with blanks is a function of the same arguments. */
type Translated<Text> = {
  readonly [Key in keyof Text]: Text[Key] extends string
    ? string
    : Text[Key] extends (...blanks: infer Blanks) => string
      ? (...blanks: Blanks) => string
      : Translated<Text[Key]>;
};

export type Messages<Text> = Readonly<Record<Language, Translated<Text>>>;

export function messages<const Text extends object>(texts: {
  readonly en: Text;
  readonly zh: NoInfer<Translated<Text>>;
}): Messages<Text> {
  return texts as Messages<Text>;
}

/** An English noun after its number as it is shown: "1 session", "18,000 sessions". */
export function counted(count: string, noun: string): string {
  return `${count} ${noun}${count === '1' ? '' : 's'}`;
}

export function useText<Text>(texts: Messages<Text>): Translated<Text> {
  return texts[useLanguage().language];
}
