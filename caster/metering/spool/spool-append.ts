// What comes of an append, and what a disk's error means for it.

import { systemErrorCode } from '../../../platform/start-problem.ts';

export interface AppendRefusal {
  readonly ok: false;
  readonly reason: 'full' | 'disk_full' | 'disk_failed' | 'closed';
  readonly detail: string;
}

export type SpoolAppend = { readonly ok: true } | AppendRefusal;

const DISK_FULL_CODES: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** Rethrows what is no failed system call. */
export function refusalOf(error: unknown): AppendRefusal {
  const code = systemErrorCode(error);
  if (code === undefined) throw error;
  const reason = DISK_FULL_CODES.has(code) ? 'disk_full' : 'disk_failed';
  return { ok: false, reason, detail: `the disk of the spool says ${code}` };
}
