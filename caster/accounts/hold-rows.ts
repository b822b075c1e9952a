// What an allocation writes to the accounts that it gives, as the statement that writes it takes it.

export interface HoldRow {
  readonly id: string;
  readonly holder: string;
  readonly until: number;
  readonly node: string | null;
  readonly device: string | null;
  readonly plain: 0 | 1;
  readonly key: number;
}

export const HOLD_COLUMNS = {
  id: 'text',
  holder: 'text',
  until: 'integer',
  node: 'text',
  device: 'text',
  plain: 'integer',
  key: 'integer',
} as const;

/** The database takes any one of several rows for an account, so a holder must have but one: what holds longest. */
export function onePerHolder(rows: readonly HoldRow[]): HoldRow[] {
  const merged = new Map<string, HoldRow>();
  for (const row of rows) {
    const key = `${row.id} ${row.holder}`;
    const before = merged.get(key) ?? row;
    const isLonger = row.until > before.until || (row.until === before.until && row.node === null);
    const plain = before.plain === 1 || row.plain === 1 ? 1 : 0;
    merged.set(key, { ...(isLonger ? row : before), device: before.device ?? row.device, plain });
  }
  return [...merged.values()];
}
