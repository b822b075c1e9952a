// Customers with their fleets in the store of a caster: apps, accounts and billing plans of every way to count, made by
// the API as an operator makes them. The plans have prices, tiers and periods that a run of seconds goes through.

import type { CasterProcess } from '../../support/caster-process.ts';
import { postAsOwner } from '../../support/owner-answers.ts';
import type { BoughtPlan } from './second-calculation.ts';

export interface Fleet {
  readonly customerId: string;
  readonly appId: string;
  readonly planId: string;
  readonly plan: BoughtPlan;
  readonly accounts: readonly FleetAccount[];
}

export interface FleetAccount {
  readonly username: string;
  readonly password: string;
}

export interface NewFleet {
  readonly usernames: readonly string[];
  /** Of them, those for which a second login takes the place of the first. */
  readonly replaced?: readonly string[];
}

interface Made {
  readonly id: string;
}

/** Micro-units that each customer has paid: more than any run uses up. */
const PAID_MICROS = 1_000_000_000_000n;

/** The customer by number, and what its fleet is charged by. `SIM1` has a price of its own. */
const KINDS: readonly { readonly customer: number; readonly plan: BoughtPlan }[] = [
  {
    customer: 0,
    plan: {
      ...{ counts: 'bytes', currency: 'EUR', priceMicros: 7, per: 1000, included: 90_000, mode: 'prepaid' },
      tiers: [
        { from: 400_000, priceMicros: 5 },
        { from: 1_200_000, priceMicros: 3 },
      ],
    },
  },
  {
    customer: 0,
    plan: {
      ...{
        counts: 'onlineSeconds',
        currency: 'EUR',
        priceMicros: 333,
        per: 7,
        included: 11,
        mode: 'postpaid',
      },
      ...{ tiers: [{ from: 40, priceMicros: 250 }], period: 'day', timeZone: 'Asia/Tokyo' },
    },
  },
  {
    customer: 1,
    plan: {
      ...{ counts: 'epochs', currency: 'CNY', priceMicros: 101, per: 3, included: 0, mode: 'prepaid' },
      ...{ tiers: [{ from: 500, priceMicros: 50 }], prices: [{ mountpoint: 'SIM1', priceMicros: 202 }] },
    },
  },
  {
    customer: 1,
    plan: {
      ...{ counts: 'wallTime', currency: 'EUR', priceMicros: 12_345, per: 60, included: 5, mode: 'postpaid' },
      tiers: [],
    },
  },
];

export const FLEETS = KINDS.length;

/** One fleet for each of `asked`, of which there are FLEETS. */
export async function makeFleets(caster: CasterProcess, asked: readonly NewFleet[]): Promise<Fleet[]> {
  const customers: string[] = [];
  for (const name of ['one', 'two']) {
    const { id } = await postAsOwner<Made>(caster, '/v1/customers', { name });
    customers.push(id);
    for (const currency of ['EUR', 'CNY']) {
      const amountMicros = String(PAID_MICROS);
      await postAsOwner(caster, `/v1/customers/${id}/top-ups`, { currency, amountMicros });
    }
  }
  const spec = await postAsOwner<Made>(caster, '/v1/service-specs', {
    ...{ name: 'one at a time', sessionsPerAccount: 1, onExtraSession: 'replace' },
  });
  const fleets: Fleet[] = [];
  for (const [n, { usernames, replaced = [] }] of asked.entries()) {
    const { customer, plan } = KINDS[n]!;
    const customerId = customers[customer]!;
    const name = plan.counts;
    const made = await postAsOwner<Made>(caster, '/v1/billing-plans', { name, customerId, ...plan });
    const app = await postAsOwner<Made>(caster, '/v1/apps', { name, customerId, billingPlanId: made.id });
    const accounts = [
      ...(await makeAccounts(caster, app.id, {
        usernames: usernames.filter((one) => !replaced.includes(one)),
      })),
      ...(await makeAccounts(caster, app.id, { usernames: replaced, serviceSpecId: spec.id })),
    ];
    fleets.push({ customerId, appId: app.id, planId: made.id, plan, accounts });
  }
  return fleets;
}

async function makeAccounts(
  caster: CasterProcess,
  appId: string,
  body: { readonly usernames: readonly string[]; readonly serviceSpecId?: string },
): Promise<FleetAccount[]> {
  if (body.usernames.length === 0) return [];
  const made = await postAsOwner<{ data: FleetAccount[] }>(caster, `/v1/apps/${appId}/accounts`, body);
  return made.data;
}

/** User name -> password. */
export function passwordsOf(fleets: readonly Fleet[]): Map<string, string> {
  return new Map(
    fleets.flatMap(({ accounts }) => accounts.map(({ username, password }) => [username, password])),
  );
}
