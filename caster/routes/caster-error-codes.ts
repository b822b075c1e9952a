// The errors that only the caster's resources answer with; the composition root adds them to the catalog of HTTP.
// Adding one: add a row here and one in docs/errors.md; a test compares the two.

import type { ErrorRow } from '../../platform/http/error-codes.ts';
import { type Problem, problemOf, type ProblemDetails } from '../../platform/http/problem.ts';

export const CASTER_ERROR_CODES = {
  mountpoint_not_found: {
    status: 404,
    title: 'There is no such mountpoint',
    fix: 'take its id from GET /v1/mountpoints',
  },
  service_spec_not_found: {
    status: 404,
    title: 'There is no such service spec',
    fix: 'take its id from GET /v1/service-specs',
  },
  billing_plan_not_found: {
    status: 404,
    title: 'There is no such billing plan',
    fix: 'take its id from GET /v1/billing-plans',
  },
  app_not_found: { status: 404, title: 'There is no such app', fix: 'take its id from GET /v1/apps' },
  account_not_found: {
    status: 404,
    title: 'There is no such account',
    fix: 'take its id from GET /v1/accounts',
  },
  device_not_found: {
    status: 404,
    title: 'There is no such device',
    fix: 'take its id from GET /v1/devices: it is not the id that the device gives itself',
  },
  closed_session_not_found: {
    status: 404,
    title: 'There is no such closed session',
    fix: 'take its id from GET /v1/closed-sessions; one that runs is in GET /v1/sessions',
  },
  job_not_found: { status: 404, title: 'There is no such job', fix: 'take its id from GET /v1/jobs' },
  mountpoint_name_taken: {
    status: 409,
    title: 'Another mountpoint has this name',
    fix: 'choose another name; upper and lower case differ',
  },
  mountpoint_in_configuration: {
    status: 409,
    title: 'This mountpoint is in the configuration file, and changed only there',
    fix: 'change the file and send SIGHUP',
  },
  service_spec_in_use: {
    status: 409,
    title: 'Apps or accounts still have this service spec',
    fix: 'give them another one first',
  },
  billing_plan_in_use: {
    status: 409,
    title: 'Apps or accounts still have this billing plan',
    fix: 'give them another one first',
  },
  username_taken: {
    status: 409,
    title: 'Another account has this user name',
    fix: 'choose another one, or leave it out to have one made',
  },
  accounts_full: {
    status: 409,
    title: 'The app would have more accounts than it may have',
    fix: 'delete accounts that are gone, or make another app',
  },
  account_bound: {
    status: 409,
    title: 'The account is bound to another device',
    fix: 'unbind it from the other device first',
  },
  account_of_other_app: {
    status: 409,
    title: 'The account belongs to another app than the device',
    fix: 'choose an account of the device’s app',
  },
  password_chosen: {
    status: 409,
    title: 'The password of this account was chosen by somebody and is not known here',
    fix: 'set another one, or have one made by POST /v1/accounts/{id}/reset-password',
  },
  choice_of_operator: {
    status: 403,
    title: 'The operator of this caster has decided this for the app',
    fix: 'ask the operator to change it',
  },
  nearest_for_operator: {
    status: 403,
    title: 'Only the operator makes mountpoints that give the nearest base: they give away the bases of all',
    fix: 'ask the operator for one, or make a mountpoint with a base of your own',
  },
  too_many_jobs: {
    status: 429,
    title: 'As many bulk jobs as there may be, of all or of one customer, are under way',
    fix: 'wait for one to end: GET /v1/jobs shows how far they are',
  },
  balance_reference_used: {
    status: 409,
    title: 'Another entry of this customer has this reference',
    fix: 'compare the entry that detail names; use a reference of its own for every payment',
  },
  too_many_rows: {
    status: 409,
    title: 'The selection has more rows than one job may have',
    fix: 'narrow it down, and ask in several jobs',
  },
  statement_too_long: {
    status: 409,
    title: 'The statement would have more lines than it may have',
    fix: 'ask for one app after the other with appId, or take the charges from GET /v1/charges',
  },
  metering_off: {
    status: 409,
    title: 'This caster keeps daily totals of usage and no charges',
    fix: 'set metering.url to have more kept from then on, or ask GET /v1/usage for days',
  },
  metering_missing: {
    status: 503,
    title: 'The embedded ClickHouse is not installed',
    fix: 'install the optional package chdb, or name a server in metering.url',
  },
  metering_unavailable: {
    status: 503,
    title: 'ClickHouse cannot be asked at the moment; nothing of what is metered is lost',
    fix: 'try again after the seconds of Retry-After',
  },
  metering_too_slow: {
    status: 503,
    title: 'The question takes more time or memory than it may',
    fix: 'ask for a shorter time, fewer groups or a single customer, or try again when less is asked',
  },
  metering_refused: {
    status: 503,
    title: 'ClickHouse refuses the question',
    fix: 'look in the log for metering_query_refused with the request id, which says why',
  },
} as const satisfies Record<string, ErrorRow>;

export type CasterErrorCode = keyof typeof CASTER_ERROR_CODES;

export function casterProblem(
  code: CasterErrorCode,
  details: ProblemDetails = {},
  retryAfterS?: number,
): Problem {
  return problemOf({ code, ...CASTER_ERROR_CODES[code] }, details, retryAfterS);
}
