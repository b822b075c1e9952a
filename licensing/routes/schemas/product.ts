// Products as they are made and shown.

import { z } from 'zod';
import {
  PRODUCT_FUNCTIONS_MAX,
  PRODUCT_PREFIXES_MAX,
  PRODUCT_PRICE_MICROS_MAX,
  PRODUCT_TEXT_LENGTH_MAX,
  RIGHT_SECONDS_MAX,
  RIGHT_USES_MAX,
  VEHICLE_ID_LENGTH_MAX,
} from '../../../config/limits.ts';
import {
  idText,
  listOf,
  nameText,
  storePageQuery,
  timeOf,
  timeText,
} from '../../../platform/http/schemas.ts';
import type { ProductsTable } from '../../../platform/store/tables/shop-tables.ts';
import { priceStepMicros } from '../../shop/money.ts';
import { contentOf } from '../../shop/product.ts';
import { customer, vehicleIdText } from './parts.ts';

const longText = z
  .string()
  .max(PRODUCT_TEXT_LENGTH_MAX)
  .regex(/^[^\x00-\x09\x0b-\x1f\x7f]*$/, 'must have no control characters but line feeds');

const names = z
  .strictObject({ en: nameText.optional(), zh: nameText.optional() })
  .refine(({ en, zh }) => en !== undefined || zh !== undefined, 'must be there in en or zh')
  .meta({ id: 'Names', description: 'By language; one at least' });

const descriptions = z
  .strictObject({ en: longText.optional(), zh: longText.optional() })
  .meta({ id: 'Descriptions', description: 'By language' });

export const partNumberText = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 of the characters A-Z a-z 0-9 . _ -')
  .meta({ description: 'Software part number' });

export const versionText = z
  .string()
  .regex(/^(0|[1-9]\d{0,8})(\.(0|[1-9]\d{0,8})){0,3}$/, 'must be 1 to 4 numbers with dots, such as 1.4.0');

const currencyText = z
  .string()
  .regex(/^[A-Z]{3}$/, 'must be a currency of ISO 4217, such as EUR or CNY')
  .meta({ description: 'ISO 4217' });

const productFunction = z
  .strictObject({
    id: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 of the characters A-Z a-z 0-9 . _ -')
      .meta({ description: 'As the software knows it' }),
    names,
    isFree: z
      .boolean()
      .default(false)
      .meta({ description: 'Whether the software does it without a right; shown for comparison' }),
  })
  .meta({ id: 'ProductFunction' });

const correction = z
  .strictObject({ appId: idText.meta({ description: 'An app of the same customer' }) })
  .meta({ id: 'ProductCorrection', description: 'Correction service that comes with it' });

const FIELDS = {
  names,
  descriptions,
  partNumber: partNumberText,
  version: versionText.meta({ description: 'Of the software that the right is for, such as 1.4.0' }),
  versionRule: z.enum(['at_least', 'exact']).meta({
    description:
      'at_least: what is installed at this version or above is activated; exact: this version only',
  }),
  validSeconds: z
    .int()
    .min(1)
    .max(RIGHT_SECONDS_MAX)
    .nullable()
    .meta({ description: 'How long the right lasts; null: for good' }),
  uses: z
    .int()
    .min(1)
    .max(RIGHT_USES_MAX)
    .nullable()
    .meta({ description: 'How often it may be used; null: as often as one likes' }),
  functions: z
    .array(productFunction)
    .min(1)
    .max(PRODUCT_FUNCTIONS_MAX)
    .refine(
      (list) => new Set(list.map(({ id }) => id)).size === list.length,
      'must each have an id of its own',
    ),
  correction: correction.nullable(),
  vinPrefixes: z
    .array(
      z
        .string()
        .regex(
          new RegExp(`^[A-Za-z0-9_-]{1,${VEHICLE_ID_LENGTH_MAX}}$`),
          'must be the beginning of a vehicle id',
        ),
    )
    .max(PRODUCT_PREFIXES_MAX)
    .meta({ description: 'Vehicles that it suits, by how their ids begin; none: all of its customer' }),
  priceMicros: z
    .int()
    .min(0)
    .max(PRODUCT_PRICE_MICROS_MAX)
    .meta({ description: 'Millionths of the currency; 0 is free' }),
  currency: currencyText,
} as const;

