// Receipts: what a vehicle says became of a grant. Their signature was verified; here they are held against the grant.

import { locked } from '../../platform/store/row-lock.ts';
import type { Transaction } from '../../platform/store/sql.ts';
import type { Dialect } from '../../platform/store/store.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { GrantsTable } from '../../platform/store/tables/grant-tables.ts';
import type { ReceiptDocument } from './format/documents.ts';
import type { GrantRefusal } from './format/take-grant.ts';

export type ReceiptRefusal =
  | 'grant_unknown'
  /** The grant is another vehicle's. */
  | 'grant_other_vehicle'
  /** It names another number, part or certificate than the grant. */
  | 'receipt_differs';

export type TakenReceipt =
  | {
      readonly ok: true;
      readonly grant: GrantsTable;
      /** False where it says nothing new: it came before, or was overtaken. */
      readonly isNew: boolean;
      /** A grant that was taken came a second time, and was refused: that changes nothing. */
      readonly isReplay: boolean;
      /** True where none of this grant was taken before. */
      readonly isFirst: boolean;
    }
  | { readonly ok: false; readonly reason: ReceiptRefusal };

const STATE_OF = {
  activated: 'activated',
  stored: 'received',
  waits_for_package: 'received',
  deactivated: 'deactivated',
  refused: 'refused',
} as const satisfies Record<ReceiptDocument['result'], GrantsTable['state']>;

/** Refused for now: trust, certificate or clock of the vehicle are behind, and will not be so for long. */
const PASSING_REASONS: ReadonlySet<string> = new Set<GrantRefusal>([
  'kid_unknown',
  'other_certificate',
  'not_valid_yet',
]);

export function isPassing(answer: { readonly result: string; readonly reason: string | null }): boolean {
  const { result, reason } = answer;
  return result === 'refused' && reason !== null && PASSING_REASONS.has(reason);
}

export async function takeReceipt(
  dialect: Dialect,
  tx: Transaction<Tables>,
  receipt: ReceiptDocument,
  nowMs: number,
): Promise<TakenReceipt> {
  const query = tx.selectFrom('grants').selectAll().where('id', '=', receipt.grantId);
  const grant = await locked(dialect, tx, query).executeTakeFirst();
  if (grant === undefined) return { ok: false, reason: 'grant_unknown' };
  if (grant.vehicle_id !== receipt.vin) return { ok: false, reason: 'grant_other_vehicle' };
  if (grant.seq !== receipt.seq || grant.part_number !== receipt.partNumber)
    return { ok: false, reason: 'receipt_differs' };
  const isLater = grant.receipt_counter === null || receipt.counter > grant.receipt_counter;
  const { receipt_result: resultBefore, receipt_reason: reasonBefore } = grant;
  const isOpen = resultBefore === null || isPassing({ result: resultBefore, reason: reasonBefore });
  if (!isLater) return { ok: true, grant, isNew: false, isReplay: false, isFirst: false };
  if (receipt.result === 'refused' && !isOpen) {
    // So that this very receipt tells of it once.
    const set = { receipt_counter: receipt.counter };
    await tx.updateTable('grants').set(set).where('id', '=', grant.id).execute();
    return { ok: true, grant, isNew: true, isReplay: true, isFirst: false };
  }
  const set = {
    state: grant.state === 'superseded' ? grant.state : stateAfter(receipt),
    receipt_result: receipt.result,
    receipt_reason: receipt.reason,
    installed_version: receipt.installedVersion,
    receipt_counter: receipt.counter,
    receipted_at: nowMs,
  };
  await tx.updateTable('grants').set(set).where('id', '=', grant.id).execute();
  return {
    ok: true,
    grant: { ...grant, ...set },
    isNew: true,
    isReplay: false,
    isFirst: resultBefore === null,
  };
}

/** What was refused for now is without an answer yet. */
function stateAfter(receipt: ReceiptDocument): GrantsTable['state'] {
  return isPassing(receipt) ? 'sent' : STATE_OF[receipt.result];
}
