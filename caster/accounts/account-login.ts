// Whether a password is that of an account: made, lent or chosen. What takes long, a chosen one, is the verifier's.

import { sourceNetwork } from '../../platform/source-network.ts';
import { derivedPassword, isDerivedPassword, verifyLease } from './account-password.ts';
import type { ChosenVerdict } from './password-verifier.ts';
import type { AccountRecord } from './directory-records.ts';

/** Verifies chosen passwords off this thread, and at once those that it has verified before. */
export interface ChosenPasswords {
  verify(hash: string, presented: string, lane: string): ChosenVerdict | Promise<ChosenVerdict>;
}

/** `unknown`: only hashing could tell, and that must not be. */
export type PasswordVerdict = 'own' | 'lent' | 'lease_ended' | 'wrong' | 'busy' | 'unknown';

const LEASE_FORM = /^[0-9a-z]{7}\.[a-z2-7]{24}$/;

/** A lent password is judged by who holds the account now: its record must be fresh. */
export function mayBeLent(presented: string): boolean {
  return LEASE_FORM.test(presented);
}

export class AccountLogin {
  readonly #accountKey: Buffer;
  readonly #chosen: ChosenPasswords;

  constructor(accountKey: Buffer, chosen: ChosenPasswords) {
    this.#accountKey = accountKey;
    this.#chosen = chosen;
  }

  verify(
    account: AccountRecord,
    presented: string,
    address: string,
    nowMs: number,
    mayHash: boolean,
  ): PasswordVerdict | Promise<PasswordVerdict> {
    const { id, passwordVersion: version, passwordHash, holder = null } = account;
    if (mayBeLent(presented)) {
      const lease = { accountId: id, version, holder };
      const verdict = verifyLease(this.#accountKey, lease, presented, Math.floor(nowMs / 1000));
      if (verdict === 'right') return 'lent';
      if (verdict === 'ended') return 'lease_ended';
    }
    if (passwordHash === undefined) {
      return isDerivedPassword(this.#accountKey, id, version, presented) ? 'own' : 'wrong';
    }
    if (!mayHash) return 'unknown';
    const verdict = this.#chosen.verify(passwordHash, presented, `${sourceNetwork(address)} ${id}`);
    return typeof verdict === 'string' ? ownIf(verdict) : verdict.then(ownIf);
  }

  /** As long as it would take for an account that is there: the answer tells nobody which names exist. */
  pretend(presented: string): void {
    derivedPassword(this.#accountKey, 'acc_nobody', presented.length);
  }
}

function ownIf(verdict: ChosenVerdict): PasswordVerdict {
  return verdict === 'right' ? 'own' : verdict;
}
