// The sourcetable filters of NTRIP 2.0 (RTCM 10410.1, the Ntrip-Flags st_match, st_filter, st_auth and st_strict).
// Pure: a query and records in, records out. Never throws; a query that cannot be understood is refused with what
// and where.
//
// The grammar, as two independent public descriptions of the standard have it: the README of BKG's ntripclient
// ("Sourcetable filtering") and the filters of the Node-NTRIP caster. Only facts were taken.
//
//   ?STR;;;;;;DEU           one expression per field of a record, in the record's order, empty ones agree with all
//   ?filter=STR;;;…         the same
//   ?match=STR;;;…          the same, but every character means itself
//   ?strict, ?strict=1      what is merely dubious is refused too: no record type, text put to a number, ordered text,
//                           unknown parameters
//   ?auth, ?auth=1          only streams that the asking account may use
//
// Parameters are joined by '&'. That sign also means AND in an expression, so it separates only in front of one of
// the four names. `%XX` is decoded, '+' is not a space. What may be said of one field: filter-expression.ts.
// An expression of a text field that, taken as it stands, fits the field agrees at once: GPS+GLO is a value first and
// a conjunction second. `~n` keeps the records nearest to n: of those that agree, the ones with the smallest sum of
// distances over all such fields. Several filters must all agree.

import {
  type ExpressionErrorReason,
  type FieldExpression,
  agrees,
  fitsPattern,
  parseExpression,
  termsOf,
} from './filter-expression.ts';
import {
  type SourcetableRecord,
  type SourcetableRecords,
  type StrRecord,
  recordFields,
} from './sourcetable.ts';
import { splitParameters } from './filter-parameters.ts';
import { percentDecode } from './text.ts';

/** One field's condition; `text` is the expression as written. */
interface FieldCondition {
  text: string;
  /** Undefined for a match: the text itself is the condition. */
  expression: FieldExpression | undefined;
}

export interface SourcetableFilter {
  /** Only streams that the account may use. */
  auth: boolean;
  strict: boolean;
  /** Conditions by field, undefined where all agree. Empty: every record agrees. */
  conditions: readonly (readonly (FieldCondition | undefined)[])[];
}

export type FilterErrorReason =
  | ExpressionErrorReason
  | 'filter_too_long'
  | 'too_many_fields'
  | 'no_record_type'
  | 'unknown_record_type'
  | 'text_for_number'
  | 'ordered_text'
  | 'unknown_parameter';

export type ParsedFilter =
  | { ok: true; filter: SourcetableFilter }
  /** `field` counts from 0, the record type; `at` counts characters of the decoded query. */
  | { ok: false; reason: FilterErrorReason; field: number; at: number };

type FilterError = ParsedFilter & { ok: false };

const QUERY_CHARS_MAX = 1024;
/** Each costs a comparison with every record of the table. */
const OPERATORS_MAX = 32;
const FIELDS_MAX = 25;
const LONGITUDE_FIELDS: Readonly<Record<SourcetableRecord['type'], number>> = { STR: 10, CAS: 8, NET: -1 };
const NUMERIC_FIELDS: Readonly<Record<SourcetableRecord['type'], ReadonlySet<number>>> = {
  STR: new Set([5, 9, 10, 11, 12, 17]),
  CAS: new Set([2, 5, 7, 8, 10]),
  NET: new Set(),
};

/** Reads what follows the `?`, not decoded. Without a query the filter agrees with every record. */
export function parseSourcetableFilter(query: string): ParsedFilter {
  if (query.length > QUERY_CHARS_MAX) return refuse('filter_too_long', 0, QUERY_CHARS_MAX);
  const text = percentDecode(query) ?? query;
  if ((text.match(/[|+&]/g)?.length ?? 0) > OPERATORS_MAX)
    return refuse('filter_too_long', 0, QUERY_CHARS_MAX);
  const filter = { auth: false, strict: false };
  const lists: { kind: 'filter' | 'match'; text: string; at: number }[] = [];
  let unknownAt: number | undefined;
  for (const { name, value, at } of splitParameters(text)) {
    if (name === 'auth' || name === 'strict') filter[name] = !/^(?:0|false|no|off)$/i.test(value);
    else if (name !== undefined) lists.push({ kind: name, text: value, at });
    else if (value.includes(';') || isRecordType(value.toUpperCase()))
      lists.push({ kind: 'filter', text: value, at });
    else if (value !== '') unknownAt ??= at;
  }
  if (unknownAt !== undefined && filter.strict) return refuse('unknown_parameter', 0, unknownAt);
  const conditions: (FieldCondition | undefined)[][] = [];
  for (const list of lists) {
    const parsed = parseFields(list.kind, list.text, list.at, filter.strict);
    if (!Array.isArray(parsed)) return parsed;
    conditions.push(parsed);
  }
  return { ok: true, filter: { ...filter, conditions } };
}

/**
 * The records that agree, in their order. `mayUse` answers for the account that asks, and is only asked where the
 * filter says auth.
 */
