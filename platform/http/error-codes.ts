// Every error that the HTTP interface answers with, as one table. A program compares `code`; sentences may change.
// Adding one: add a row here and one in docs/errors.md; a test compares the two.

export interface ErrorRow {
  readonly status: number;
  readonly title: string;
  /** What whoever asked should do. */
  readonly fix: string;
}

export const ERROR_CODES = {
  malformed_request: {
    status: 400,
    title: 'The request is not HTTP, or its address cannot be read',
    fix: 'check which program asks here, and how it encodes the address',
  },
  invalid_body: {
    status: 400,
    title: 'The body is not what this operation takes',
    fix: 'send valid JSON, or no body and no Content-Type where none is needed',
  },
  unknown_parameter: {
    status: 400,
    title: 'There is no such query parameter here',
    fix: 'check its spelling; a misspelled filter would otherwise let everything through',
  },
  invalid_parameter: {
    status: 400,
    title: 'A parameter has a value that it cannot have',
    fix: 'see detail',
  },
  invalid_cursor: {
    status: 400,
    title: 'The cursor was not made by this list',
    fix: 'take nextCursor as the page before gave it, or begin again without cursor',
  },
  authentication_required: {
    status: 401,
    title: 'This needs a key',
    fix: 'send Authorization: Bearer with the owner key, as owner.key in the data folder has it',
  },
  key_invalid: {
    status: 401,
    title: 'The key is wrong',
    fix: 'compare it with owner.key in the data folder, or with ROVERCAST_OWNER_KEY',
  },
  key_expired: {
    status: 401,
    title: 'The key has run out',
    fix: 'have a new one made, or rotate it in time next time',
  },
  key_revoked: { status: 401, title: 'The key was revoked', fix: 'have a new one made' },
  key_suspended: {
    status: 403,
    title: 'The customer of this key is suspended',
    fix: 'ask the operator of this caster',
  },
  key_address_not_allowed: {
    status: 403,
    title: 'The key may not be used from this address',
    fix: 'use it from an address of its ipRanges, or widen them',
  },
  insufficient_scope: {
    status: 403,
    title: 'The key may not do this',
    fix: 'use a key whose role has the scope that detail names',
  },
  operators_only: {
    status: 403,
    title: 'Only operators may do this, not a customer’s own key',
    fix: 'ask the operator of this caster',
  },
  role_not_allowed: {
    status: 403,
    title: 'This key may not give that role',
    fix: 'give a role that has no scope beyond those of the key you use',
  },
  not_found: { status: 404, title: 'There is nothing at this address', fix: 'check the path' },
  session_not_found: {
    status: 404,
    title: 'There is no such session',
    fix: 'nothing, if it has ended; else take its id from GET /v1/sessions',
  },
  customer_not_found: {
    status: 404,
    title: 'There is no such customer',
    fix: 'take its id from GET /v1/customers',
  },
  api_key_not_found: {
    status: 404,
    title: 'There is no such API key',
    fix: 'take its id from GET /v1/api-keys',
  },
  audit_entry_not_found: {
    status: 404,
    title: 'There is no such entry of the audit log',
    fix: 'take its id from GET /v1/audit',
  },
  settings_invalid: {
    status: 400,
    title: 'The configuration has mistakes',
    fix: 'mend what errors names, by its lines; POST /v1/settings/check tells them without writing anything',
  },
  settings_no_file: {
    status: 409,
    title: 'This server was started without a configuration file',
    fix: 'start it with --config, or change its environment',
  },
  settings_changed: {
    status: 409,
    title: 'The configuration file is not the one that was read',
    fix: 'read it again by GET /v1/settings, and change that',
  },
  settings_not_writable: {
    status: 409,
    title: 'The configuration file cannot be written by the server',
    fix: 'write it where it is made, and reload with SIGHUP; or let the server’s user write the file and its folder',
  },
  method_not_allowed: {
    status: 405,
    title: 'This address does not take this method',
    fix: 'use one that the Allow header names',
  },
  request_timeout: {
    status: 408,
    title: 'The request did not come in whole in time',
    fix: 'try again; check the network if it repeats',
  },
  idempotency_key_reused: {
    status: 409,
    title: 'This Idempotency-Key was used for another request',
    fix: 'use a new key for every new request, and the same one only to repeat it unchanged',
  },
  idempotency_in_progress: {
    status: 409,
    title: 'The request with this Idempotency-Key is still under way',
    fix: 'try again after the seconds of Retry-After',
  },
  key_not_active: {
    status: 409,
    title: 'The API key has run out or was revoked',
    fix: 'make a new one',
  },
  customer_not_empty: {
    status: 409,
    title: 'The customer still has apps, keys or other things of its own',
    fix: 'delete what detail names first, or suspend the customer',
  },
  body_too_large: { status: 413, title: 'The body is too large', fix: 'send less at once' },
  unsupported_media_type: {
    status: 415,
    title: 'The body is of a kind that is not taken here',
    fix: 'send Content-Type: application/json',
  },
  too_many_requests: {
    status: 429,
    title: 'More requests within a minute than allowed',
    fix: 'wait the seconds of Retry-After; ask in bulk where there is a bulk operation',
  },
  head_too_large: {
    status: 431,
    title: 'Request line and headers are too large',
    fix: 'send fewer or shorter headers; a browser may have to delete its cookies',
  },
  internal_error: {
    status: 500,
    title: 'Something went wrong in the server',
    fix: 'try again; if it repeats, report it with the request id, under which the log has more',
  },
  store_unavailable: {
    status: 503,
    title: 'The store cannot be asked at the moment',
    fix: 'try again after the seconds of Retry-After, with the same Idempotency-Key where there was one',
  },
  too_many_event_readers: {
    status: 503,
    title: 'As many readers of the live events as there may be are connected',
    fix: 'close one of them, and try again',
  },
  console_not_built: {
    status: 503,
    title: 'The console is not there, as it has not been built',
    fix: 'run npm run build:console in the checkout; the package and the image bring it along',
  },
  shop_not_built: {
    status: 503,
    title: 'The shop is not there, as it has not been built',
    fix: 'run npm run build:console in the checkout; the package and the image bring it along',
  },
  shutting_down: {
    status: 503,
    title: 'The server is stopping',
    fix: 'try again in some seconds',
  },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERROR_CODES;
