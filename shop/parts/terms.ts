// What something costs, and for how long and how often it is good, in words.

import { useFormats } from '../../console/i18n/formats.ts';
import { useText } from '../../console/i18n/messages.ts';
import { shopMessages } from '../app/shop-messages.ts';

export interface Terms {
  readonly validSeconds: number | null;
  readonly uses: number | null;
}

/** `30 days · 5 uses`, `For good`. */
export function useTerms({ validSeconds, uses }: Terms): string {
  const text = useText(shopMessages);
  const formats = useFormats();
  const time = validSeconds === null ? text.forGood : formats.duration(validSeconds);
  return uses === null ? time : `${time} · ${text.uses(formats.number(uses))}`;
}

/** Micros and currency as money; nothing is free of charge. */
export function usePrice(): (micros: number | string, currency: string) => string {
  const text = useText(shopMessages);
  const { money } = useFormats();
  return (micros, currency) => (Number(micros) === 0 ? text.free : money(micros, currency));
}
