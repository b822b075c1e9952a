// Orders at an even rate, each for the next vehicle of a fleet, and how long it takes from the order to the activated
// function in the car.

import { setTimeout as sleep } from 'node:timers/promises';
import type { KeyAlgorithm } from '../../licensing/pki/keys.ts';
import type { LicensingApi } from './licensing-api.ts';
import type { FleetListener, FleetVehicle } from './vehicle-fleet.ts';

export const SIMULATED_VERSION = '1.0.0';

/** Each vehicle may have so many parts bought; one that is bought again only lasts longer, and activates nothing. */
export const PARTS_MAX = 100;

/** The parts that so many orders need, each vehicle's first before any vehicle's second. */
export function simulatedParts(orders: number, vehicles: number): string[] {
  const count = Math.min(PARTS_MAX, Math.ceil(orders / vehicles));
  return Array.from({ length: count }, (_none, number) => simulatedPart(number));
}

export function ordersIn({ perSecond, seconds }: Pick<OrderLoad, 'perSecond' | 'seconds'>): number {
  return Math.round(perSecond * seconds);
}

function simulatedPart(number: number): string {
  return `SIM-PART-${number}`;
}

export interface OrderLoad {
  readonly api: LicensingApi;
  readonly fleet: readonly FleetVehicle[];
  readonly perSecond: number;
  readonly seconds: number;
  /** After the last order. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

/** Milliseconds from order to activation, ascending, by kind of key. */
export interface OrderResult {
  readonly orders: number;
  readonly refused: number;
  readonly firstRefusal: string | undefined;
  readonly missing: number;
  readonly ms: Readonly<Record<KeyAlgorithm, readonly number[]>>;
}

export class OrderClock {
  readonly #began = new Map<string, number>();
  readonly #ms: Record<KeyAlgorithm, number[]> = { rsa: [], sm2: [] };

  /** To be given to the fleet. */
  readonly listen: FleetListener = ({ id, algorithm }, event, fields) => {
    if (event !== 'activated') return;
    const key = `${id} ${String(fields['part'])}`;
    const beganMs = this.#began.get(key);
    if (beganMs === undefined) return;
    this.#began.delete(key);
    this.#ms[algorithm].push(performance.now() - beganMs);
  };

  begin(vehicleId: string, partNumber: string): void {
    this.#began.set(`${vehicleId} ${partNumber}`, performance.now());
  }

  forget(vehicleId: string, partNumber: string): void {
    this.#began.delete(`${vehicleId} ${partNumber}`);
  }

  get waiting(): number {
    return this.#began.size;
  }

  sorted(): OrderResult['ms'] {
    return { rsa: this.#ms.rsa.toSorted((a, b) => a - b), sm2: this.#ms.sm2.toSorted((a, b) => a - b) };
  }
}

/** `onProgress` is told how many orders are on their way. */
export async function runOrders(
  { api, fleet, perSecond, seconds, waitMs, signal }: OrderLoad,
  clock: OrderClock,
  onProgress: (orders: number, waiting: number) => void,
): Promise<OrderResult> {
  const products = new Map<number, Promise<string>>();
  const orders = Math.min(ordersIn({ perSecond, seconds }), fleet.length * PARTS_MAX);
  const refusals: string[] = [];
  const running: Promise<void>[] = [];
  const startMs = performance.now();
  let made = 0;
  for (; made < orders && !signal.aborted; made++) {
    const dueMs = startMs + (made * 1000) / perSecond;
    if (performance.now() < dueMs) await sleep(dueMs - performance.now());
    const { id } = fleet[made % fleet.length]!;
    const number = Math.floor(made / fleet.length);
    const part = simulatedPart(number);
    const product = products.get(number) ?? api.freeProduct(part, SIMULATED_VERSION);
    products.set(number, product);
    const productId = await product;
    clock.begin(id, part);
    running.push(
      api.order(productId, id).then(
        () => undefined,
        (error: unknown) => {
          clock.forget(id, part);
          refusals.push(String(error));
        },
      ),
    );
    onProgress(made + 1, clock.waiting);
  }
  await Promise.all(running);
  const endMs = performance.now() + waitMs;
  while (clock.waiting > 0 && performance.now() < endMs && !signal.aborted) {
    onProgress(made, clock.waiting);
    await sleep(50);
  }
  return {
    ...{ orders: made, refused: refusals.length, firstRefusal: refusals[0], missing: clock.waiting },
    ms: clock.sorted(),
  };
}

/** Of ascending numbers; undefined where there are none. */
export function percentileOf(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}
