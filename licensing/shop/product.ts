// A product as the store keeps its content, what it gives a vehicle, and which vehicles it suits.

import type { ProductsTable } from '../../platform/store/tables/shop-tables.ts';
import type { Rights } from '../entitlements/rights.ts';

/** A text for people, by language; at least one of them. */
export interface Texts {
  readonly en?: string | undefined;
  readonly zh?: string | undefined;
}

export interface ProductFunction {
  readonly id: string;
  readonly names: Texts;
  /** True where the software does it without a right. */
  readonly isFree: boolean;
}

export interface ProductContent {
  readonly names: Texts;
  readonly descriptions: Texts;
  readonly version: string;
  readonly versionRule: 'at_least' | 'exact';
  /** Null: for good. */
  readonly validSeconds: number | null;
  /** Null: as often as one likes. */
  readonly uses: number | null;
  readonly functions: readonly ProductFunction[];
  readonly correction: { readonly appId: string } | null;
  /** Beginnings of vehicle ids; none: every vehicle of its customer. */
  readonly vinPrefixes: readonly string[];
}

/** What an order keeps of its product: nothing that is changed later reaches it. */
export interface OrderedProduct extends ProductContent {
  readonly partNumber: string;
}

export function contentOf({ content }: Pick<ProductsTable, 'content'>): ProductContent {
  return JSON.parse(content) as ProductContent;
}

export function orderedProduct(row: ProductsTable): OrderedProduct {
  return { ...contentOf(row), partNumber: row.part_number };
}

/** What a vehicle gets: the functions that cost something; the others need no right. */
export function rightsOf(product: OrderedProduct): Rights {
  const { partNumber, version, versionRule, validSeconds, uses, correction } = product;
  const functions = product.functions.filter(({ isFree }) => !isFree).map(({ id }) => id);
  return { partNumber, version, versionRule, functions, validSeconds, uses, correction };
}

export function suits({ vinPrefixes }: ProductContent, vehicleId: string): boolean {
  return vinPrefixes.length === 0 || vinPrefixes.some((prefix) => vehicleId.startsWith(prefix));
}
