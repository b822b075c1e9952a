// The line to the vehicles where several nodes share a store, and each has a broker of its own. What is for a vehicle that
// is not connected here waits in the store; the node that the vehicle connected to last takes it from there, at once where
// the bus tells of it, else with its next look.
//
//   push ─▶ connected here ─▶ broker of this node
//        └▶ else: store ─▶ bus ─▶ node that has it ─▶ its broker ─▶ gone from the store
//
// A vehicle whose line broke may be connected twice for as long as its old node has not noticed: what the store says
// counts, and the old node hears of it by the bus. Words of two nodes may cross, so that the one to which the vehicle is
// connected is taken for the old one; it takes the vehicle back once the other one says that it left, or lives no more.

import { LINE_BATCH_MAX, LINE_LOOK_MS } from '../../config/limits.ts';
import type { ChangeBus } from '../../platform/bus/bus.ts';
import type { Journal } from '../../platform/observe/journal.ts';
import type { Store } from '../../platform/store/store.ts';
import {
  keepDown,
  presenceInStore,
  recentlyWaiting,
  removeDowns,
  sayAlive,
  sayConnected,
  sayLeft,
  waitingAmong,
  waitingFor,
} from './line-records.ts';
import type { Presence, UpKind, Uplink, VehicleLine } from './vehicle-line.ts';

export interface NodesLineParts {
  /** To the vehicles that are connected to this node. */
  readonly here: VehicleLine;
  readonly store: Store;
  readonly bus: ChangeBus;
  readonly journal: Pick<Journal, 'recordSampled'>;
  /** One word that no other process has. */
  readonly node: string;
}

