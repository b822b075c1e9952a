// The errors of packages, releases and updates; licensing-error-codes.ts has them among its own.

import type { ErrorRow } from '../../platform/http/error-codes.ts';

export const OTA_ERROR_CODES = {
  package_not_found: {
    status: 404,
    title: 'There is no such package',
    fix: 'take its id from GET /v1/packages',
  },
  package_exists: {
    status: 409,
    title: 'There is a package of this part and version',
    fix: 'give the next version; 1.4 and 1.4.0 are the same',
  },
  package_not_ready: {
    status: 409,
    title: 'The package has no content yet',
    fix: 'give it by PUT /v1/packages/{id}/content',
  },
  package_content_final: {
    status: 409,
    title: 'The package has other content already, which never changes',
    fix: 'make a package of the next version',
  },
  package_content_running: {
    status: 409,
    title: 'Content of this package is coming in by another request',
    fix: 'wait until that has ended, then look at receivedBytes',
  },
  package_content_broken_off: {
    status: 400,
    title: 'The content did not come in whole',
    fix: 'go on at receivedBytes of GET /v1/packages/{id}',
  },
  package_offset_wrong: {
    status: 409,
    title: 'The piece does not begin where the one before ended',
    fix: 'go on at receivedBytes of GET /v1/packages/{id}, or begin anew at 0',
  },
  package_content_empty: {
    status: 422,
    title: 'The content has no bytes',
    fix: 'send the file as the body',
  },
  package_digest_wrong: {
    status: 422,
    title: 'The content is not what sha256 says; it was dropped',
    fix: 'send it again; if it repeats, compare the file with its source',
  },
  package_too_large: {
    status: 413,
    title: 'The content is larger than packages may be',
    fix: 'make it smaller, or several parts of it',
  },
  package_disk_full: {
    status: 507,
    title: 'The disk of the data folder has no room for it',
    fix: 'make room; what has come so far stays',
  },
  release_not_found: {
    status: 404,
    title: 'There is no such release',
    fix: 'take its id from GET /v1/releases',
  },
  release_exists: {
    status: 409,
    title: 'The package has a release that is not aborted',
    fix: 'change that one, or abort it first',
  },
  release_state_wrong: {
    status: 409,
    title: 'That cannot be done to a release in this state',
    fix: 'see detail; an aborted release stays aborted',
  },
  vehicle_document_invalid: {
    status: 400,
    title: 'This is no signed document that a vehicle sends here',
    fix: 'see detail, and docs/ota.md for its form',
  },
  vehicle_signature_wrong: {
    status: 403,
    title: 'The document is not signed with the key of the certificate that it names',
    fix: 'sign the RFC 8785 form of everything but sig with the vehicle’s key',
  },
  certificate_unknown: {
    status: 403,
    title: 'The document names a certificate that was not issued here',
    fix: 'name the certificate id that the vehicle was given when it was enrolled',
  },
  certificate_other_vehicle: {
    status: 403,
    title: 'The certificate is another vehicle’s than the document says',
    fix: 'use the vehicle’s own certificate id',
  },
  vehicle_proof_missing: {
    status: 403,
    title: 'The download does not prove which vehicle it is for',
    fix: 'send the header vehicle-proof: a package_fetch signed by the vehicle’s key, as base64url',
  },
  ota_url_invalid: {
    status: 403,
    title: 'The address was not made here, or was changed',
    fix: 'use the address as the offer has it, or ask for a new offer',
  },
  ota_url_expired: {
    status: 403,
    title: 'The address is good no more',
    fix: 'ask for a new offer, and go on where the download ended',
  },
  ota_url_other_vehicle: {
    status: 403,
    title: 'The address was made for another vehicle, or the proof for another address',
    fix: 'have the vehicle ask for an offer of its own',
  },
  ota_right_ended: {
    status: 403,
    title: 'The right that the package was offered for is in force no more',
    fix: 'see the entitlement: it was refunded, revoked, suspended or has ended',
  },
  ota_release_stopped: {
    status: 403,
    title: 'The release of the package is paused or aborted',
    fix: 'wait until it goes on; the vehicle asks again by itself',
  },
  ota_file_not_found: {
    status: 404,
    title: 'The repository of the vehicle has no such file',
    fix: 'ask for the files that its metadata name',
  },
  range_not_satisfiable: {
    status: 416,
    title: 'The range begins behind the end of the file',
    fix: 'see Content-Range for its length; begin anew where what is there is longer',
  },
  package_content_missing: {
    status: 503,
    title: 'The content of the package is not on this server',
    fix: 'upload the same content again, put the folder packages back, or share it between nodes',
  },
  package_content_damaged: {
    status: 503,
    title: 'The file of the package is not what it was when it came in',
    fix: 'upload the same content again, and find out who changed it',
  },
  ota_busy: {
    status: 503,
    title: 'As many downloads as may be are under way',
    fix: 'try again after the seconds of Retry-After',
  },
} as const satisfies Record<string, ErrorRow>;
