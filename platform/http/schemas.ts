// What schemas of many routes are made of. Each has its own sentence where zod's would not go on from a name.

import { z } from 'zod';
import { isIP, isIPv4 } from 'node:net';
import { ADDRESS_RANGES_MAX, LIST_PAGE_MAX, QUERY_VALUES_MAX } from '../../config/limits.ts';

/** An id in a path or a body. Any short text: what names nothing is answered with 404. */
export const idText = z.string().min(1, 'must not be empty').max(64);

export const idParams = z.strictObject({ id: idText.meta({ description: 'Its id' }) });

/** A name for people. */
export const nameText = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}*$/u, 'must have no control characters');

/** Wall time as RFC 3339 in UTC with milliseconds, as every answer has it. */
export const timeText = z.iso.datetime({ precision: 3 }).meta({ pattern: undefined });

/** A time that is given: RFC 3339 with any offset; becomes ms since 1970. */
export const givenTime = z
  .string()
  .max(40)
  .refine((text) => GIVEN_TIME.test(text) && !Number.isNaN(Date.parse(text)), 'must be a time as in RFC 3339')
  .transform((text) => Date.parse(text))
  .meta({ format: 'date-time' });

const GIVEN_TIME = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;

export function timeOf(ms: number): string;
export function timeOf(ms: number | null): string | null;
export function timeOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

/** Query parameter that may be given several times; becomes a list, undefined where it is not given. */
export function many<Value extends z.ZodType>(value: Value) {
  return z
    .union([value.transform((one) => [one]), z.array(value).max(QUERY_VALUES_MAX)])
    .optional()
    .meta({ description: 'May be given several times: one of them must fit' });
}

/** Query parameter `true` or `false`. */
export const flagText = z.enum(['true', 'false']).transform((text) => text === 'true');

/** Query parameter that is a whole number. */
export function wholeNumberText(least: number, most: number) {
  return z
    .string()
    .regex(/^-?\d{1,15}$/, `must be a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be a whole number from ${least} to ${most}`)
    .meta({ type: 'integer', minimum: least, maximum: most, pattern: undefined });
}

/** What every list takes. */
export const pageQuery = {
  limit: wholeNumberText(1, LIST_PAGE_MAX)
    .default(LIST_PAGE_MAX)
    .meta({ description: `Entries of a page, 1 to ${LIST_PAGE_MAX}` }),
  cursor: z.string().min(1).max(300).optional().meta({ description: 'nextCursor of the page before' }),
} as const;

/** What lists of the store take. */
export const storePageQuery = {
  ...pageQuery,
  order: z.enum(['newest', 'oldest']).default('newest').meta({ description: 'Which end comes first' }),
} as const;

export function listOf<Entry extends z.ZodType>(entry: Entry) {
  return z.strictObject({
    object: z.literal('list'),
    data: z.array(entry),
    hasMore: z.boolean(),
    /** Null where this is the last page. */
    nextCursor: z.string().nullable(),
  });
}

/** What a DELETE answers. */
export const deleted = z.strictObject({ id: z.string(), deleted: z.literal(true) }).meta({ id: 'Deleted' });

export const addressRange = z
  .string()
  .max(50)
  .refine(isAddressRange, 'must be an IPv4 or IPv6 address, or a range such as 10.0.0.0/8 or 2001:db8::/32');

export const addressRanges = z.array(addressRange).min(1).max(ADDRESS_RANGES_MAX);

function isAddressRange(range: string): boolean {
  const [address = '', prefix, ...rest] = range.split('/');
  if (isIP(address) === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (isIPv4(address) ? 32 : 128));
}