export class NodesLine implements VehicleLine {
  readonly #parts: NodesLineParts;
  /** Connected here, and the store does not say so yet. */
  readonly #joining = new Set<string>();
  /** The store says that they are connected here. */
  readonly #joined = new Set<string>();
  /** Still connected here, and to another node since, as the store says. */
  readonly #elsewhere = new Set<string>();
  /** What waits is being taken; true: something more may wait by now. */
  readonly #taking = new Map<string, boolean>();
  /** To be looked after once more. */
  readonly #missed = new Set<string>();
  readonly #endings: (() => void)[] = [];
  #saying: Promise<void> | undefined;
  #looking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(parts: NodesLineParts) {
    this.#parts = parts;
  }

  start(): void {
    const { here, bus } = this.#parts;
    here.onConnected((vehicleId) => this.#join(vehicleId));
    this.#endings.push(
      bus.subscribe(({ kind, id }) => {
        if (kind === 'vehicle') this.#take(id);
      }),
      bus.onMissed(() => this.#missAll()),
    );
    this.#timer = setInterval(() => this.#look(), LINE_LOOK_MS).unref();
    this.#look();
  }

  /** Before the store closes. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    for (const end of this.#endings) end();
    await this.#looking;
    await this.#saying;
    const { store, node } = this.#parts;
    await sayLeft(store, node).catch(() => undefined);
  }

  async push(message: Parameters<VehicleLine['push']>[0]): Promise<boolean> {
    const { here, store, bus } = this.#parts;
    const { vehicleId } = message;
    // Not before what waits for it.
    const isWaiting = this.#joining.has(vehicleId) || this.#taking.has(vehicleId);
    if (!isWaiting && this.#isHere(vehicleId)) return await here.push(message);
    try {
      if (!(await keepDown(store, message))) return false;
    } catch (error) {
      this.#noteFailure(error);
      return false;
    }
    bus.publish({ kind: 'vehicle', id: vehicleId });
    return true;
  }

  handle(kind: UpKind, handler: (uplink: Uplink) => Promise<void>): void {
    this.#parts.here.handle(kind, handler);
  }

  onConnected(listener: (vehicleId: string) => void): void {
    this.#parts.here.onConnected(listener);
  }

  /** On this node; `anywhere` asks for all. */
  presenceOf(vehicleId: string): Presence {
    return this.#parts.here.presenceOf(vehicleId);
  }

  /** On whichever node; another one's word is a second old, or older where more than LINE_BATCH_MAX left at once. */
  async anywhere(vehicleId: string): Promise<Presence> {
    if (this.#isHere(vehicleId)) return this.presenceOf(vehicleId);
    return await presenceInStore(this.#parts.store, vehicleId);
  }

  #isHere(vehicleId: string): boolean {
    return this.presenceOf(vehicleId).connected && !this.#elsewhere.has(vehicleId);
  }

  #join(vehicleId: string): void {
    this.#elsewhere.delete(vehicleId);
    this.#joining.add(vehicleId);
    this.#saying ??= this.#say().finally(() => (this.#saying = undefined));
  }

  /** Tells the store, and then whoever had one of them before. */
  async #say(): Promise<void> {
    const { store, bus, node } = this.#parts;
    while (this.#joining.size > 0 && !this.#isStopped) {
      const here: { vehicleId: string; sinceMs: number }[] = [];
      for (const vehicleId of [...this.#joining].slice(0, LINE_BATCH_MAX)) {
        const { connected, sinceMs } = this.presenceOf(vehicleId);
        if (connected) here.push({ vehicleId, sinceMs: sinceMs ?? Date.now() });
        // Now: it may come back while the store is told of the others.
        else this.#joining.delete(vehicleId);
      }
      try {
        if (here.length > 0) await sayConnected(store, node, here);
      } catch (error) {
        // The next look comes back to it.
        this.#noteFailure(error);
        return;
      }
      for (const { vehicleId } of here) {
        this.#joining.delete(vehicleId);
        this.#joined.add(vehicleId);
        // Heard here, too.
        bus.publish({ kind: 'vehicle', id: vehicleId });
      }
    }
  }

  #take(vehicleId: string): void {
    if (!this.presenceOf(vehicleId).connected || this.#joining.has(vehicleId)) return;
    const isTaking = this.#taking.has(vehicleId);
    this.#taking.set(vehicleId, isTaking);
    if (!isTaking) void this.#takeAll(vehicleId);
  }

  async #takeAll(vehicleId: string): Promise<void> {
    const { store, here, node } = this.#parts;
    try {
      for (let isMore = true; isMore && !this.#isStopped;) {
        this.#taking.set(vehicleId, false);
        const waiting = await waitingFor(store, vehicleId);
        if (waiting?.node !== node) {
          // Woken meanwhile: what was read may be of before.
          if (this.#taking.get(vehicleId) === true) continue;
          if (waiting !== undefined) this.#heardElsewhere(vehicleId, waiting.hasLeft);
          return;
        }
        this.#elsewhere.delete(vehicleId);
        const taken: number[] = [];
        for (const { seq, kind, body } of waiting.downs) {
          if (!(await here.push({ vehicleId, kind, body }))) break;
          taken.push(seq);
        }
        if (taken.length > 0) await removeDowns(store, taken);
        isMore = taken.length > 0 || this.#taking.get(vehicleId) === true;
      }
    } catch (error) {
      this.#missed.add(vehicleId);
      this.#noteFailure(error);
    } finally {
      this.#taking.delete(vehicleId);
    }
  }

  /** Another node said last that it has the vehicle. */
  #heardElsewhere(vehicleId: string, hasLeft: boolean): void {
    if (!this.presenceOf(vehicleId).connected || this.#joining.has(vehicleId)) return;
    if (hasLeft) this.#join(vehicleId);
    else this.#elsewhere.add(vehicleId);
  }

  #missAll(): void {
    for (const vehicleId of this.#joined) this.#missed.add(vehicleId);
  }

  #look(): void {
    this.#looking ??= this.#lookAround()
      .catch((error: unknown) => {
        // By the next one that can look, what began to wait may be older than that looks back.
        this.#missAll();
        this.#noteFailure(error);
      })
      .finally(() => (this.#looking = undefined));
  }

  async #lookAround(): Promise<void> {
    const { store, node } = this.#parts;
    await sayAlive(store, node);
    if (this.#joining.size > 0) this.#saying ??= this.#say().finally(() => (this.#saying = undefined));
    await this.#wake();
    await this.#sayWhoLeft();
  }

  async #wake(): Promise<void> {
    const { store } = this.#parts;
    for (const vehicleId of await recentlyWaiting(store)) this.#take(vehicleId);
    const missed = [...this.#missed].slice(0, LINE_BATCH_MAX);
    if (missed.length === 0) return;
    const waiting = await waitingAmong(store, missed);
    for (const vehicleId of missed) this.#missed.delete(vehicleId);
    for (const vehicleId of waiting) this.#take(vehicleId);
  }

  /** The first of them: the rest with the next look. */
  async #sayWhoLeft(): Promise<void> {
    const { store, bus, node } = this.#parts;
    const left = [...this.#joined]
      .filter((vehicleId) => !this.presenceOf(vehicleId).connected)
      .slice(0, LINE_BATCH_MAX);
    if (left.length === 0) return;
    await sayLeft(store, node, left);
    for (const vehicleId of left) {
      this.#joined.delete(vehicleId);
      this.#elsewhere.delete(vehicleId);
      // Back meanwhile: the store must not say that it left.
      if (this.presenceOf(vehicleId).connected) this.#join(vehicleId);
      // For a node that has it all the same.
      else bus.publish({ kind: 'vehicle', id: vehicleId });
    }
  }

  #noteFailure(error: unknown): void {
    const problem = error instanceof Error ? error.message : undefined;
    this.#parts.journal.recordSampled('line', 'warn', 'vehicle_messages_delayed', { problem });
  }
}
