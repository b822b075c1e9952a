// Every way a connection can end, as one table. One value reaches the log, the metric label, the
// session's record, the events and the console, so that "why did it drop?" has one answer.
// Adding a reason: add a row here and a row in docs/close-reasons.md; a test compares the two.

interface CloseReasonRow {
  /** At which level the end of a session is logged. */
  readonly level: 'debug' | 'info' | 'warn';
  /** What the operator reads. */
  readonly text: string;
  /** What to do about it, where something can be done. */
  readonly fix: string;
}

export const CLOSE_REASONS = {
  peer_closed: { level: 'info', text: 'the device hung up', fix: 'nothing, unless it repeats' },
  peer_reset: {
    level: 'info',
    text: 'the connection broke (reset, unreachable or timed out below TCP)',
    fix: 'look at the device’s network',
  },
  refused: {
    level: 'info',
    text: 'the request was refused; the refusal names its own reason',
    fix: 'see the refusal’s reason',
  },
  answered: { level: 'debug', text: 'the answer (a sourcetable) was sent', fix: 'nothing' },
  bad_request: {
    level: 'info',
    text: 'what came was no NTRIP request',
    fix: 'check which program connects to this port',
  },
  bad_proxy_header: {
    level: 'warn',
    text: 'a trusted proxy sent no valid PROXY header',
    fix: 'switch the PROXY protocol on in the load balancer, or gates.proxyProtocol off here',
  },
  handshake_timeout: {
    level: 'info',
    text: 'no whole request within timing.handshakeTimeoutMs',
    fix: 'check the network, or what connects without asking anything',
  },
  tls_failed: {
    level: 'info',
    text: 'the TLS handshake failed',
    fix: 'plain NTRIP belongs on the NTRIP port; check the certificate with `rovercast doctor`',
  },
  too_many_connections: {
    level: 'warn',
    text: 'a limit on connections was reached',
    fix: 'raise gates.connectionsMax or gates.connectionsPerAddressMax, or find who connects so often',
  },
  base_silent: {
    level: 'warn',
    text: 'the base sent nothing for timing.baseIdleMs',
    fix: 'check the receiver’s output and the network between',
  },
  base_replaced: {
    level: 'info',
    text: 'another connection took the mountpoint over',
    fix: 'if both are meant to run, give each a mountpoint of its own',
  },
  stream_malformed: {
    level: 'warn',
    text: 'the base’s transfer coding (chunks) was broken',
    fix: 'send without Transfer-Encoding: chunked, or mend the sender',
  },
  stream_garbage: {
    level: 'warn',
    text: 'what the base sends looks like frames and is none, thousands of times a second',
    fix: 'check what is connected to the receiver’s output; a raw stream belongs on a mountpoint with raw: true',
  },
  rover_silent: {
    level: 'info',
    text: 'no corrections for the rover for timing.roverSilentMs',
    fix: 'bring the base back; the rover will ask again',
  },
  shape_empty: {
    level: 'info',
    text: 'for timing.roverSilentMs nothing that the base sends was in the shape of the spec',
    fix: 'choose a mountpoint whose base sends what the spec asks for, or a service spec that fits this one',
  },
  stalled: {
    level: 'info',
    text: 'the rover acknowledged nothing for timing.stallMs',
    fix: 'look at the device’s network; it may have left coverage',
  },
  session_replaced: {
    level: 'info',
    text: 'a newer login of the same account took this session’s place',
    fix: 'give each device an account of its own, or raise sessionsMax',
  },
  grant_ended: {
    level: 'info',
    text: 'the account or mountpoint was removed, suspended, changed or has run out',
    fix: 'see the account in the settings',
  },
  grant_expired: {
    level: 'info',
    text: 'the time that the session was granted is over',
    fix: 'renew the account or the order; the rover may log in again by then',
  },
  left_area: {
    level: 'info',
    text: 'the rover’s position is outside the area of its service',
    fix: 'move back into the area, or choose a service spec whose area holds it',
  },
  gga_missing: {
    level: 'info',
    text: 'the service needs the rover’s position and got none in time',
    fix: 'let the device send NMEA GGA every few seconds',
  },
  too_many_shapes: {
    level: 'warn',
    text: 'the mountpoint is streamed in too many shapes already for that of its spec',
    fix: 'let accounts share service specs: specs that ask for the same stream share one shape',
  },
  account_suspended: {
    level: 'info',
    text: 'the account was suspended while it streamed',
    fix: 'set the account active again',
  },
  account_expired: {
    level: 'info',
    text: 'the account’s validity ended while it streamed',
    fix: 'renew the account',
  },
  account_deleted: {
    level: 'info',
    text: 'the account was deleted while it streamed',
    fix: 'give the device another account',
  },
  app_suspended: {
    level: 'info',
    text: 'the account’s app was suspended or deleted',
    fix: 'set the app active again',
  },
  customer_suspended: {
    level: 'info',
    text: 'the customer whom the account belongs to was suspended',
    fix: 'set the customer active again',
  },
  device_blocked: {
    level: 'info',
    text: 'the device was blocked or deleted while it streamed',
    fix: 'set the device active again',
  },
  device_not_bound: {
    level: 'info',
    text: 'the app takes bound devices only, and this one is not bound (any more), or has no name',
    fix: 'bind the device to the app; one without a name must say its id',
  },
  address_not_allowed: {
    level: 'info',
    text: 'the app may no longer be used from this address',
    fix: 'add the address to the app’s ipRanges, or use the network it is meant for',
  },
  account_not_activated: {
    level: 'info',
    text: 'the account’s activation was taken back while it streamed',
    fix: 'activate it as the app’s activation says',
  },
  sessions_too_many: {
    level: 'info',
    text: 'the service spec or the app’s quota was changed to fewer sessions than there are',
    fix: 'stop other devices, or raise sessionsPerAccount or quota.sessionsMax',
  },
  spec_forbids_mountpoint: {
    level: 'info',
    text: 'the service spec no longer allows this mountpoint',
    fix: 'choose a mountpoint of the spec, or add this one to it',
  },
  mountpoint_raw: {
    level: 'info',
    text: 'the mountpoint is raw, and its spec asks for a shape; one of the two was changed',
    fix: 'choose another mountpoint, set raw: false where RTCM 3 is sent, or a service spec without a shape',
  },
  mountpoint_not_shared: {
    level: 'info',
    text: 'the mountpoint’s owner no longer shares it with other customers',
    fix: 'ask its owner to share it (sharedWith), or choose another mountpoint',
  },
  credentials_changed: {
    level: 'info',
    text: 'password or secret was changed while it streamed',
    fix: 'enter the new one in the device',
  },
  lease_lost: {
    level: 'info',
    text: 'the account or the session’s place went to another login',
    fix: 'see who else logs in; a node that was cut off loses to a newer login',
  },
  balance_empty: {
    level: 'info',
    text: 'nothing was left to pay for it: the balance or the credit of its customer is used up',
    fix: 'top up the customer’s balance, or raise the credit of the billing plan',
  },
  operator_closed: { level: 'info', text: 'an operator closed it', fix: 'nothing' },
  shutdown: { level: 'info', text: 'the caster is stopping', fix: 'the device connects again by itself' },
  worker_lost: {
    level: 'warn',
    text: 'the thread that held the connection ended',
    fix: 'see the log line of the worker; the device connects again by itself',
  },
  crash: {
    level: 'warn',
    text: 'the caster ended without a word; found in its ledger at the next start',
    fix: 'see why the process ended: its log, the kernel’s, and what supervises it',
  },
} as const satisfies Record<string, CloseReasonRow>;

export type CloseReason = keyof typeof CLOSE_REASONS;

/** In table order: an index into this is what counters and messages may carry. */
export const CLOSE_REASON_NAMES = Object.keys(CLOSE_REASONS) as readonly CloseReason[];
