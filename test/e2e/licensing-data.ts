// Something of each kind that the licensing screens show, made by the API: for whoever looks at all of them.

import { makeRequest } from '../../licensing/pki/certificate-request.ts';
import { makeKeyPair } from '../../licensing/pki/keys.ts';
import { pemOf } from '../../licensing/pki/pem.ts';
import type { CasterProcess } from '../support/caster-process.ts';
import { postAsOwner } from '../support/owner-answers.ts';

/** Digits are the same in every language: what is made here stands in titles. */
export const SHOWN_VEHICLE = '10000000000000001';

/** A vehicle by its certificate alone: it never connects. */
export async function certifyVehicle(caster: CasterProcess, vehicleId: string): Promise<void> {
  const { challenge } = await postAsOwner<{ challenge: string }>(caster, '/v1/certificate-challenges', {
    vehicleId,
  });
  const request = pemOf('CERTIFICATE REQUEST', makeRequest(makeKeyPair('sm2'), vehicleId, challenge));
  await postAsOwner(caster, '/v1/certificates', { vehicleId, request });
}

/** The addresses of the screens below /console, each with what it has to show then. */
export async function licensingScreens(caster: CasterProcess): Promise<Readonly<Record<string, string>>> {
  const vehicleId = SHOWN_VEHICLE;
  await certifyVehicle(caster, vehicleId);
  await postAsOwner(caster, '/v1/enrolment-tokens', { vehicleId });
  return {
    '/vehicles': '[role=gridcell]',
    [`/vehicles?vehicle=${vehicleId}`]: '[role=dialog] table',
    '/vehicles?tab=tokens': '[role=gridcell]',
    '/vehicles?new=1': '[role=dialog] form',
  };
}
