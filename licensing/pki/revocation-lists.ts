// The revocation list of each authority, made when it is asked for and something has changed, or when it is old. Who is
// past its own end is left out: nobody takes it anyway.

import { CRL_KEPT_MS, CRL_VALID_MS } from '../../config/limits.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Authority } from './authorities.ts';
import type { RevokedEntry } from './crl.ts';
import { wholeSecond, type PkiCrypto } from './pki-crypto.ts';
import { REVOCATION_REASONS } from './revocation-reason.ts';

interface Made {
  readonly key: string;
  readonly madeAtMs: number;
  readonly der: Promise<Uint8Array>;
}

export class RevocationLists {
  readonly #store: Store;
  readonly #crypto: PkiCrypto;
  readonly #made = new Map<string, Made>();

  constructor(store: Store, crypto: PkiCrypto) {
    this.#store = store;
    this.#crypto = crypto;
  }

  /** DER. */
  async of(authority: Authority, nowMs: number): Promise<Uint8Array> {
    const key = await this.#changeKey(authority.id, nowMs);
    const before = this.#made.get(authority.id);
    if (before?.key === key && nowMs - before.madeAtMs < CRL_KEPT_MS) return await before.der;
    const der = this.#make(authority, nowMs);
    this.#made.set(authority.id, { key, madeAtMs: nowMs, der });
    // Whoever comes next tries again.
    der.catch(() => this.#made.delete(authority.id));
    return await der;
  }

  /** Another one whenever the list would have other entries. */
  async #changeKey(authorityId: string, nowMs: number): Promise<string> {
    const { count, last } = await this.#revoked(authorityId, nowMs)
      .select(({ fn }) => [fn.countAll<number>().as('count'), fn.max('revoked_at').as('last')])
      .executeTakeFirstOrThrow();
    return `${count} ${last}`;
  }

  async #make(authority: Authority, nowMs: number): Promise<Uint8Array> {
    const rows = await this.#revoked(authority.id, nowMs)
      .select(['serial', 'revoked_at', 'revoked_reason'])
      .orderBy('revoked_at')
      .execute();
    const entries = rows.map(({ serial, revoked_at, revoked_reason }): RevokedEntry => {
      const reason = REVOCATION_REASONS.find((one) => one === revoked_reason) ?? 'unspecified';
      return { serial, revokedAtMs: revoked_at ?? nowMs, reason };
    });
    const thisUpdateMs = wholeSecond(nowMs);
    const facts = { number: nowMs, thisUpdateMs, nextUpdateMs: thisUpdateMs + CRL_VALID_MS, entries };
    return await this.#crypto.makeCrl({ facts, issuer: authority.issuer });
  }

  #revoked(authorityId: string, nowMs: number) {
    return this.#store.db
      .selectFrom('certificates')
      .where('authority_id', '=', authorityId)
      .where('revoked_at', '<=', nowMs)
      .where('not_after', '>', nowMs);
  }
}
