// What drivers are called, as claims name them by id only. As many as a page holds; others are shown by their id.

import { useMemo } from 'react';
import { useRead } from '../../api/queries.ts';

const PAGE_ROWS = 100;

export function useDriverNames(): (id: string) => string {
  const drivers = useRead('GET /v1/drivers', { query: { limit: PAGE_ROWS } }).data?.data;
  return useMemo(() => {
    const names = new Map(drivers?.map(({ id, name, email }) => [id, `${name} · ${email}`]));
    return (id) => names.get(id) ?? id;
  }, [drivers]);
}