function priceIsPayable(
  { priceMicros, currency }: { readonly priceMicros: number; readonly currency: string },
  context: Pick<z.core.$RefinementCtx, 'addIssue'>,
): void {
  const step = priceStepMicros(currency);
  if (BigInt(priceMicros) % step === 0n) return;
  const message = `must be a multiple of ${step}: nobody can pay less of ${currency}`;
  context.addIssue({ code: 'custom', path: ['priceMicros'], message, input: priceMicros });
}

export const newProduct = z
  .strictObject({
    customerId: idText
      .nullable()
      .optional()
      .meta({ description: 'Customer who sells it; a customer’s own key need not say it' }),
    names,
    descriptions: FIELDS.descriptions.default({}),
    partNumber: FIELDS.partNumber,
    version: FIELDS.version,
    versionRule: FIELDS.versionRule.default('at_least'),
    validSeconds: FIELDS.validSeconds.default(null),
    uses: FIELDS.uses.default(null),
    functions: FIELDS.functions,
    correction: FIELDS.correction.default(null),
    vinPrefixes: FIELDS.vinPrefixes.default([]),
    priceMicros: FIELDS.priceMicros,
    currency: FIELDS.currency,
  })
  .superRefine(priceIsPayable)
  .meta({ id: 'NewProduct' });

/** What is not given stays. */
export const productChange = z
  .strictObject({
    names: FIELDS.names.optional(),
    descriptions: FIELDS.descriptions.optional(),
    version: FIELDS.version.optional(),
    versionRule: FIELDS.versionRule.optional(),
    validSeconds: FIELDS.validSeconds.optional(),
    uses: FIELDS.uses.optional(),
    functions: FIELDS.functions.optional(),
    correction: FIELDS.correction.optional(),
    vinPrefixes: FIELDS.vinPrefixes.optional(),
    priceMicros: FIELDS.priceMicros.optional(),
    currency: FIELDS.currency.optional(),
  })
  .meta({ id: 'ProductChange' });

/** Price and currency as they are after a change: each may be right alone. */
export const priceOfProduct = z
  .strictObject({ priceMicros: FIELDS.priceMicros, currency: FIELDS.currency })
  .superRefine(priceIsPayable);

export const productView = z
  .strictObject({
    id: z.string(),
    customerId: customer,
    status: z.enum(['draft', 'published', 'withdrawn']).meta({
      description: 'published: drivers see it and order it; withdrawn: rights that were sold stay',
    }),
    ...FIELDS,
    createdAt: timeText,
    updatedAt: timeText,
  })
  .meta({ id: 'Product' });

export const productList = listOf(productView).meta({ id: 'ProductList' });

export const productFilters = z.strictObject({
  ...storePageQuery,
  customerId: idText.optional(),
  status: z.enum(['draft', 'published', 'withdrawn']).optional(),
  vehicleId: vehicleIdText.optional().meta({ description: 'Only what this vehicle may order' }),
});

export function viewOfProduct(row: ProductsTable): z.input<typeof productView> {
  const content = contentOf(row);
  return {
    id: row.id,
    customerId: row.customer_id,
    status: row.status,
    names: content.names,
    descriptions: content.descriptions,
    partNumber: row.part_number,
    version: content.version,
    versionRule: content.versionRule,
    validSeconds: content.validSeconds,
    uses: content.uses,
    functions: content.functions.map((one) => ({ ...one })),
    correction: content.correction,
    vinPrefixes: [...content.vinPrefixes],
    priceMicros: Number(row.price_micros),
    currency: row.currency,
    createdAt: timeOf(row.created_at),
    updatedAt: timeOf(row.updated_at),
  };
}
