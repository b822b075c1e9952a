// The passwords that are made for accounts, all of them by keyed hash, so that none of them rests anywhere:
//
//   derived  20 characters a-z 2-7 (100 bits): for an account and the version of its password; can be shown again
//   lease    <expiry, 7 characters>.<24 characters>: for one holder until a time; 60 bits for the account and the
//            time, 60 for the holder, so that a former holder is told that its lease ended and a stranger nothing
//
// Both end when the version of the account's password goes up. Pure: the account key comes from the master key.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { base32 } from '../../platform/secrets/base32.ts';

/** What `Secrets.deriveKey` makes the account key for. */
export const ACCOUNT_KEY_PURPOSE = 'account passwords';
const DERIVED_LENGTH = 20;
const LEASE_PART_LENGTH = 12;
const EXPIRY_LENGTH = 7;
const LEASE = /^([0-9a-z]{7})\.([a-z2-7]{12})([a-z2-7]{12})$/;

export interface Lease {
  readonly accountId: string;
  /** Of the account's password. */
  readonly version: number;
  /** Whom the account is held by, as the store has it. */
  readonly holder: string;
  /** Seconds since 1970; from then on it is over. */
  readonly expiresAtS: number;
}

/** `ended`: it was right once; its time is over or the account went to another. `wrong`: nobody ever made it. */
export type LeaseVerdict = 'right' | 'ended' | 'wrong';

export function derivedPassword(accountKey: Buffer, accountId: string, version: number): string {
  return keyedText(accountKey, ['derived', accountId, version], DERIVED_LENGTH);
}

/** True for the derived password of the account. Upper case is forgiven: some receivers know no other. */
export function isDerivedPassword(
  accountKey: Buffer,
  accountId: string,
  version: number,
  presented: string,
): boolean {
  return isSameText(presented.toLowerCase(), derivedPassword(accountKey, accountId, version));
}

export function leasePassword(accountKey: Buffer, lease: Lease): string {
  const expiry = lease.expiresAtS.toString(36).padStart(EXPIRY_LENGTH, '0');
  return `${expiry}.${accountPart(accountKey, lease, expiry)}${holderPart(accountKey, lease, expiry)}`;
}

/** Judges a presented lease for the account and whom it is held by now; null where nobody holds it. */
export function verifyLease(
  accountKey: Buffer,
  account: Pick<Lease, 'accountId' | 'version'> & { readonly holder: string | null },
  presented: string,
  nowS: number,
): LeaseVerdict {
  const [, expiry, forAccount, forHolder] = LEASE.exec(presented) ?? [];
  if (expiry === undefined || forAccount === undefined || forHolder === undefined) return 'wrong';
  if (!isSameText(forAccount, accountPart(accountKey, account, expiry))) return 'wrong';
  const holder = account.holder ?? '';
  const isHolder = isSameText(forHolder, holderPart(accountKey, { ...account, holder }, expiry));
  return isHolder && account.holder !== null && nowS < Number.parseInt(expiry, 36) ? 'right' : 'ended';
}

type OfAccount = Pick<Lease, 'accountId' | 'version'>;

function accountPart(accountKey: Buffer, { accountId, version }: OfAccount, expiry: string): string {
  return keyedText(accountKey, ['lease', accountId, version, expiry], LEASE_PART_LENGTH);
}

function holderPart(
  accountKey: Buffer,
  { accountId, version, holder }: OfAccount & { readonly holder: string },
  expiry: string,
): string {
  return keyedText(accountKey, ['holder', accountId, version, expiry, holder], LEASE_PART_LENGTH);
}

/** No part contains a line end, so that no two lists of parts make one text. */
function keyedText(key: Buffer, parts: readonly (string | number)[], length: number): string {
  return base32(createHmac('sha256', key).update(parts.join('\n')).digest()).slice(0, length);
}

/** In a time that tells only whether the lengths agree, which is no secret. */
function isSameText(presented: string, expected: string): boolean {
  const bytes = Buffer.from(presented);
  const expectedBytes = Buffer.from(expected);
  return bytes.length === expectedBytes.length && timingSafeEqual(bytes, expectedBytes);
}
