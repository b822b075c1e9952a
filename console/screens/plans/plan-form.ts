// A billing plan as its form holds it, and as the server takes it. Amounts are typed in the unit that the price is for.

import type { BillingPlan, BillingPlanToPreviewInput, NewBillingPlanInput } from '../../api/api-types.ts';
import type { Counts } from '../../parts/counted-units.ts';

type Period = NonNullable<BillingPlan['period']>;

interface TierForm {
  readonly key: number;
  readonly from: number | '';
  readonly price: number | '';
}

interface PriceForm {
  readonly key: number;
  readonly specId: string;
  readonly mountpoint: string;
  readonly price: number | '';
}

export interface PlanForm {
  readonly name: string;
  readonly customerId: string;
  readonly counts: Counts;
  readonly currency: string;
  readonly price: number | '';
  readonly per: number;
  readonly period: Period | '';
  readonly timeZone: string;
  readonly included: number | '';
  readonly tiers: readonly TierForm[];
  readonly prices: readonly PriceForm[];
  readonly mode: BillingPlan['mode'];
  readonly creditLimit: number | '';
  readonly lowBalance: number | '';
  readonly atZero: BillingPlan['atZero'];
  readonly validityDays: number | '';
}

/** Units that a price may be for, by what is counted. */
export const PER_UNITS = {
  wallTime: { second: 1, minute: 60, hour: 3600, day: 86_400 },
  onlineSeconds: { second: 1, minute: 60, hour: 3600, day: 86_400 },
  bytes: { byte: 1, kilobyte: 1000, megabyte: 1_000_000, gigabyte: 1_000_000_000 },
  epochs: { epoch: 1, thousandEpochs: 1000 },
  period: {},
} as const satisfies Readonly<Record<Counts, Readonly<Record<string, number>>>>;

/** What is offered where another thing is counted. */
export const USUAL_PER: Readonly<Record<Counts, number>> = {
  ...{ wallTime: 3600, onlineSeconds: 3600, bytes: 1_000_000, epochs: 1000, period: 1 },
};

export const NEW_PLAN: PlanForm = {
  ...{ name: '', customerId: '', counts: 'wallTime', currency: 'EUR', price: '', per: USUAL_PER.wallTime },
  ...{ period: 'month', timeZone: 'UTC', included: '', tiers: [], prices: [] },
  ...{ mode: 'postpaid', creditLimit: '', lowBalance: '', atZero: 'continue', validityDays: '' },
};

/** Of a price as it is typed. */
export const AMOUNT_MAX = 9_000_000_000;
export const MONEY_DECIMALS = 6;

const MICROS = 1_000_000;
const microsOf = (amount: number): number => Math.round(amount * MICROS);
const amountOf = (micros: number | null): number | '' => (micros === null ? '' : micros / MICROS);

let keys = 0;

export const newTier = (): TierForm => ({ key: ++keys, from: '', price: '' });
export const newPrice = (): PriceForm => ({ key: ++keys, specId: '', mountpoint: '', price: '' });

export function formOf(plan: BillingPlan): PlanForm {
  const { per } = plan;
  return {
    ...{ name: plan.name, customerId: plan.customerId ?? '', counts: plan.counts, currency: plan.currency },
    ...{ price: plan.priceMicros / MICROS, per, period: plan.period ?? '', timeZone: plan.timeZone },
    included: plan.included === 0 ? '' : plan.included / per,
    tiers: plan.tiers.map(({ from, priceMicros }) => ({
      ...newTier(),
      ...{ from: from / per, price: priceMicros / MICROS },
    })),
    prices: plan.prices.map(({ serviceSpecId = '', mountpoint = '', priceMicros }) => ({
      ...newPrice(),
      ...{ specId: serviceSpecId, mountpoint, price: priceMicros / MICROS },
    })),
    mode: plan.mode,
    creditLimit: amountOf(plan.creditLimitMicros),
    lowBalance: amountOf(plan.lowBalanceMicros),
    atZero: plan.atZero,
    validityDays: plan.validityDays ?? '',
  };
}

export type PlanFault = 'name' | 'price' | 'period' | 'tiers' | 'prices';

/** What its fields need to know. */
export interface PlanFormProps {
  readonly form: PlanForm;
  readonly set: (part: Partial<PlanForm>) => void;
  readonly faults: ReadonlySet<PlanFault>;
}

/** What the server would surely refuse. */
export function faultsOf(form: PlanForm): ReadonlySet<PlanFault> {
  const { name, price, counts, period, included, tiers, prices } = form;
  const faults = new Set<PlanFault>();
  if (name.trim() === '') faults.add('name');
  if (price === '') faults.add('price');
  if (counts === 'period' && period === '') faults.add('period');
  const borders = [included === '' ? 0 : included, ...tiers.map(({ from }) => (from === '' ? -1 : from))];
  const ascends = borders.every((border, index) => index === 0 || border > borders[index - 1]!);
  if (!ascends || tiers.some((tier) => tier.price === '')) faults.add('tiers');
  const places = prices.map(({ specId, mountpoint }) => JSON.stringify([specId, mountpoint]));
  const isNamed = prices.every((one) => one.price !== '' && (one.specId !== '' || one.mountpoint !== ''));
  if (!isNamed || new Set(places).size < places.length) faults.add('prices');
  return faults;
}

/** Whether there is anything that can run out. */
export const mayRunOut = ({ mode, creditLimit }: PlanForm): boolean =>
  mode === 'prepaid' || creditLimit !== '';

type Content = BillingPlanToPreviewInput['plan'];

/** What it says, without name and owner; what is left empty is not sent. */
export function contentOf(form: PlanForm): Content {
  const { counts, period, mode, creditLimit, lowBalance, validityDays } = form;
  const per = counts === 'period' ? 1 : form.per;
  const unitsOf = (amount: number | ''): number => Math.round(Number(amount) * per);
  const prices = counts === 'period' ? [] : form.prices;
  return {
    ...{ counts, currency: form.currency, priceMicros: microsOf(Number(form.price)), per, mode },
    ...{ timeZone: form.timeZone, included: unitsOf(form.included) },
    ...(period === '' ? {} : { period }),
    tiers: form.tiers.map(({ from, price }) => ({
      from: unitsOf(from),
      priceMicros: microsOf(Number(price)),
    })),
    prices: prices.map(({ specId, mountpoint, price }) => ({
      ...(specId === '' ? {} : { serviceSpecId: specId }),
      ...(mountpoint === '' ? {} : { mountpoint }),
      priceMicros: microsOf(Number(price)),
    })),
    ...(mode === 'postpaid' && creditLimit !== '' ? { creditLimitMicros: microsOf(creditLimit) } : {}),
    ...(mayRunOut(form) && lowBalance !== '' ? { lowBalanceMicros: microsOf(lowBalance) } : {}),
    atZero: mayRunOut(form) ? form.atZero : 'continue',
    ...(validityDays === '' ? {} : { validityDays }),
  };
}

export function newPlanOf(form: PlanForm): NewBillingPlanInput {
  const owner = form.customerId === '' ? {} : { customerId: form.customerId };
  return { name: form.name.trim(), ...owner, ...contentOf(form) };
}

const REMOVABLE = {
  ...{ period: null, creditLimitMicros: null, lowBalanceMicros: null, validityDays: null },
} as const;

/** A change of everything: what is not there any more is taken away. */
export const changeOf = (form: PlanForm) => ({ ...REMOVABLE, name: form.name.trim(), ...contentOf(form) });
