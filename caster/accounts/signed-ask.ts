// What a device claims by signed NTRIP or by the signed API, in one form for the steps.

import type { RoverAdmissionRequest, TableAdmissionRequest, Refusal } from './admission.ts';
import { parseAuthorizationHeader, parseNtripPassword, parseNtripUser } from './signature.ts';
import type { SignedAsk } from './steps/authenticate-app.ts';
import { refuse } from './steps/refuse.ts';
import type { SignedCall } from './terminal-desk.ts';

const NO_BODY = new Uint8Array();

/** A password of this form is a signature and never an account's. */
export function isSignedPassword(password: string): boolean {
  return password.startsWith('rc1.');
}

export function askOfRequest(request: RoverAdmissionRequest | TableAdmissionRequest): SignedAsk | Refusal {
  const user = parseNtripUser(request.username);
  if (user.kind === 'malformed') return malformed(user.detail);
  const claim = parseNtripPassword(request.password);
  if (claim.kind !== 'signed') return malformed(claim.kind === 'malformed' ? claim.detail : 'no signature');
  const path = (request.role === 'rover' ? request.path : undefined) ?? `/${request.mountpoint}`;
  return { ...claim, ...user, method: 'NTRIP', path, body: NO_BODY, address: request.address };
}

export function askOfCall(call: SignedCall): SignedAsk | Refusal {
  const header = parseAuthorizationHeader(call.authorization);
  if (header.kind !== 'signed')
    return malformed(header.kind === 'malformed' ? header.detail : 'there is no header');
  const { method, path, body, address } = call;
  return { ...header, method, path, body, address };
}

function malformed(detail: string): Refusal {
  return refuse('credentials', 'signature_malformed', { detail });
}
