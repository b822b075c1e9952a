// What service specs and billing plans are called, as apps and accounts name them by id only. As many as a page holds;
// others are shown by their id.

import { useMemo } from 'react';
import type { BillingPlan, ServiceSpec } from '../../api/api-types.ts';
import { useMay } from '../../api/caller.ts';
import { useRead } from '../../api/queries.ts';

const PAGE_ROWS = 100;

export interface Names {
  readonly specs: readonly ServiceSpec[];
  readonly plans: readonly BillingPlan[];
  /** Null for no id. */
  spec(id: string | null): string | null;
  plan(id: string | null): string | null;
}

export function useNames(): Names {
  const query = { limit: PAGE_ROWS };
  const specs = useRead('GET /v1/service-specs', { query }, { enabled: useMay('specs:read') }).data?.data;
  const plans = useRead('GET /v1/billing-plans', { query }, { enabled: useMay('plans:read') }).data?.data;
  return useMemo(() => {
    const nameIn = (rows: readonly { readonly id: string; readonly name: string }[] | undefined) => {
      const byId = new Map(rows?.map(({ id, name }) => [id, name]));
      return (id: string | null): string | null => (id === null ? null : (byId.get(id) ?? id));
    };
    return { specs: specs ?? [], plans: plans ?? [], spec: nameIn(specs), plan: nameIn(plans) };
  }, [specs, plans]);
}
