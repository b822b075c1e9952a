// How long ago something began, going on by itself. Each draws itself anew, and nothing around it.

import { useEffect, useState } from 'react';
import { useFormats } from '../i18n/formats.ts';

const EVERY_MS = 1000;

export function Since({ time }: { readonly time: string }) {
  const formats = useFormats();
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return formats.span(nowMs - Date.parse(time));
}
