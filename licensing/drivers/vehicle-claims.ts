// Who has a vehicle. At most one claim of a vehicle is active; another driver's claim waits until the driver who has it
// consents or refuses, or whoever sells to the vehicle decides. Nobody gets a vehicle by waiting: whoever once read a code
// off its screen may be a valet. What was bought stays with the vehicle.
//
//   claim ──▶ active                     nobody has the vehicle
//   claim ──▶ pending ── consent, approve, a fresh code when nobody has it ──▶ active
//                 └───── refuse, withdraw, release by who has it, two weeks ──▶ refused, ended
//   active ── release, consent to another, approve of another ──▶ ended

import { CLAIM_PENDING_MS } from '../../config/limits.ts';
import { newId } from '../../platform/store/id.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { Transaction } from '../../platform/store/sql.ts';
import type { VehicleClaimsTable } from '../../platform/store/tables/shop-tables.ts';
import { lockVehicle } from '../entitlements/entitlement-book.ts';
import type { OrderBook } from '../shop/orders.ts';

type Tx = Transaction<Tables>;

export interface Claimer {
  readonly driverId: string;
  readonly vehicleId: string;
  readonly nowMs: number;
}

/** What a change of hands did, to be told once it is committed. */
export interface Handed {
  /** Who has the vehicle now. */
  readonly claim: VehicleClaimsTable | undefined;
  /** Who had it before. */
  readonly from: string | undefined;
}

export class VehicleClaims {
  readonly #orders: OrderBook;

  constructor(orders: OrderBook) {
    this.#orders = orders;
  }

  /** Undefined where there is no such vehicle. The claim is active or pending, the same one when it is repeated. */
  async claim(tx: Tx, { driverId, vehicleId, nowMs }: Claimer): Promise<VehicleClaimsTable | undefined> {
    if (!(await lockVehicle(tx, vehicleId))) return undefined;
    const open = await this.openOf(tx, vehicleId, nowMs);
    const own = open.find((one) => one.driver_id === driverId);
    const isFree = open.every(({ state }) => state !== 'active');
    if (own !== undefined) return isFree ? await this.#set(tx, own, 'active', nowMs) : own;
    const vehicle = await tx
      .selectFrom('vehicles')
      .select('customer_id')
      .where('id', '=', vehicleId)
      .executeTakeFirstOrThrow();
    const row: VehicleClaimsTable = {
      id: newId('clm'),
      vehicle_id: vehicleId,
      customer_id: vehicle.customer_id,
      driver_id: driverId,
      state: isFree ? 'active' : 'pending',
      created_at: nowMs,
      updated_at: nowMs,
    };
    await tx.insertInto('vehicle_claims').values(row).execute();
    return row;
  }

  /** The driver lets go: of a vehicle that he has, and nobody has it then, or of his claim that waits. */
  async release(tx: Tx, { driverId, vehicleId, nowMs }: Claimer): Promise<Handed | undefined> {
    if (!(await lockVehicle(tx, vehicleId))) return undefined;
    const open = await this.openOf(tx, vehicleId, nowMs);
    const own = open.find((one) => one.driver_id === driverId);
    if (own === undefined) return undefined;
    await this.#set(tx, own, 'ended', nowMs);
    if (own.state === 'pending') return { claim: undefined, from: undefined };
    for (const one of open) if (one.state === 'pending') await this.#set(tx, one, 'ended', nowMs);
    return { claim: undefined, from: driverId };
  }

  /** By the driver who has the vehicle. Undefined where he has not, `none` where the claim does not wait for it. */
  async refuse(
    tx: Tx,
    claimId: string,
    { driverId, vehicleId, nowMs }: Claimer,
  ): Promise<VehicleClaimsTable | 'none' | undefined> {
    if (!(await lockVehicle(tx, vehicleId))) return undefined;
    const open = await this.openOf(tx, vehicleId, nowMs);
    if (!open.some((one) => one.state === 'active' && one.driver_id === driverId)) return undefined;
    const claim = open.find(({ id, state }) => id === claimId && state === 'pending');
    return claim === undefined ? 'none' : await this.#set(tx, claim, 'refused', nowMs);
  }

  /** The claim has the vehicle from now on, and who had it no longer. Undefined where it does not wait. */
  async hand(tx: Tx, claimId: string, vehicleId: string, nowMs: number): Promise<Handed | undefined> {
    if (!(await lockVehicle(tx, vehicleId))) return undefined;
    const open = await this.openOf(tx, vehicleId, nowMs);
    const next = open.find(({ id, state }) => id === claimId && state === 'pending');
    if (next === undefined) return undefined;
    const holder = open.find(({ state }) => state === 'active');
    if (holder !== undefined) await this.#set(tx, holder, 'ended', nowMs);
    return { claim: await this.#set(tx, next, 'active', nowMs), from: holder?.driver_id };
  }

  /** Whoever decides takes the vehicle away, or does not give it. Undefined where the claim is over. */
  async end(tx: Tx, claim: VehicleClaimsTable, nowMs: number): Promise<VehicleClaimsTable | undefined> {
    await lockVehicle(tx, claim.vehicle_id);
    const open = await this.openOf(tx, claim.vehicle_id, nowMs);
    const row = open.find(({ id }) => id === claim.id);
    return row && (await this.#set(tx, row, row.state === 'active' ? 'ended' : 'refused', nowMs));
  }

  /** The claims of a vehicle that count, oldest first. */
  async openOf(tx: Tx, vehicleId: string, nowMs: number): Promise<VehicleClaimsTable[]> {
    const rows = await tx
      .selectFrom('vehicle_claims')
      .selectAll()
      .where('vehicle_id', '=', vehicleId)
      .where('state', 'in', ['active', 'pending'])
      .orderBy('id')
      .execute();
    const kept: VehicleClaimsTable[] = [];
    for (const row of rows) {
      const isOver = row.state === 'pending' && row.created_at + CLAIM_PENDING_MS <= nowMs;
      if (isOver) await this.#set(tx, row, 'ended', nowMs);
      else kept.push(row);
    }
    return kept;
  }

  async #set(
    tx: Tx,
    row: VehicleClaimsTable,
    state: VehicleClaimsTable['state'],
    nowMs: number,
  ): Promise<VehicleClaimsTable> {
    const changed = { ...row, state, updated_at: nowMs };
    await tx
      .updateTable('vehicle_claims')
      .set({ state, updated_at: nowMs })
      .where('id', '=', row.id)
      .execute();
    if (row.state === 'active') await this.#cancelOrders(tx, row, nowMs);
    return changed;
  }

  /** Nobody pays for a vehicle that he no longer has; money that comes all the same goes back. */
  async #cancelOrders(tx: Tx, { driver_id, vehicle_id }: VehicleClaimsTable, nowMs: number): Promise<void> {
    const pending = await tx
      .selectFrom('orders')
      .select('id')
      .where('vehicle_id', '=', vehicle_id)
      .where('driver_id', '=', driver_id)
      .where('state', '=', 'pending')
      .orderBy('id')
      .execute();
    for (const { id } of pending) {
      const row = await this.#orders.take(tx, id);
      if (row !== undefined) {
        await this.#orders.move(tx, row, { event: 'cancel', actor: 'vehicle_handed_on', nowMs });
      }
    }
  }
}