export function filterSourcetable(
  records: SourcetableRecords,
  filter: SourcetableFilter,
  mayUse: (stream: StrRecord) => boolean,
): SourcetableRecords {
  const targets = nearestTargets(filter);
  const casters = agreeing(records.casters, filter, targets);
  const networks = agreeing(records.networks, filter, targets);
  const streams = agreeing(records.streams, filter, targets).filter(
    ({ record }) => !filter.auth || mayUse(record),
  );
  let least = Number.POSITIVE_INFINITY;
  for (const { distance } of [...casters, ...networks, ...streams]) least = Math.min(least, distance);
  return {
    casters: nearest(casters, least),
    networks: nearest(networks, least),
    streams: nearest(streams, least),
  };
}

function parseFields(
  kind: 'filter' | 'match',
  list: string,
  listAt: number,
  strict: boolean,
): (FieldCondition | undefined)[] | FilterError {
  const texts = list.split(';');
  if (texts.length > FIELDS_MAX) return refuse('too_many_fields', FIELDS_MAX, listAt);
  const type = texts[0]?.trim().toUpperCase() ?? '';
  if (strict && !isRecordType(type)) {
    return refuse(type === '' ? 'no_record_type' : 'unknown_record_type', 0, listAt);
  }
  const conditions: (FieldCondition | undefined)[] = [];
  let at = listAt;
  for (const [field, written] of texts.entries()) {
    const text = written.trim();
    if (text === '') conditions.push(undefined);
    else if (kind === 'match') conditions.push({ text, expression: undefined });
    else {
      const parsed = parseExpression(text);
      if (!parsed.ok) return refuse(parsed.reason, field, at + written.indexOf(text) + parsed.at);
      const dubious =
        strict && isRecordType(type)
          ? findDubious(parsed.expression, isNumericField(type, field))
          : undefined;
      if (dubious !== undefined) return refuse(dubious, field, at);
      conditions.push({ text, expression: parsed.expression });
    }
    at += written.length + 1;
  }
  return conditions;
}

/** What is wrong with an expression for a field of this kind, in strict eyes. */
function findDubious(
  expression: FieldExpression,
  numeric: boolean,
): 'text_for_number' | 'ordered_text' | undefined {
  for (const term of termsOf(expression)) {
    if (numeric && term.kind === 'compare' && term.number === undefined && term.value !== '*')
      return 'text_for_number';
    if (!numeric && (term.kind === 'nearest' || (term.operator !== '=' && term.operator !== '!=')))
      return 'ordered_text';
  }
  return undefined;
}

interface Candidate<R extends SourcetableRecord> {
  record: R;
  /** Zero for all where nothing is asked to be near. */
  distance: number;
}

function agreeing<R extends SourcetableRecord>(
  records: readonly R[],
  filter: SourcetableFilter,
  targets: NearestTarget[],
): Candidate<R>[] {
  const candidates: Candidate<R>[] = [];
  for (const record of records) {
    const fields = recordFields(record);
    if (filter.conditions.every((conditions) => fieldsAgree(record.type, fields, conditions))) {
      candidates.push({ record, distance: sumDistances(record.type, fields, targets) });
    }
  }
  return candidates;
}

function nearest<R extends SourcetableRecord>(candidates: Candidate<R>[], least: number): R[] {
  return candidates.filter(({ distance }) => distance === least).map(({ record }) => record);
}

function fieldsAgree(
  type: SourcetableRecord['type'],
  fields: string[],
  conditions: readonly (FieldCondition | undefined)[],
): boolean {
  return conditions.every((condition, i) => {
    if (condition === undefined) return true;
    const field = fields[i];
    if (field === undefined) return false;
    const { text, expression } = condition;
    const numeric = isNumericField(type, i);
    if (expression !== undefined)
      return (!numeric && fitsPattern(field, text)) || agrees(expression, field, numeric);
    // A match for 50.8 means a field of 50.80 too.
    const isSameNumber = numeric && field !== '' && Number(field) === Number(text);
    return isSameNumber || field.toLowerCase() === text.toLowerCase();
  });
}

interface NearestTarget {
  field: number;
  number: number;
}

/** What `~` asks for, over all filters. */
function nearestTargets(filter: SourcetableFilter): NearestTarget[] {
  const targets: NearestTarget[] = [];
  for (const conditions of filter.conditions) {
    for (const [field, condition] of conditions.entries()) {
      for (const term of condition?.expression === undefined ? [] : termsOf(condition.expression)) {
        if (term.kind === 'nearest') targets.push({ field, number: term.number });
      }
    }
  }
  return targets;
}

function sumDistances(type: SourcetableRecord['type'], fields: string[], targets: NearestTarget[]): number {
  let sum = 0;
  for (const { field, number } of targets) {
    const distance = Math.abs(Number(fields[field]) - number);
    const around = distance % 360;
    sum += field === LONGITUDE_FIELDS[type] ? Math.min(around, 360 - around) : distance;
  }
  return sum;
}

function isRecordType(text: string): text is SourcetableRecord['type'] {
  return text === 'STR' || text === 'CAS' || text === 'NET';
}

function isNumericField(type: SourcetableRecord['type'], field: number): boolean {
  return NUMERIC_FIELDS[type].has(field);
}

function refuse(reason: FilterErrorReason, field: number, at: number): FilterError {
  return { ok: false, reason, field, at };
}
