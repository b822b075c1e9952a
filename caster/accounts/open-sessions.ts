// Who streams on this node now, as lists show it, and the way to end one of them.

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

export interface OpenSessions {
  /** Every open session, in any order. */
  all(): Iterable<OpenSession>;
  get(id: string): OpenSession | undefined;
  /** Has the session end; false where there is none of this id. */
  close(id: string): boolean;
}
