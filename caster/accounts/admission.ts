// The question a stream worker asks before a stream starts, and the answer. Asked on the worker, answered on the main
// thread: the worker itself knows no account.

import type { Shape } from '../rtcm/reshape/shape.ts';
import type { GrantLimits } from './grant-limits.ts';
import type { RefusalReason } from './refusal-reason.ts';

interface RequestFacts {
  readonly version: 1 | 2;
  /** Any name that can be a mountpoint's, whether there is such a one or not. */
  readonly mountpoint: string;
  readonly username: string;
  readonly password: string;
  readonly credentials: 'basic' | 'none' | 'malformed';
  /** Of the device, behind whatever trusted proxy. */
  readonly address: string;
  readonly userAgent: string;
  readonly secure: boolean;
  readonly worker: number;
}

/** Degrees, north and east positive. */
export interface RoverPosition {
  readonly latitudeDeg: number;
  readonly longitudeDeg: number;
}

export interface RoverAdmissionRequest extends RequestFacts {
  readonly role: 'rover';
  /** From an `Ntrip-GGA` header, or a GGA right behind the request (str2str); most tell it only when the stream runs. */
  readonly position?: RoverPosition | undefined;
  /** Path with query as sent, `/M?x=1`; what a signature was made over where it is not `/` and the mountpoint. */
  readonly path?: string | undefined;
}

export interface BaseAdmissionRequest extends RequestFacts {
  readonly role: 'base';
}

/** Which mountpoints may this account use, and what does it get there? No session follows. `mountpoint` is empty. */
export interface TableAdmissionRequest extends RequestFacts {
  readonly role: 'table';
  /** NTRIP 2.0's `?auth`: who is refused is told so. Without it he gets the table that everybody gets. */
  readonly isDemanded: boolean;
}

export type AdmissionRequest = RoverAdmissionRequest | BaseAdmissionRequest | TableAdmissionRequest;

interface CountedGrant {
  /** Number of its record in the ledger, given to it as the last thing before its worker is told. */
  readonly record?: number | undefined;
}

/** What a session may do, from its start to its end. */
export interface RoverGrant extends CountedGrant {
  readonly ok: true;
  readonly role: 'rover';
  readonly sessionId: string;
  readonly mountpoint: string;
  /** The account that pays; undefined on an open mountpoint. */
  readonly account: string | undefined;
  readonly limits: GrantLimits;
}

export interface BaseGrant extends CountedGrant {
  readonly ok: true;
  readonly role: 'base';
  readonly sessionId: string;
  readonly mountpoint: string;
  /** Grows with every base of a mountpoint: epochs of an older one are ignored everywhere once a newer one speaks. */
  readonly generation: number;
}

export interface TableGrant {
  readonly ok: true;
  readonly role: 'table';
  /** That it may use. */
  readonly mountpoints: ReadonlySet<string>;
  /** What its service spec makes of their streams; absent where it gets what the bases send. */
  readonly shape?: Shape | undefined;
}

export type Grant = RoverGrant | BaseGrant | TableGrant;

/** The steps of admission, in their order. Each is one function that lets a login pass or names the reason why not. */
export type AdmissionStep =
  'mountpoint' | 'throttle' | 'credentials' | 'app' | 'device' | 'quota' | 'allocation' | 'account' | 'slots';

/** Whom a refusal concerns, as far as it was known by then: for the operator's record, never for the device. */
export interface RefusalAbout {
  readonly customerId?: string | null;
  readonly appId?: string;
  readonly accountId?: string;
  readonly device?: string;
}

export interface Refusal {
  readonly ok: false;
  readonly reason: RefusalReason;
  readonly retryAfterS: number | undefined;
  readonly step?: AdmissionStep;
  /** One sentence for the operator, without secrets. */
  readonly detail?: string;
  readonly about?: RefusalAbout;
}

export type Verdict = Grant | Refusal;

/** False once nobody waits for the answer any more. Whatever takes or writes something asks it right before. */
export type IsWanted = () => boolean;

export interface Admission {
  /**
   * Decides at once what the configuration file knows, later what the store has to be asked for; never throws or
   * rejects. A grant to a rover or base opens its session in the registry. What is decided later leaves nothing behind
   * where it is not wanted any more.
   */
  admit(request: AdmissionRequest, nowMs: number, isWanted: IsWanted): Verdict | Promise<Verdict>;
}
