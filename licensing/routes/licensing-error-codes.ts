// The errors that only the resources of licensing answer with; the composition root adds them to the catalog of HTTP.
// Adding one: add a row here and one in docs/errors.md; a test compares the two.

import type { ErrorRow } from '../../platform/http/error-codes.ts';
import { type Problem, problemOf, type ProblemDetails } from '../../platform/http/problem.ts';
import { OTA_ERROR_CODES } from './ota-error-codes.ts';

export const LICENSING_ERROR_CODES = {
  vehicle_not_found: {
    status: 404,
    title: 'There is no such vehicle',
    fix: 'take its id from GET /v1/vehicles: a vehicle is there from its first certificate on',
  },
  certificate_not_found: {
    status: 404,
    title: 'There is no such certificate',
    fix: 'take its id from GET /v1/certificates',
  },
  grant_not_found: {
    status: 404,
    title: 'There is no such licence grant',
    fix: 'take its id from GET /v1/grants',
  },
  enrolment_token_not_found: {
    status: 404,
    title: 'There is no such enrolment token',
    fix: 'take its id from GET /v1/enrolment-tokens',
  },
  request_malformed: {
    status: 400,
    title: 'This is no certification request that can be read',
    fix: 'send PKCS #10 as PEM with one common name, the vehicle id',
  },
  key_unsupported: {
    status: 422,
    title: 'Keys of this kind are not taken',
    fix: 'make an RSA key of 2048 to 4096 bits, or an SM2 key',
  },
  key_weak: {
    status: 422,
    title: 'The key is too weak',
    fix: 'make an RSA key of 2048 bits or more with the exponent 65537',
  },
  proof_wrong: {
    status: 403,
    title: 'The request does not prove that its sender has the private key',
    fix: 'sign it with the very key that is in it; to renew, sign its DER with the key of the old certificate too',
  },
  challenge_invalid: {
    status: 403,
    title: 'The request carries no challenge that was made here for this vehicle',
    fix: 'take one from POST /v1/certificate-challenges and put it into the attribute challengePassword',
  },
  challenge_expired: {
    status: 403,
    title: 'The challenge has run out',
    fix: 'take a new one and sign the request anew',
  },
  challenge_used: {
    status: 409,
    title: 'The challenge was answered before: this request is a copy',
    fix: 'take a new one and sign the request anew',
  },
  vehicle_id_mismatch: {
    status: 403,
    title: 'The request or the enrolment token is for another vehicle',
    fix: 'use the same vehicle id in the question, in the common name of the request and for the token',
  },
  vehicle_taken: {
    status: 409,
    title: 'The vehicle belongs to another customer',
    fix: 'ask the operator of this server',
  },
  key_in_use: {
    status: 409,
    title: 'Another vehicle has this key, or it was revoked as compromised',
    fix: 'make a new key pair in the vehicle; see that its image holds no key',
  },
  enrolment_token_invalid: {
    status: 403,
    title: 'The enrolment token is none of this server, or was withdrawn',
    fix: 'have a new one made by POST /v1/enrolment-tokens',
  },
  enrolment_token_expired: {
    status: 403,
    title: 'The enrolment token has run out',
    fix: 'have a new one made by POST /v1/enrolment-tokens',
  },
  enrolment_token_used: {
    status: 409,
    title: 'The enrolment token was used before, with another key',
    fix: 'have a new one made; if the vehicle did not use it, revoke the certificate that was issued for it',
  },
  certificate_revoked: {
    status: 403,
    title: 'The certificate was revoked',
    fix: 'enrol the vehicle anew, with a token or by the factory',
  },
  certificate_expired: {
    status: 403,
    title: 'The certificate ran out too long ago to be renewed',
    fix: 'enrol the vehicle anew, with a token or by the factory',
  },
  certificate_already_revoked: {
    status: 409,
    title: 'The certificate was revoked before',
    fix: 'nothing: when and why is in GET /v1/certificates/{id}',
  },
  entitlement_not_found: {
    status: 404,
    title: 'There is no such entitlement',
    fix: 'take its id from GET /v1/entitlements',
  },
  entitlement_state_wrong: {
    status: 409,
    title: 'That cannot happen to an entitlement in this state',
    fix: 'look at its state and its history',
  },
  dead_letter_not_found: {
    status: 404,
    title: 'There is no such dead letter',
    fix: 'take its id from GET /v1/dead-letters; one that is tried again is there no more',
  },
  ...OTA_ERROR_CODES,
  product_not_found: {
    status: 404,
    title: 'There is no such product',
    fix: 'take its id from GET /v1/products',
  },
  correction_app_not_found: {
    status: 404,
    title: 'There is no such app of whoever sells the product',
    fix: 'take the id of an app of the same customer from GET /v1/apps',
  },
  order_not_found: {
    status: 404,
    title: 'There is no such order',
    fix: 'take its id from GET /v1/orders',
  },
  product_not_sold: {
    status: 409,
    title: 'The product is not sold now',
    fix: 'publish it by POST /v1/products/{id}/publish, or order another',
  },
  product_not_for_vehicle: {
    status: 409,
    title: 'The product is not for this vehicle',
    fix: 'take one of GET /v1/products?vehicleId=…',
  },
  has_it_for_good: {
    status: 409,
    title: 'The vehicle has this for good already',
    fix: 'nothing: buying it again would give it nothing',
  },
  right_suspended: {
    status: 409,
    title: 'The vehicle’s right to this is suspended, and what is bought now would wait behind it',
    fix: 'have the entitlement resumed or revoked first',
  },
  entitlement_refused: {
    status: 409,
    title: 'The vehicle cannot be given what the product gives',
    fix: 'see detail; the product or the vehicle has to be put right first',
  },
  order_state_wrong: {
    status: 409,
    title: 'The order is in no state for this',
    fix: 'see its state in GET /v1/orders/{id}, and the table of transitions in docs/shop.md',
  },
  payment_provider_not_found: {
    status: 404,
    title: 'There is no such payment provider here',
    fix: 'take one of GET /v1/payment-providers; operators: configure one under licensing.payments',
  },
  payment_unknown: {
    status: 409,
    title: 'The dispute is about a payment that is not known here, or not yet',
    fix: 'nothing: it is sent again; one that goes on is of money that somebody else took on the same account',
  },
  provider_away: {
    status: 503,
    title: 'The payment provider does not answer',
    fix: 'try again after the seconds of Retry-After',
  },
  provider_refused: {
    status: 502,
    title: 'The payment provider refused the payment',
    fix: 'see detail; operators: compare keys and settings with those at the provider',
  },
  webhook_signature_wrong: {
    status: 400,
    title: 'The webhook is not signed by the payment provider',
    fix: 'compare the webhook secret in the configuration with that at the provider',
  },
  webhook_too_old: {
    status: 400,
    title: 'The webhook was signed more than five minutes ago: it is a copy',
    fix: 'nothing where it is one; else compare the clocks',
  },
  webhook_malformed: {
    status: 400,
    title: 'The webhook is signed, and cannot be read',
    fix: 'set the provider’s API version to the one that this server knows',
  },
  test_payment_not_found: {
    status: 404,
    title: 'There is no such payment at the test provider, or it is not configured',
    fix: 'take the url that POST /v1/orders/{id}/pay answers',
  },
  test_payment_state_wrong: {
    status: 409,
    title: 'That cannot happen to the payment now',
    fix: 'see its state on the page',
  },
  gift_reference_used: {
    status: 409,
    title: 'Something else was given with this reference',
    fix: 'give a reference of its own to each gift',
  },
  driver_exists: {
    status: 409,
    title: 'There is a driver with this e-mail address',
    fix: 'log in, or sign up with another address',
  },
  driver_not_found: {
    status: 404,
    title: 'There is no such driver',
    fix: 'take its id from GET /v1/drivers',
  },
  login_wrong: {
    status: 403,
    title: 'The e-mail address or the password is wrong',
    fix: 'compare both with those of the sign-up',
  },
  driver_suspended: {
    status: 403,
    title: 'The driver is suspended',
    fix: 'ask the operator of this server',
  },
  logins_busy: {
    status: 503,
    title: 'More passwords are being checked than can be now',
    fix: 'try again after the seconds of Retry-After',
  },
  claim_code_wrong: {
    status: 403,
    title: 'No vehicle shows this code now',
    fix: 'have the car show a new one, and type it within ten minutes',
  },
  too_many_vehicles: {
    status: 409,
    title: 'The driver has or claims as many vehicles as one may',
    fix: 'let one of them go by DELETE /v1/drivers/me/vehicles/{id}',
  },
  claim_not_found: {
    status: 404,
    title: 'There is no such claim that waits',
    fix: 'take its id from the vehicle’s claims, or from GET /v1/vehicle-claims',
  },
  claim_state_wrong: {
    status: 409,
    title: 'The claim is in no state for this',
    fix: 'see its state in GET /v1/vehicle-claims',
  },
  crypto_busy: {
    status: 503,
    title: 'More signatures are asked for than can be made now',
    fix: 'try again after the seconds of Retry-After',
  },
} as const satisfies Record<string, ErrorRow>;

export type LicensingErrorCode = keyof typeof LICENSING_ERROR_CODES;

export function licensingProblem(
  code: LicensingErrorCode,
  details: ProblemDetails = {},
  retryAfterS?: number,
): Problem {
  return problemOf({ code, ...LICENSING_ERROR_CODES[code] }, details, retryAfterS);
}
