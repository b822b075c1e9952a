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
    fix: 'choose a mountpoint of the account, add this one to it, or let its owner share it (sharedWith)',
  },
  mountpoint_raw: {
    status: 403,
    text: 'this mountpoint is raw and cannot give this account its shape',
    fix: 'choose another mountpoint, set raw: false where RTCM 3 is sent, or a service spec without a shape',
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
    text: 'this mountpoint gives what other bases send and takes none itself',
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
  app_unknown: {
    status: 401,
    text: 'there is no such app',
    fix: 'compare the app key with the app’s page; it may belong to another server, or the app was deleted',
  },
  signature_malformed: {
    status: 401,
    text: 'the signed password or header could not be read',
    fix: 'send rc1.SECONDS.NONCE.SIGNATURE as password, or Authorization: RC1-HMAC-SHA256 app=…,ts=…,nonce=…,device=…,sig=…',
  },
  signature_wrong: {
    status: 401,
    text: 'the signature does not fit what was asked',
    fix: 'sign exactly the lines of RC1: the mountpoint or path as sent, the device id, the body’s hash; use the app’s current secret',
  },
  clock_outside_window: {
    status: 401,
    text: 'the time of the signature is more than 300 s away from ours',
    fix: 'set the device’s clock, or ask GET /v1/time first',
  },
  signature_too_old: {
    status: 401,
    text: 'the signature was made before this server began',
    fix: 'sign anew; nonces kept in memory are lost at a restart, so older signatures are refused',
  },
  nonce_used: {
    status: 401,
    text: 'this nonce was used before',
    fix: 'draw a new nonce for every request; only the same device on the same mountpoint may repeat a signed NTRIP password',
  },
  app_suspended: {
    status: 403,
    text: 'this app is suspended',
    fix: 'set the app active again',
  },
  customer_suspended: {
    status: 403,
    text: 'the customer whom this app belongs to is suspended',
    fix: 'set the customer active again',
  },
  address_not_allowed: {
    status: 403,
    text: 'this app may not be used from this address',
    fix: 'add the address to the app’s ipRanges, or use the network it is meant for',
  },
  device_required: {
    status: 403,
    text: 'this app needs the id of the device',
    fix: 'send appKey/deviceId as user name, or device=… in the header',
  },
  device_not_bound: {
    status: 403,
    text: 'this device is not bound to the app',
    fix: 'bind the device to the app first, or check its id',
  },
  device_blocked: {
    status: 403,
    text: 'this device is blocked',
    fix: 'set the device active again, or find out who uses its id',
  },
  devices_full: {
    status: 403,
    text: 'this app already has as many devices as it may have',
    fix: 'raise quota.devicesMax, or delete devices that are gone',
  },
  app_sessions_full: {
    status: 409,
    text: 'this app already has as many sessions as it may have',
    fix: 'stop other devices, or raise quota.sessionsMax',
  },
  login_rate: {
    status: 429,
    text: 'this app logs in more often than it may',
    fix: 'wait as long as Retry-After says, or raise quota.loginsPerMinute',
  },
  balance_empty: {
    status: 403,
    text: 'nothing is left to pay for this service',
    fix: 'top up the customer’s balance, or raise the credit of the billing plan',
  },
  pool_exhausted: {
    status: 409,
    text: 'every account in the pool of this app is in use',
    fix: 'add accounts to the app, or let idle ones go back sooner (allocation.release, allocation.holdS)',
  },
  account_taken: {
    status: 409,
    text: 'the account bound to this device is held by another',
    fix: 'end the other’s session, or bind another account to the device',
  },
  lease_ended: {
    status: 401,
    text: 'this password was lent for a time that is over',
    fix: 'log in again by POST /v1/terminal/login',
  },
  account_not_activated: {
    status: 403,
    text: 'this account has not been activated',
    fix: 'activate it as the app’s activation says',
  },
  activation_by_console_needed: {
    status: 403,
    text: 'this account waits for its activation by the operator',
    fix: 'activate the account in the console or by POST /v1/accounts/{id}/activate',
  },
  activation_by_terminal_needed: {
    status: 403,
    text: 'this account waits for its activation by the device',
    fix: 'let the device call POST /v1/terminal/activate once',
  },
  gga_required: {
    status: 403,
    text: 'this service needs the position of the rover with the login',
    fix: 'let the device send Ntrip-GGA with the request, or the spec demand none at login',
  },
  outside_area: {
    status: 403,
    text: 'the rover is outside the area of this service',
    fix: 'move into the area, or choose a service spec whose area holds it',
  },
  passwords_busy: {
    status: 503,
    text: 'too many passwords are being checked now',
    fix: 'try again in some seconds; operators: give accounts generated passwords, which are checked at once',
  },
  live_state_down: {
    status: 503,
    text: 'sessions cannot be counted now',
    fix: 'try again in some seconds; operators: bring Redis back, or set live.onOutage: allow',
  },
  store_down: {
    status: 503,
    text: 'accounts cannot be looked up now',
    fix: 'try again in some seconds; operators: see the log, and bring the database back',
  },
  login_abandoned: {
    status: 503,
    text: 'the device hung up before it was decided whether it may come in',
    fix: 'nothing, unless it repeats: then see what makes logins slow (the database, Redis), or the device’s network',
  },
} as const satisfies Record<string, RefusalRow>;

export type RefusalReason = keyof typeof REFUSAL_REASONS;

/** In table order: an index into this is what counters carry. */
export const REFUSAL_REASON_NAMES = Object.keys(REFUSAL_REASONS) as readonly RefusalReason[];
