// Says that something in the store has changed, so that whoever keeps a copy reads it anew. It carries no content: the
// store is the truth, and a change that is heard twice or late does no harm.

export type ChangeKind =
  | 'app'
  | 'account'
  | 'accounts_of_app'
  | 'spec'
  | 'plan'
  | 'customer'
  | 'device'
  | 'mountpoint'
  | 'api_key'
  | 'balance'
  | 'certificate'
  /** It has connected, or something waits for it. */
  | 'vehicle';

export interface Change {
  readonly kind: ChangeKind;
  readonly id: string;
}

export interface ChangeBus {
  /** Every listener of this process has heard it when this returns; those of other nodes hear it soon after. */
  publish(change: Change): void;
  /** The function given back ends the subscription. */
  subscribe(listener: (change: Change) => void): () => void;
  /** Called where changes of other nodes may have been missed: forget every copy. */
  onMissed(listener: () => void): () => void;
}
