// How much time is left, counting down by itself. Each draws itself anew, and nothing around it.

import { useFormats } from '../../console/i18n/formats.ts';
import { useServerNow } from './server-clock.ts';

export interface RemainingProps {
  readonly until: string;
  /** What is said with the time that is left. */
  readonly words: (span: string) => string;
}

export function Remaining({ until, words }: RemainingProps) {
  const formats = useFormats();
  const nowMs = useServerNow();
  return <span className="tabular">{words(formats.span(Date.parse(until) - nowMs))}</span>;
}
