// What a vehicle knows of its rights, as one record: a grant, its receipt and the counter move in one write, so that no
// loss of power leaves one without the other.

import type { UpKind } from '../../broker/vehicle-line.ts';
import type { SoftRight } from '../../grants/format/documents.ts';

/** Where a grant stands. `ended` is for good. */
export type Standing = 'stored' | 'waits_for_package' | 'active' | 'ended';

export type EndReason =
  | 'expired'
  | 'used_up'
  | 'revoked'
  | 'superseded'
  | 'offline_too_long'
  | 'storage_rolled_back'
  | 'version_above_exact'
  | 'software_refused';

export interface KeptGrant {
  readonly grantId: string;
  readonly partNumber: string;
  readonly seq: number;
  readonly state: 'active' | 'revoked';
  /** Whole seconds. */
  readonly iat: number;
  readonly ttl: number;
  /** The greatest counter of this vehicle that the cloud had seen when it made it. */
  readonly seenCounter: number;
  readonly right: SoftRight;
  /** As the software module is given it. */
  readonly activation: string;
  readonly standing: Standing;
  readonly reason: string | null;
  /** SHA-256 of the message, hex: the same once more is no attack. */
  readonly digest: string;
}

/** Uses that the cloud has lent to this vehicle; the vehicle only ever counts `used` up. */
export interface Lease {
  readonly leaseId: string;
  readonly partNumber: string;
  readonly uses: number;
  readonly used: number;
  /** What the last report says. */
  readonly reported: number;
  /** Of the last report; empty before the first. */
  readonly prevHash: string;
  /** The storage was put back to an earlier time: what is left is not known, so nothing is. */
  readonly isFrozen: boolean;
}

/** A signed message that the cloud has not acknowledged. */
export interface Waiting {
  readonly kind: UpKind;
  readonly body: string;
  /** What it is about: a grant, a lease, a request. */
  readonly about: string;
}

export interface WantedPackage {
  readonly requestId: string;
  readonly grantId: string;
  readonly version: string;
}

/** A package that was offered, and not taken. */
export interface RefusedPackage {
  readonly requestId: string;
  readonly reason: string;
}

export interface VehicleState {
  readonly v: 1;
  /** Rises with every write; every signed report carries it, and the cloud takes only larger ones. */
  readonly counter: number;
  /** The counter is kept elsewhere, too, from now on. */
  readonly isAnchored: boolean;
  /** The latest time that was ever seen. */
  readonly seenMs: number;
  /** When the cloud was last reached. */
  readonly contactMs: number;
  /** Part number -> version. */
  readonly installed: Readonly<Record<string, string>>;
  /** Part number -> the newest grant that was taken; it stays when it has ended, for its number. */
  readonly grants: Readonly<Record<string, KeptGrant>>;
  /** Part number -> the grant whose functions are on, which may be older than the newest. */
  readonly running: Readonly<Record<string, KeptGrant>>;
  readonly leases: Readonly<Record<string, Lease>>;
  /** The storage was put back, and has counted up to here before: only grants are relied on whose maker has seen more. */
  readonly doubtedUpTo: number;
  readonly wanted: Readonly<Record<string, WantedPackage>>;
  /** Part number -> the last one, of which each manifest tells: the cloud notes each once. */
  readonly refusedPackages: Readonly<Record<string, RefusedPackage>>;
  readonly outbox: readonly Waiting[];
}

export const EMPTY_STATE: VehicleState = {
  v: 1,
  counter: 0,
  isAnchored: false,
  seenMs: 0,
  contactMs: 0,
  installed: {},
  grants: {},
  running: {},
  leases: {},
  doubtedUpTo: 0,
  wanted: {},
  refusedPackages: {},
  outbox: [],
};

/** Made before the cloud can have heard that the storage was put back: it may have been taken away since. */
export function isDoubted({ seenCounter }: KeptGrant, { doubtedUpTo }: VehicleState): boolean {
  // One that an earlier version has kept says nothing: that is not above either.
  return doubtedUpTo > 0 && !(seenCounter > doubtedUpTo);
}

/** The table with this entry, or without it where `value` is undefined. */
export function withEntry<Value>(
  table: Readonly<Record<string, Value>>,
  key: string,
  value: Value | undefined,
): Readonly<Record<string, Value>> {
  const { [key]: _before, ...others } = table;
  return value === undefined ? others : { ...others, [key]: value };
}
