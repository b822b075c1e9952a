// Who streams on this node now, as lists show it, and the way to end one of them.

import type { BaseHealth } from './base-health.ts';

export interface OpenSession {
  readonly id: string;
  readonly role: 'rover' | 'base';
  readonly mountpoint: string;
  /** Its user name; undefined for bases, and for rovers of an open mountpoint. */
  readonly account: string | undefined;
  /** Undefined for accounts of the configuration file. */
  readonly accountId?: string | undefined;
  readonly appId?: string | undefined;
  /** As the device names itself. */
  readonly device?: string | undefined;
  readonly customerId?: string | null | undefined;
  /** Of the device, behind whatever trusted proxy. */
  readonly address: string;
  readonly userAgent: string;
  /** Of NTRIP. */
  readonly version: 1 | 2;
  readonly secure: boolean;
  /** Wall time, ms since 1970. */
  readonly startedAtMs: number;
}

/** What a rover last said of itself in a GGA sentence. */
export interface RoverFix {
  readonly latitudeDeg: number;
  readonly longitudeDeg: number;
  readonly heightM: number | undefined;
  /** 0 none, 1 single, 2 differential, 4 fixed, 5 float, 6 estimated, 7 manual, 8 simulated. */
  readonly quality: number;
  readonly satellites: number;
  readonly hdop: number | undefined;
  /** Of the corrections that the rover uses. */
  readonly correctionAgeS: number | undefined;
  /** Wall time at which it came, ms since 1970; a rover's own clock has no date. */
  readonly atMs: number;
}

/** What has gone to or come from it so far: stream payload, as in SessionEnd. */
export interface OpenSessionCounts {
  /** Whose epochs a rover gets now: another than it asked for where it has the nearest base, undefined without one. */
  readonly servedMountpoint: string | undefined;
  readonly bytes: number;
  readonly epochs: number;
  readonly frames: number;
  readonly epochsDropped: number;
  /** Of a rover's bytes, what it has not acknowledged yet; undefined where the kernel does not tell. */
  readonly unacknowledgedBytes: number | undefined;
}

export interface OpenSessionFacts {
  /** Undefined where its worker is too busy to tell. */
  readonly counts: OpenSessionCounts | undefined;
  readonly fix: RoverFix | undefined;
}

export interface OpenSessions {
  /** Every open session, in any order. */
  all(): Iterable<OpenSession>;
  get(id: string): OpenSession | undefined;
  /** What is known of these, in the same order. Never rejects, and waits for no worker longer than SESSION_FACTS_MS. */
  facts(ids: readonly string[]): Promise<readonly OpenSessionFacts[]>;
  /** Of a base, by what it told last; undefined for rovers, and for a base that has told nothing yet. */
  health(id: string): BaseHealth | undefined;
  /** Has the session end; false where there is none of this id. */
  close(id: string): boolean;
}
