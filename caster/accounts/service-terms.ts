// What an account gets: the service spec and billing plan that hold for it, its own or else those of its app, with the
// standing of everybody above it.

import { DEFAULT_SERVICE_SPEC, type ServiceSpec } from './service-spec.ts';
import type { Directory } from './directory.ts';
import type { AccountRecord, AppRecord, CustomerRecord, PlanRecord } from './directory-records.ts';

export interface ServiceTerms {
  readonly spec: ServiceSpec;
  /** Undefined where neither account nor app names one: everything as received. */
  readonly specId: string | undefined;
}

export async function termsOf(
  directory: Directory,
  app: AppRecord,
  account: AccountRecord,
): Promise<ServiceTerms> {
  const specId = account.specId ?? app.specId;
  const record = specId === null ? undefined : await directory.specs.get(specId);
  return { spec: record?.spec ?? DEFAULT_SERVICE_SPEC, specId: record?.id };
}

/** Ids of what a session is sold by; empty texts where there is none. */
export interface SoldBy {
  readonly serviceSpecId: string;
  readonly billingPlanId: string;
}

/** With what its stream is made into, see shapeText. */
export interface SoldAs extends SoldBy {
  readonly shape: string;
}

export function soldBy(
  app: Pick<AppRecord, 'planId'>,
  account: Pick<AccountRecord, 'planId'>,
  terms: Pick<ServiceTerms, 'specId'>,
): SoldBy {
  return { serviceSpecId: terms.specId ?? '', billingPlanId: account.planId ?? app.planId ?? '' };
}

export async function planOf(
  directory: Directory,
  app: AppRecord,
  account: AccountRecord,
): Promise<PlanRecord | undefined> {
  const planId = account.planId ?? app.planId;
  return planId === null ? undefined : await directory.plans.get(planId);
}

export async function customerOf(directory: Directory, app: AppRecord): Promise<CustomerRecord | undefined> {
  return app.customerId === null ? undefined : await directory.customers.get(app.customerId);
}
