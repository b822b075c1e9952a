// The form of a product: what stands in its fields, what is wrong with them, and the product that they make.

import type { NamesInput, NewProductInput, Product } from '../../api/api-types.ts';

export const TIME_UNITS = { days: 86_400, hours: 3600, minutes: 60, seconds: 1 } as const;
export type TimeUnit = keyof typeof TIME_UNITS;

export interface FunctionForm {
  /** Of the row of fields, not of the function. */
  readonly key: number;
  readonly id: string;
  readonly en: string;
  readonly zh: string;
  readonly isFree: boolean;
}

export interface ProductForm {
  readonly customerId: string;
  readonly en: string;
  readonly zh: string;
  readonly wordsEn: string;
  readonly wordsZh: string;
  readonly partNumber: string;
  readonly version: string;
  readonly versionRule: Product['versionRule'];
  /** Empty: for good. */
  readonly lasts: number | '';
  readonly unit: TimeUnit;
  /** Empty: as often as one likes. */
  readonly uses: number | '';
  readonly functions: readonly FunctionForm[];
  readonly appId: string;
  readonly vinPrefixes: readonly string[];
  readonly price: number | '';
  readonly currency: string;
}

export function newFunction(before: readonly FunctionForm[]): FunctionForm {
  const key = before.reduce((most, one) => Math.max(most, one.key), 0) + 1;
  return { key, id: '', en: '', zh: '', isFree: false };
}

export function formOf(product: Product | undefined): ProductForm {
  const seconds = product?.validSeconds ?? null;
  const unit = seconds === null ? 'days' : unitOf(seconds);
  return {
    customerId: product?.customerId ?? '',
    en: product?.names.en ?? '',
    zh: product?.names.zh ?? '',
    wordsEn: product?.descriptions.en ?? '',
    wordsZh: product?.descriptions.zh ?? '',
    partNumber: product?.partNumber ?? '',
    version: product?.version ?? '',
    versionRule: product?.versionRule ?? 'at_least',
    lasts: seconds === null ? '' : seconds / TIME_UNITS[unit],
    unit,
    uses: product?.uses ?? '',
    functions: product?.functions.map(({ id, names, isFree }, index) => ({
      ...{ key: index, id, isFree, en: names.en ?? '', zh: names.zh ?? '' },
    })) ?? [newFunction([])],
    appId: product?.correction?.appId ?? '',
    vinPrefixes: product?.vinPrefixes ?? [],
    price: product === undefined ? '' : product.priceMicros / 1e6,
    currency: product?.currency ?? 'EUR',
  };
}

/** The largest in which it is a whole number. */
function unitOf(seconds: number): TimeUnit {
  const units = Object.keys(TIME_UNITS) as TimeUnit[];
  return units.find((unit) => seconds % TIME_UNITS[unit] === 0) ?? 'seconds';
}

export type FaultyField = 'names' | 'partNumber' | 'version' | 'functions' | 'price' | 'currency';

/** As docs/openapi.json has it of NewProduct; what only the server knows, it says itself. */
export function faultsOf(form: ProductForm): ReadonlySet<FaultyField> {
  const faults = new Set<FaultyField>();
  if (form.en.trim() === '' && form.zh.trim() === '') faults.add('names');
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(form.partNumber)) faults.add('partNumber');
  if (!/^(0|[1-9]\d{0,8})(\.(0|[1-9]\d{0,8})){0,3}$/.test(form.version)) faults.add('version');
  const ids = form.functions.map(({ id }) => id);
  const areNamed = form.functions.every(
    ({ id, en, zh }) => /^[A-Za-z0-9._-]{1,64}$/.test(id) && `${en}${zh}`.trim() !== '',
  );
  if (ids.length === 0 || !areNamed || new Set(ids).size < ids.length) faults.add('functions');
  if (form.price === '') faults.add('price');
  if (!/^[A-Z]{3}$/.test(form.currency)) faults.add('currency');
  return faults;
}

function namesOf(en: string, zh: string): NamesInput {
  return {
    ...(en.trim() === '' ? {} : { en: en.trim() }),
    ...(zh.trim() === '' ? {} : { zh: zh.trim() }),
  };
}

/** All that it is but whose it is. */
export function contentOf(form: ProductForm): Required<Omit<NewProductInput, 'customerId'>> {
  return {
    names: namesOf(form.en, form.zh),
    descriptions: namesOf(form.wordsEn, form.wordsZh),
    partNumber: form.partNumber,
    version: form.version,
    versionRule: form.versionRule,
    validSeconds: form.lasts === '' ? null : form.lasts * TIME_UNITS[form.unit],
    uses: form.uses === '' ? null : form.uses,
    functions: form.functions.map(({ id, en, zh, isFree }) => ({ id, names: namesOf(en, zh), isFree })),
    correction: form.appId === '' ? null : { appId: form.appId },
    vinPrefixes: form.vinPrefixes,
    priceMicros: Math.round(Number(form.price) * 1e6),
    currency: form.currency,
  };
}
