// What time it is by the server, whose clock says when rights end: that of a phone may be wrong.

import { useEffect, useState } from 'react';
import { useRead } from '../../console/api/queries.ts';

const EVERY_MS = 1000;

/** Milliseconds since 1970, anew each second. */
export function useServerNow(): number {
  const { data, dataUpdatedAt } = useRead('GET /v1/time', {});
  const aheadMs = data === undefined ? 0 : data.unixMs - dataUpdatedAt;
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return nowMs + aheadMs;
}
