// Sessions of drivers: a token that is shown at the login, kept as a hash, good until it runs out or is ended. Every
// request looks it up, so that an ended one is ended everywhere at once.

import { randomBytes } from 'node:crypto';
import { DRIVER_SESSION_MS } from '../../config/limits.ts';
import { type Actor, NO_CUSTOMER } from '../../platform/http/actor.ts';
import type { SessionReader } from '../../platform/http/gate.ts';
import { problem, type Problem } from '../../platform/http/problem.ts';
import { base32 } from '../../platform/secrets/base32.ts';
import { hashOfSecret, isSecretOf } from '../../platform/secrets/secret-hash.ts';
import { newId } from '../../platform/store/id.ts';
import type { Kysely } from '../../platform/store/sql.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Tables } from '../../platform/store/tables.ts';

/** `rds_<id>_<secret>`: what follows `dse_` in the id, then 160 random bits. */
const TOKEN_TEXT = /^rds_([a-z2-7]{16})_([a-z2-7]{32})$/;
const TOKEN_START = 'rds_';
const SECRET_BYTES = 20;

export interface OpenedSession {
  readonly id: string;
  readonly token: string;
  readonly expiresAtMs: number;
}

export class DriverSessions implements SessionReader {
  readonly #store: Store;
  readonly #now: () => number;

  constructor(store: Store, now: () => number = Date.now) {
    this.#store = store;
    this.#now = now;
  }

  reads(presented: string): boolean {
    return presented.startsWith(TOKEN_START);
  }

  async actorOf(presented: string): Promise<Actor | Problem> {
    const [, idPart, secret] = TOKEN_TEXT.exec(presented) ?? [];
    if (idPart === undefined || secret === undefined) return problem('key_invalid');
    const row = await this.#store.db
      .selectFrom('driver_sessions')
      .innerJoin('drivers', 'drivers.id', 'driver_sessions.driver_id')
      .select(['drivers.id', 'drivers.name', 'drivers.status'])
      .select(['driver_sessions.secret_hash', 'driver_sessions.expires_at'])
      .where('driver_sessions.id', '=', `dse_${idPart}`)
      .executeTakeFirst();
    if (row === undefined || !isSecretOf(row.secret_hash, secret)) return problem('key_invalid');
    if (row.expires_at <= this.#now()) return problem('key_expired');
    if (row.status !== 'active') return problem('key_suspended');
    return { kind: 'driver', id: row.id, name: row.name, role: 'driver', customerId: NO_CUSTOMER };
  }

  async open(tx: Kysely<Tables>, driverId: string): Promise<OpenedSession> {
    const id = newId('dse');
    const secret = base32(randomBytes(SECRET_BYTES));
    const nowMs = this.#now();
    const expiresAtMs = nowMs + DRIVER_SESSION_MS;
    // What has run out has nobody to end it.
    await tx
      .deleteFrom('driver_sessions')
      .where('driver_id', '=', driverId)
      .where('expires_at', '<=', nowMs)
      .execute();
    await tx
      .insertInto('driver_sessions')
      .values({
        id,
        driver_id: driverId,
        secret_hash: hashOfSecret(secret),
        expires_at: expiresAtMs,
        created_at: nowMs,
      })
      .execute();
    return { id, token: `${TOKEN_START}${id.slice('dse_'.length)}_${secret}`, expiresAtMs };
  }

  /** Ends the session that the token names, or all of its driver. */
  async end(tx: Kysely<Tables>, driverId: string, presented: string, isForAll: boolean): Promise<void> {
    let sessions = tx.deleteFrom('driver_sessions').where('driver_id', '=', driverId);
    if (!isForAll) sessions = sessions.where('id', '=', `dse_${TOKEN_TEXT.exec(presented)?.[1] ?? ''}`);
    await sessions.execute();
  }
}
