// Challenges: what a certification request must carry, so that a captured one is worth nothing. They are made without
// keeping anything (an HMAC says that one is ours, for which vehicle and until when); only those that were answered are
// kept until they run out, so that each is answered once, whichever node hears it.
//
//   c1.<expiry, s, base 36>.<16 random bytes>.<HMAC-SHA-256 over all this and the vehicle id>

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { CHALLENGE_MS } from '../../config/limits.ts';
import { readBase64url } from '../../platform/secrets/base64url.ts';
import type { Kysely } from '../../platform/store/sql.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Tables } from '../../platform/store/tables.ts';

export type ChallengeRefusal = 'challenge_invalid' | 'challenge_expired' | 'challenge_used';

/** Secrets.deriveKey is asked for this. */
export const CHALLENGE_KEY_PURPOSE = 'certificate challenge';

const FORM = /^c1\.([0-9a-z]{1,10})\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/;

export class Challenges {
  readonly #key: Buffer;

  constructor(key: Buffer) {
    this.#key = key;
  }

  make(vehicleId: string, nowMs: number): { readonly challenge: string; readonly expiresAtMs: number } {
    const expiresAtS = Math.floor((nowMs + CHALLENGE_MS) / 1000);
    const head = `c1.${expiresAtS.toString(36)}.${randomBytes(16).toString('base64url')}`;
    const challenge = `${head}.${this.#mac(head, vehicleId).toString('base64url')}`;
    return { challenge, expiresAtMs: expiresAtS * 1000 };
  }

  /** What keeps it from being answered for this vehicle now, apart from having been answered before. */
  check(challenge: string, vehicleId: string, nowMs: number): ChallengeRefusal | undefined {
    const [, expiry = '', , mac = ''] = FORM.exec(challenge) ?? [];
    if (mac === '') return 'challenge_invalid';
    const head = challenge.slice(0, -mac.length - 1);
    const given = readBase64url(mac);
    if (given === undefined || !timingSafeEqual(this.#mac(head, vehicleId), given))
      return 'challenge_invalid';
    return expiresAtMsOf(expiry) <= nowMs ? 'challenge_expired' : undefined;
  }

  #mac(head: string, vehicleId: string): Buffer {
    return createHmac('sha256', this.#key).update(`${head}\n${vehicleId}`).digest();
  }
}

/** For an early answer; `useChallenge` decides. */
export async function wasUsed({ db }: Pick<Store, 'db'>, challenge: string): Promise<boolean> {
  const row = await db
    .selectFrom('used_challenges')
    .select('nonce')
    .where('nonce', '=', nonceOf(challenge))
    .executeTakeFirst();
  return row !== undefined;
}

/** False where it was answered before. Of a challenge that `check` passed. */
export async function useChallenge(tx: Kysely<Tables>, challenge: string, nowMs: number): Promise<boolean> {
  await tx.deleteFrom('used_challenges').where('expires_at', '<', nowMs).execute();
  const [, expiry = ''] = FORM.exec(challenge) ?? [];
  const { numInsertedOrUpdatedRows = 0n } = await tx
    .insertInto('used_challenges')
    .values({ nonce: nonceOf(challenge), expires_at: expiresAtMsOf(expiry) })
    .onConflict((conflict) => conflict.column('nonce').doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows > 0n;
}

function nonceOf(challenge: string): string {
  return FORM.exec(challenge)?.[2] ?? '';
}

function expiresAtMsOf(expiry: string): number {
  return Number.parseInt(expiry, 36) * 1000;
}
