// Vehicles as they are shown.

import { z } from 'zod';
import { idText, listOf, storePageQuery, timeOf, timeText } from '../../../platform/http/schemas.ts';
import type { VehiclesTable } from '../../../platform/store/tables/pki-tables.ts';
import { customer } from './parts.ts';

export const vehicleView = z
  .strictObject({
    id: z.string().meta({ description: 'The vehicle id, the VIN as a rule' }),
    customerId: customer,
    createdAt: timeText,
  })
  .meta({ id: 'Vehicle' });

export const vehicleList = listOf(vehicleView).meta({ id: 'VehicleList' });

export const vehicleFilters = z.strictObject({ ...storePageQuery, customerId: idText.optional() });

export function viewOfVehicle(row: VehiclesTable): z.input<typeof vehicleView> {
  return { id: row.id, customerId: row.customer_id, createdAt: timeOf(row.created_at) };
}
