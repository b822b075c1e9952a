// Keeps the state: every change is durable before it counts, and raises the counter. Storage that was put back to an
// earlier time is behind the counter that is kept elsewhere, where there is one. Nobody knows then how many uses are left,
// so they are frozen, nor which rights were taken away since, so none counts until the cloud has granted it anew.

import type { CounterAnchor } from '../storage/counter-anchor.ts';
import type { KeptRecord, SealedFiles } from '../storage/sealed-files.ts';
import { EMPTY_STATE, type Lease, type VehicleState } from './state.ts';

const RECORD = 'state';

export type StorageDoubt =
  /** The newest generation does not open, or one of the two is gone; what is there was taken. */
  | 'storage_damaged'
  /** The counter kept elsewhere is ahead of the storage, or is not there any more. */
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
    const isAnchorLost = anchor !== undefined && anchored === 0 && state.isAnchored;
    const doubt =
      anchored > state.counter || isAnchorLost
        ? 'storage_rolled_back'
        : kept.kind === 'kept' && kept.isOlder
          ? 'storage_damaged'
          : undefined;
    const store = new StateStore(files, anchor, { state, doubt });
    if (doubt === 'storage_rolled_back') store.putBack(anchored);
    else if (doubt !== undefined) store.freeze();
    if (anchor !== undefined) store.#rememberAnchor();
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

  /** The number is there before it is said to be: whenever the power goes, one that is missed was taken away. */
  #rememberAnchor(): void {
    if (this.#state.isAnchored) return;
    this.change((state) => state);
    this.change((state) => ({ ...state, isAnchored: true }));
  }

  /** Ends the uses of all leases that are there now. */
  freeze(): void {
    this.change((state) => ({ ...state, leases: frozen(state.leases) }));
  }

  /** This storage is an old copy of one that has counted up to `counter`. Goes on above that. */
  putBack(counter: number): void {
    const doubtedUpTo = Math.max(counter, this.#state.counter);
    this.change((state) => ({ ...state, leases: frozen(state.leases), doubtedUpTo }));
    if (counter <= this.#state.counter) return;
    this.#state = { ...this.#state, counter };
    this.change((state) => state);
  }
}

function stateIn(kept: KeptRecord): VehicleState | undefined {
  if (kept.kind === 'unreadable') return undefined;
  // What opens was written by us: the seal is the check of the form.
  if (kept.kind === 'none') return EMPTY_STATE;
  // A field that a later version has brought is not in what an earlier one wrote.
  return { ...EMPTY_STATE, ...(JSON.parse(kept.bytes.toString()) as VehicleState) };
}

function frozen(leases: Readonly<Record<string, Lease>>): Readonly<Record<string, Lease>> {
  return Object.fromEntries(Object.entries(leases).map(([id, lease]) => [id, { ...lease, isFrozen: true }]));
}
