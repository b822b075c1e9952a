// No ClickHouse at all, because the configuration says so.

import type { ClickHouse } from './clickhouse.ts';
import { problem } from './engine-error.ts';

export function noClickHouse(): ClickHouse {
  const off = problem('off', 'metering.url is off');
  return {
    kind: 'off',
    query: () => Promise.resolve(off),
    command: () => Promise.resolve(off),
    insert: () => Promise.resolve(off),
    ping: () => Promise.resolve(off),
    close: () => Promise.resolve(),
  };
}
