// What a product gives: which software, which of its functions, for how long, how often, and corrections with it or not.

import type { Selectable } from '../../platform/store/sql.ts';
import type { EntitlementsTable } from '../../platform/store/tables/entitlement-tables.ts';
import { compareVersions } from './version.ts';

export interface Rights {
  readonly partNumber: string;
  readonly version: string;
  readonly versionRule: 'at_least' | 'exact';
  readonly functions: readonly string[];
  /** From its beginning; null is for ever. */
  readonly validSeconds: number | null;
  /** Null is as often as one likes. */
  readonly uses: number | null;
  readonly correction: { readonly appId: string } | null;
}

export type Entitlement = Selectable<EntitlementsTable>;

export function rightsOf(row: Entitlement): Rights {
  return {
    partNumber: row.part_number,
    version: row.version,
    versionRule: row.version_rule,
    functions: JSON.parse(row.functions) as string[],
    validSeconds: row.valid_seconds,
    uses: row.uses_total,
    correction: row.correction_app_id === null ? null : { appId: row.correction_app_id },
  };
}

/** True where `wanted` is worth more at once than what is there: it goes into force, and does not wait for the end. */
export function isAbove(wanted: Rights, present: Rights): boolean {
  const difference = compareVersions(wanted.version, present.version);
  if (difference !== 0) return difference > 0;
  if (isForGood(wanted) && !isForGood(present)) return true;
  return (
    wanted.functions.length > present.functions.length &&
    present.functions.every((name) => wanted.functions.includes(name))
  );
}

/** True where one may follow the other without the vehicle seeing a difference. Uses are counted for each by itself. */
export function isSameButTime(a: Rights, b: Rights): boolean {
  return (
    compareVersions(a.version, b.version) === 0 &&
    a.versionRule === b.versionRule &&
    a.functions.toSorted().join('\n') === b.functions.toSorted().join('\n') &&
    a.uses === null &&
    b.uses === null &&
    a.correction?.appId === b.correction?.appId
  );
}

export function isForGood({ validSeconds, uses }: Rights): boolean {
  return validSeconds === null && uses === null;
}
