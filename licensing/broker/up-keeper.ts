// Keeps what vehicles send, and hands it on: of the kinds that there is somebody for, as many at a time as may be under
// way, of them a few of each vehicle, until each is taken.

import { BROKER_UPS_HANDED_MAX, BROKER_UPS_HANDED_PER_VEHICLE_MAX } from '../../config/limits.ts';
import type { BrokerStore, KeptUp, NewUp } from './broker-store.ts';
import type { UpKind } from './vehicle-line.ts';

export class UpKeeper {
  readonly #store: BrokerStore;
  readonly #hand: (ups: readonly KeptUp[]) => void;
  #handled: ReadonlySet<UpKind> = new Set();
  /** Of which vehicle each is. */
  readonly #handed = new Map<number, string>();
  readonly #handedOf = new Map<string, number>();
  #upCursor = 0;
  /** Vehicles of which more waits than is handed on at a time: up to which id theirs was looked at. */
  readonly #behind = new Map<string, number>();

  constructor(store: BrokerStore, hand: (ups: readonly KeptUp[]) => void) {
    this.#store = store;
    this.#hand = hand;
  }

  /** Resolves when it is on the disk; false: as much waits as may. */
  async keep(up: NewUp): Promise<boolean> {
    const isKept = await this.#store.addUp(up);
    if (isKept) this.#handUps();
    return isKept;
  }

  /** From now on messages of these kinds are handed on. */
  handles(kinds: readonly UpKind[]): void {
    this.#handled = new Set(kinds);
    this.#upCursor = 0;
    this.#behind.clear();
    this.#handUps();
  }

  async taken(ids: readonly number[]): Promise<void> {
    await this.#store.removeUps(ids);
    for (const id of ids) {
      const vehicleId = this.#handed.get(id);
      if (vehicleId === undefined) continue;
      this.#handed.delete(id);
      const left = (this.#handedOf.get(vehicleId) ?? 1) - 1;
      if (left === 0) this.#handedOf.delete(vehicleId);
      else this.#handedOf.set(vehicleId, left);
    }
    this.#handUps();
  }

  #handUps(): void {
    if (this.#handled.size === 0) return;
    const ups: KeptUp[] = [];
    this.#takeOldest(ups);
    for (const vehicleId of this.#behind.keys()) this.#takeOf(vehicleId, ups);
    if (ups.length > 0) this.#hand(ups);
  }

  #takeOldest(ups: KeptUp[]): void {
    while (this.#handed.size < BROKER_UPS_HANDED_MAX) {
      const [up] = this.#store.ups(this.#upCursor, 1);
      if (up === undefined) return;
      this.#upCursor = up.id;
      if (this.#behind.has(up.vehicleId)) continue;
      if (this.#hasRoom(up.vehicleId)) this.#take(up, ups);
      else this.#behind.set(up.vehicleId, up.id - 1);
    }
  }

  #takeOf(vehicleId: string, ups: KeptUp[]): void {
    while (this.#handed.size < BROKER_UPS_HANDED_MAX && this.#hasRoom(vehicleId)) {
      const up = this.#store.nextUpOf(vehicleId, this.#behind.get(vehicleId)!);
      if (up === undefined) {
        this.#behind.delete(vehicleId);
        return;
      }
      this.#behind.set(vehicleId, up.id);
      this.#take(up, ups);
    }
  }

  #hasRoom(vehicleId: string): boolean {
    return (this.#handedOf.get(vehicleId) ?? 0) < BROKER_UPS_HANDED_PER_VEHICLE_MAX;
  }

  #take(up: KeptUp, ups: KeptUp[]): void {
    if (!this.#handled.has(up.kind) || this.#handed.has(up.id)) return;
    this.#handed.set(up.id, up.vehicleId);
    this.#handedOf.set(up.vehicleId, (this.#handedOf.get(up.vehicleId) ?? 0) + 1);
    ups.push(up);
  }
}
