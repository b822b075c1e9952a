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

/** What an answer of the API says of what it made. */
interface Made {
  readonly id: string;
}

/** The addresses of the screens below /console, each with what it has to show then. */
export async function licensingScreens(caster: CasterProcess): Promise<Readonly<Record<string, string>>> {
  const vehicleId = SHOWN_VEHICLE;
  await certifyVehicle(caster, vehicleId);
  await postAsOwner(caster, '/v1/enrolment-tokens', { vehicleId });
  const product = await postAsOwner<Made>(caster, '/v1/products', {
    names: { en: 'Lane keeping, a year', zh: '车道保持（一年）' },
    ...{ partNumber: '4711.08', version: '1.4.0', validSeconds: 31_536_000 },
    functions: [
      { id: 'lane-keep', names: { en: 'Lane keeping', zh: '车道保持' } },
      { id: 'lane-warn', names: { en: 'Lane warning', zh: '偏离预警' }, isFree: true },
    ],
    ...{ priceMicros: 0, currency: 'EUR' },
  });
  await postAsOwner(caster, `/v1/products/${product.id}/publish`, {});
  const order = await postAsOwner<Made & { readonly entitlementId: string }>(caster, '/v1/orders', {
    productId: product.id,
    vehicleId,
  });
  await postAsOwner(caster, '/v1/gifts', { productId: product.id, vehicleId, reference: product.id });
  const content = await postAsOwner<Made>(caster, '/v1/packages', {
    ...{ partNumber: '4711.08', version: '1.4.1', notes: '4711' },
  });
  const driver = await postAsOwner<Made>(caster, '/v1/drivers', {
    email: `1${Date.now()}@1.11`,
    ...{ password: 'long enough for a driver', name: '4711', language: 'zh' },
  });
  return {
    '/vehicles': '[role=gridcell]',
    [`/vehicles?vehicle=${vehicleId}`]: '[role=dialog] table',
    '/vehicles?tab=tokens': '[role=gridcell]',
    '/vehicles?new=1': '[role=dialog] form',
    '/products': '[role=gridcell]',
    [`/products?product=${product.id}`]: '[role=dialog] dl',
    '/products?new=1': '[role=dialog] form',
    '/orders': '[role=gridcell]',
    [`/orders?order=${order.id}`]: '[role=dialog] [role=log]',
    '/orders?tab=gifts': '[role=gridcell]',
    '/orders?tab=gifts&new=1': '[role=dialog] form',
    '/entitlements': '[role=gridcell]',
    [`/entitlements?entitlement=${order.entitlementId}`]: '[role=dialog] table',
    '/entitlements?tab=reconciliation': '[role=tabpanel] button',
    '/entitlements?tab=dead-letters': '[role=tabpanel] h2',
    '/releases': '[role=tabpanel] h2',
    '/releases?tab=packages': '[role=gridcell]',
    [`/releases?tab=packages&package=${content.id}`]: '[role=dialog] form',
    '/releases?tab=packages&new=1': '[role=dialog] form',
    '/drivers': '[role=tabpanel] h2',
    [`/drivers?tab=drivers&driver=${driver.id}`]: '[role=dialog] dl',
  };
}
