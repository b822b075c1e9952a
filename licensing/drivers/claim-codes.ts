// Codes by which a driver claims a vehicle: the car shows one, the driver types it. Kept as a keyed hash, good for
// CLAIM_CODE_MS and once; a new one of a vehicle takes the place of the one before.

import { createHmac, randomInt } from 'node:crypto';
import { CLAIM_CODE_MS } from '../../config/limits.ts';
import type { Kysely } from '../../platform/store/sql.ts';
import type { Tables } from '../../platform/store/tables.ts';

/** Without 0 O, 1 I L: whoever reads it on a screen and types it takes none for another. */
const DIGITS = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
const LENGTH = 8;

export const CLAIM_CODE_PURPOSE = 'claim codes';

export class ClaimCodes {
  readonly #key: Buffer;

  /** `key`: 32 bytes; whoever has the store alone cannot try all codes. */
  constructor(key: Buffer) {
    this.#key = key;
  }

  async make(
    tx: Kysely<Tables>,
    vehicleId: string,
    nowMs: number,
  ): Promise<{ readonly code: string; readonly expiresAtMs: number }> {
    const code = Array.from({ length: LENGTH }, () => DIGITS[randomInt(DIGITS.length)]!).join('');
    const expiresAtMs = nowMs + CLAIM_CODE_MS;
    const row = { code_hash: this.#hashOf(code), expires_at: expiresAtMs, created_at: nowMs };
    await tx
      .insertInto('claim_codes')
      .values({ vehicle_id: vehicleId, ...row })
      .onConflict((conflict) => conflict.column('vehicle_id').doUpdateSet(row))
      .execute();
    return { code, expiresAtMs };
  }

  /** The vehicle whose code it is, used up by this; undefined where it is none or has run out. */
  async use(tx: Kysely<Tables>, typed: string, nowMs: number): Promise<string | undefined> {
    const code = typed.toUpperCase().replaceAll(/[\s-]/g, '');
    const row = await tx
      .deleteFrom('claim_codes')
      .where('code_hash', '=', this.#hashOf(code))
      .returning(['vehicle_id', 'expires_at'])
      .executeTakeFirst();
    return row !== undefined && row.expires_at > nowMs ? row.vehicle_id : undefined;
  }

  #hashOf(code: string): string {
    return createHmac('sha256', this.#key).update(code).digest('hex');
  }
}
