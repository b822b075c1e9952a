// Keeps the state: every change is durable before it counts, and raises the counter. Storage that was put back to an
// earlier time is behind the counter that is kept elsewhere, where there is one; uses are frozen then, since nobody knows
// how many are left.

import type { CounterAnchor } from '../storage/counter-anchor.ts';
import type { KeptRecord, SealedFiles } from '../storage/sealed-files.ts';
import { EMPTY_STATE, type Lease, type VehicleState } from './state.ts';

const RECORD = 'state';

export type StorageDoubt =
  /** The newest generation does not open; the one before it was taken. */
  | 'storage_damaged'
  /** The counter kept elsewhere is ahead of the storage. */
  | 'storage_rolled_back';

export class StateStore {
  readonly #files: SealedFiles;
  readonly #anchor: CounterAnchor | undefined;
  #state: VehicleState;
  /** What was wrong when it was opened. */
  readonly doubt: StorageDoubt | undefined;

  private constructor(
    files: SealedFiles,
    anchor: CounterAnchor | undefined,
    opened: { readonly state: VehicleState; readonly doubt: StorageDoubt | undefined },
  ) {
    this.#files = files;
    this.#anchor = anchor;
    this.#state = opened.state;
    this.doubt = opened.doubt;
  }

  /** Undefined where the record is there and does not open. */
  static open(files: SealedFiles, anchor?: CounterAnchor): StateStore | undefined {
    const kept = files.read(RECORD);
    const state = stateIn(kept);
    if (state === undefined) return undefined;
    const anchored = anchor?.read() ?? 0;
    const doubt =
      anchored > state.counter
        ? 'storage_rolled_back'
        : kept.kind === 'kept' && kept.isOlder
          ? 'storage_damaged'
          : undefined;
    const store = new StateStore(files, anchor, { state, doubt });
    if (doubt !== undefined) store.freeze(anchored);
    return store;
  }

  /** For who only looks. */
  static read(files: SealedFiles): VehicleState | undefined {
    return stateIn(files.read(RECORD));
  }

  get state(): VehicleState {
    return this.#state;
  }

  /** `body` gets the counter that the new state will have, for what is signed in it. */
  change(body: (state: VehicleState, counter: number) => VehicleState): void {
    const counter = this.#state.counter + 1;
    const next = { ...body(this.#state, counter), counter };
    this.#files.write(RECORD, Buffer.from(JSON.stringify(next)));
    this.#state = next;
    this.#anchor?.raise(counter);
  }

  /** Ends the uses of all leases that are there now, and goes on above `counter`. */
  freeze(counter: number): void {
    this.change((state) => ({ ...state, leases: frozen(state.leases) }));
    if (counter <= this.#state.counter) return;
    this.#state = { ...this.#state, counter };
    this.change((state) => state);
  }
}

function stateIn(kept: KeptRecord): VehicleState | undefined {
  if (kept.kind === 'unreadable') return undefined;
  // What opens was written by us: the seal is the check of the form.
  return kept.kind === 'kept' ? (JSON.parse(kept.bytes.toString()) as VehicleState) : EMPTY_STATE;
}

function frozen(leases: Readonly<Record<string, Lease>>): Readonly<Record<string, Lease>> {
  return Object.fromEntries(Object.entries(leases).map(([id, lease]) => [id, { ...lease, isFrozen: true }]));
}
