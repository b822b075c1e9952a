// Every reason for which a rover or base is not let in, as one table: the reply it gets, what the log says, what to
// do. Adding a reason: add a row here and one in docs/refusals.md; a test compares the two.

interface RefusalRow {
  /** NTRIP 2.0 and plain HTTP status; the words for an NTRIP 1.0 base follow from it (caster/ntrip/replies.ts). */
  readonly status: 401 | 403 | 404 | 409 | 429 | 501 | 503;
  /** What the device is told. Never says which half of a credential was wrong. */
  readonly text: string;
  /** What the operator or the user should do. */
  readonly fix: string;
}

export const REFUSAL_REASONS = {
  unknown_mountpoint: {
    status: 404,
    text: 'there is no such mountpoint here',
    fix: 'compare the name with the sourcetable; upper and lower case matter',
  },
  credentials_missing: {
    status: 401,
    text: 'this mountpoint needs a user name and password',
    fix: 'enter the account’s user name and password in the device',
  },
  credentials_malformed: {
    status: 401,
    text: 'the Authorization header could not be read',
    fix: 'send HTTP Basic: base64 of user:password',
  },
  credentials_wrong: {
    status: 401,
    text: 'user name or password is wrong',
    fix: 'check both, upper and lower case included; use the NTRIP account, not a website login',
  },
  account_disabled: {
    status: 403,
    text: 'this account is disabled',
    fix: 'enable the account',
  },
  account_expired: {
    status: 403,
    text: 'this account has run out',
    fix: 'renew the account',
  },
  mountpoint_not_allowed: {
    status: 403,
    text: 'this account may not use this mountpoint',
    fix: 'choose a mountpoint of the account, or add this one to it',
  },
  sessions_full: {
    status: 409,
    text: 'this account already has as many sessions as it may have',
    fix: 'stop the other device, raise sessionsMax, or set onExtraSession: replaceOldest',
  },
  base_password_wrong: {
    status: 401,
    text: 'the source password of this mountpoint is wrong',
    fix: 'check the mountpoint’s sourcePassword (and sourceUsername, if it has one)',
  },
  mountpoint_taken: {
    status: 409,
    text: 'another base is streaming to this mountpoint',
    fix: 'stop the other base, give this one a mountpoint of its own, or set secondBase: takeOver',
  },
  mountpoint_takes_no_base: {
    status: 409,
    text: 'this mountpoint chooses among other bases and takes none itself',
    fix: 'push to a mountpoint of the base’s own',
  },
  coding_unsupported: {
    status: 501,
    text: 'compressed streams are not taken',
    fix: 'push without Content-Encoding and without gzip or deflate in Transfer-Encoding',
  },
  too_many_failures: {
    status: 429,
    text: 'too many failed logins; try again later',
    fix: 'correct the credentials, then wait as long as Retry-After says',
  },
  too_many_connections: {
    status: 503,
    text: 'too many connections',
    fix: 'try again later; operators: gates.connectionsMax, gates.connectionsPerAddressMax',
  },
  stopping: {
    status: 503,
    text: 'the caster is stopping',
    fix: 'try again in some seconds',
  },
} as const satisfies Record<string, RefusalRow>;

export type RefusalReason = keyof typeof REFUSAL_REASONS;
