// Vehicles as they are shown: whether they are connected, and the certificate by which they come.

import { z } from 'zod';
import {
  flagText,
  idText,
  listOf,
  storePageQuery,
  timeOf,
  timeText,
} from '../../../platform/http/schemas.ts';
import type { CertificatesTable, VehiclesTable } from '../../../platform/store/tables/pki-tables.ts';
import type { Presence } from '../../broker/vehicle-line.ts';
import { stateOf } from '../../pki/certificate-records.ts';
import { certificateView } from './certificate.ts';
import { customer, vehicleIdText } from './parts.ts';

export const presenceView = z
  .strictObject({
    connected: z.boolean(),
    since: timeText.nullable().meta({
      description: 'When it connected, or left; null where that is not known',
    }),
  })
  .meta({ id: 'VehiclePresence' });

const { id, algorithm, state, notAfter } = certificateView.shape;

export const vehicleView = z
  .strictObject({
    id: z.string().meta({ description: 'The vehicle id, the VIN as a rule' }),
    customerId: customer,
    presence: presenceView,
    certificate: z
      .strictObject({ id, algorithm, state, notAfter })
      .nullable()
      .meta({ description: 'The latest one that it got' }),
    createdAt: timeText,
  })
  .meta({ id: 'Vehicle' });

export const vehicleList = listOf(vehicleView).meta({ id: 'VehicleList' });

export const vehicleFilters = z.strictObject({
  ...storePageQuery,
  customerId: idText.optional(),
  idPrefix: vehicleIdText.optional().meta({ description: 'How the vehicle id begins' }),
  certified: flagText.optional().meta({
    description: 'Whether it has a certificate that has neither run out nor been revoked',
  }),
});

export interface VehicleParts {
  readonly presence: Presence;
  readonly certificate: CertificatesTable | undefined;
  readonly nowMs: number;
}

export function viewOfPresence({ connected, sinceMs }: Presence): z.input<typeof presenceView> {
  return { connected, since: timeOf(sinceMs) };
}

export function viewOfVehicle(
  row: VehiclesTable,
  { presence, certificate, nowMs }: VehicleParts,
): z.input<typeof vehicleView> {
  return {
    id: row.id,
    customerId: row.customer_id,
    presence: viewOfPresence(presence),
    certificate:
      certificate === undefined
        ? null
        : {
            id: certificate.id,
            algorithm: certificate.algorithm,
            state: stateOf(certificate, nowMs),
            notAfter: timeOf(certificate.not_after),
          },
    createdAt: timeOf(row.created_at),
  };
}
