// What HTTP needs of the bus of changes (platform/bus): it tells of changed keys and customers, and hears of them.

export interface ChangePort {
  publish(change: { readonly kind: 'api_key' | 'customer'; readonly id: string }): void;
  subscribe(listener: (change: { readonly kind: string; readonly id: string }) => void): () => void;
  /** Called where changes of other nodes may have been missed. */
  onMissed(listener: () => void): () => void;
}
