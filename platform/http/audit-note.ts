// What the audit log is told of one change.

export interface AuditNote {
  /** What was done; the operation's id where nothing is said. */
  readonly action?: string;
  readonly target: { readonly kind: string; readonly id: string };
  /** Whose the target is: that customer sees the entry. Null for the operator's own. */
  readonly customerId?: string | null;
  /** Plain data; what has the name of a secret is left out. */
  readonly before?: unknown;
  readonly after?: unknown;
}
