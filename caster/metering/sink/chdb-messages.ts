// What travels between the caster and the process of the embedded engine, over an IPC channel. Standard input carries
// nothing: chDB reads descriptor 0 when it inserts, and swallows what is there.

import type { MeterTable } from '../usage-row.ts';

export type ChdbWork =
  | { readonly kind: 'query'; readonly sql: string }
  | { readonly kind: 'command'; readonly sql: string }
  | { readonly kind: 'insert'; readonly table: MeterTable; readonly lines: Uint8Array };

export interface ChdbRequest {
  readonly id: number;
  readonly work: ChdbWork;
}

export type ChdbMessage =
  | { readonly type: 'ready' }
  /** The engine is not installed, or not for this machine. */
  | { readonly type: 'missing'; readonly detail: string }
  /** Lines of JSON; empty where the work has no rows as its answer. */
  | { readonly type: 'answer'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly type: 'problem'; readonly id: number; readonly text: string };
