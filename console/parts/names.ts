// What service specs, billing plans, apps and customers are called, as others name them by id only. As many as a page holds;
// others are shown by their id.

import { useMemo } from 'react';
import type { App, BillingPlan, Customer, ServiceSpec } from '../api/api-types.ts';
import { useCaller, useMay } from '../api/caller.ts';
import { useRead } from '../api/queries.ts';

const PAGE_ROWS = 100;

export interface Names {
  readonly specs: readonly ServiceSpec[];
  readonly plans: readonly BillingPlan[];
  readonly apps: readonly App[];
  /** None for a customer's own key. */
  readonly customers: readonly Customer[];
  /** Null for no id. */
  spec(id: string | null): string | null;
  plan(id: string | null): string | null;
  app(id: string | null): string | null;
  customer(id: string | null): string | null;
}

export function useNames(): Names {
  const query = { limit: PAGE_ROWS };
  const specs = useRead('GET /v1/service-specs', { query }, { enabled: useMay('specs:read') }).data?.data;
  const plans = useRead('GET /v1/billing-plans', { query }, { enabled: useMay('plans:read') }).data?.data;
  const apps = useRead('GET /v1/apps', { query }, { enabled: useMay('apps:read') }).data?.data;
  const isOperator = useCaller().customerId === null;
  const mayReadCustomers = useMay('customers:read') && isOperator;
  const customers = useRead('GET /v1/customers', { query }, { enabled: mayReadCustomers }).data?.data;
  return useMemo(() => {
    const nameIn = (rows: readonly { readonly id: string; readonly name: string }[] | undefined) => {
      const byId = new Map(rows?.map(({ id, name }) => [id, name]));
      return (id: string | null): string | null => (id === null ? null : (byId.get(id) ?? id));
    };
    return {
      ...{ specs: specs ?? [], plans: plans ?? [], apps: apps ?? [], customers: customers ?? [] },
      ...{ spec: nameIn(specs), plan: nameIn(plans), app: nameIn(apps), customer: nameIn(customers) },
    };
  }, [specs, plans, apps, customers]);
}
