// Drivers sign up and log in: passwords hashed with argon2id, tries counted by who asks from where, and an answer that
// takes as long for a driver who is not there.

import { randomBytes } from 'node:crypto';
import {
  ADDRESS_LOGINS_PER_MINUTE_MAX,
  DRIVER_LOGINS_PER_MINUTE_MAX,
  SIGN_UPS_PER_MINUTE_MAX,
} from '../../config/limits.ts';
import { MinuteCounter } from '../../platform/http/minute-counter.ts';
import { sourceNetwork } from '../../platform/source-network.ts';
import { newId } from '../../platform/store/id.ts';
import type { Store } from '../../platform/store/store.ts';
import type { DriversTable } from '../../platform/store/tables/shop-tables.ts';

/** Whoever hashes passwords for the whole process. */
export interface Passwords {
  hash(password: string): Promise<string>;
  /** `lane`: who asks; those of one lane wait for one another. */
  verify(
    passwordHash: string,
    presented: string,
    lane: string,
  ): 'right' | 'wrong' | 'busy' | Promise<'right' | 'wrong' | 'busy'>;
}

export interface NewDriver {
  readonly email: string;
  readonly password: string;
  readonly name: string;
  readonly language: string;
}

export type LoggedIn =
  | { readonly ok: true; readonly driver: DriversTable }
  | { readonly ok: false; readonly reason: 'login_wrong' | 'driver_suspended' }
  | {
      readonly ok: false;
      readonly reason: 'too_many_requests' | 'logins_busy';
      readonly retryAfterS: number;
    };

const BUSY_RETRY_S = 2;

export class DriverDesk {
  readonly #store: Store;
  readonly #passwords: Passwords;
  readonly #signUps = new MinuteCounter();
  readonly #logins = new MinuteCounter();
  readonly #addressLogins = new MinuteCounter();
  /** A hash that nothing fits, for drivers who are not there. */
  #noHash: Promise<string> | undefined;

  constructor(store: Store, passwords: Passwords) {
    this.#store = store;
    this.#passwords = passwords;
  }

  /** Seconds to wait; 0 where somebody may sign up from there now. */
  signUpWaitS(address: string): number {
    const count = this.#signUps.count(sourceNetwork(address), SIGN_UPS_PER_MINUTE_MAX);
    return count?.ok === false ? count.resetS : 0;
  }

  async rowFor({ email, password, name, language }: NewDriver, nowMs: number): Promise<DriversTable> {
    return {
      id: newId('drv'),
      email: email.toLowerCase(),
      name,
      language,
      password_hash: await this.#passwords.hash(password),
      status: 'active',
      created_at: nowMs,
      updated_at: nowMs,
    };
  }

  async logIn(givenEmail: string, password: string, address: string): Promise<LoggedIn> {
    const email = givenEmail.toLowerCase();
    const network = sourceNetwork(address);
    const lane = `${network} ${email}`;
    for (const count of [
      this.#addressLogins.count(network, ADDRESS_LOGINS_PER_MINUTE_MAX),
      this.#logins.count(lane, DRIVER_LOGINS_PER_MINUTE_MAX),
    ]) {
      if (count?.ok === false) return { ok: false, reason: 'too_many_requests', retryAfterS: count.resetS };
    }
    const driver = await this.#store.db
      .selectFrom('drivers')
      .selectAll()
      .where('email', '=', email)
      .executeTakeFirst();
    this.#noHash ??= this.#passwords.hash(randomBytes(32).toString('hex'));
    const hash = driver?.password_hash ?? (await this.#noHash);
    const verdict = await this.#passwords.verify(hash, password, lane);
    if (verdict === 'busy') return { ok: false, reason: 'logins_busy', retryAfterS: BUSY_RETRY_S };
    if (verdict === 'wrong' || driver === undefined) return { ok: false, reason: 'login_wrong' };
    if (driver.status !== 'active') return { ok: false, reason: 'driver_suspended' };
    return { ok: true, driver };
  }
}
