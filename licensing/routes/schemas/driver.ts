// Drivers, their vehicles and claims, as they are asked for and shown.

import { z } from 'zod';
import {
  CREDENTIAL_BYTES_MAX,
  EMAIL_LENGTH_MAX,
  PASSWORD_LENGTH_ADVISED_MIN,
} from '../../../config/limits.ts';
import {
  idText,
  listOf,
  many,
  nameText,
  storePageQuery,
  timeOf,
  timeText,
} from '../../../platform/http/schemas.ts';
import type { DriversTable, VehicleClaimsTable } from '../../../platform/store/tables/shop-tables.ts';
import { softwareView } from './ota.ts';
import { customer, vehicleIdText } from './parts.ts';

const emailText = z
  .string()
  .max(EMAIL_LENGTH_MAX)
  .regex(/^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+\.[^\s@\p{Cc}]+$/u, 'must be an e-mail address');

const passwordText = z
  .string()
  .min(PASSWORD_LENGTH_ADVISED_MIN)
  .max(CREDENTIAL_BYTES_MAX)
  .refine((text) => Buffer.byteLength(text) <= CREDENTIAL_BYTES_MAX, {
    message: `must have at most ${CREDENTIAL_BYTES_MAX} bytes`,
  });

const languageText = z.enum(['en', 'zh']).meta({ description: 'In which texts are shown' });

export const newDriver = z
  .strictObject({
    email: emailText,
    password: passwordText,
    name: nameText.default('Driver'),
    language: languageText.default('en'),
  })
  .meta({ id: 'NewDriver' });

export const driverLogin = z
  .strictObject({ email: emailText, password: z.string().min(1).max(CREDENTIAL_BYTES_MAX) })
  .meta({ id: 'DriverLogin' });

export const logout = z
  .strictObject({ all: z.boolean().default(false).meta({ description: 'Every session of the driver' }) })
  .meta({ id: 'DriverLogout' });

export const driverView = z
  .strictObject({
    id: z.string(),
    email: z.string(),
    name: z.string(),
    language: languageText,
    status: z.enum(['active', 'suspended']),
    createdAt: timeText,
  })
  .meta({ id: 'Driver' });

export const sessionView = z
  .strictObject({
    token: z.string().meta({ description: 'Shown this once: Authorization: Bearer …' }),
    expiresAt: timeText,
    driver: driverView,
  })
  .meta({ id: 'DriverSession' });

export const driverList = listOf(driverView).meta({ id: 'DriverList' });

export const driverFilters = z.strictObject({ ...storePageQuery, email: emailText.optional() });

const claimState = z.enum(['pending', 'active', 'refused', 'ended']).meta({
  description: 'active: the driver has the vehicle; pending: another has it, and has not let go yet',
});

export const claimView = z
  .strictObject({
    id: z.string(),
    vehicleId: z.string(),
    customerId: customer,
    driverId: z.string(),
    state: claimState,
    createdAt: timeText,
    updatedAt: timeText,
  })
  .meta({ id: 'VehicleClaim' });

export const claimList = listOf(claimView).meta({ id: 'VehicleClaimList' });

export const claimFilters = z.strictObject({
  ...storePageQuery,
  vehicleId: vehicleIdText.optional(),
  driverId: idText.optional(),
  state: many(claimState),
});

export const ownVehicleView = z
  .strictObject({
    id: z.string().meta({ description: 'The vehicle id' }),
    claimId: z.string(),
    state: z.enum(['pending', 'active']),
    since: timeText,
    claims: z
      .array(z.strictObject({ id: z.string(), createdAt: timeText }))
      .meta({ description: 'Of the vehicle that is the driver’s: claims of others that wait' }),
    installed: z.array(softwareView.shape.installed.element).nullable().meta({
      description:
        'Of the vehicle that is the driver’s: its software by its last signed report; null: it has reported none',
    }),
  })
  .meta({ id: 'OwnVehicle' });

export const ownVehicles = z.strictObject({ data: z.array(ownVehicleView) }).meta({ id: 'OwnVehicles' });

export const newClaim = z
  .strictObject({
    code: z
      .string()
      .max(20)
      .regex(/^[A-Za-z0-9 -]+$/, 'must be the code as the car shows it')
      .meta({ description: 'As the car shows it; case, spaces and hyphens do not matter' }),
  })
  .meta({ id: 'NewVehicleClaim' });

export const ownClaimParams = z.strictObject({ id: vehicleIdText, claimId: idText });

export const consent = z
  .strictObject({ claimId: idText.meta({ description: 'Of the claims that the vehicle shows' }) })
  .meta({ id: 'VehicleTransfer' });

export function viewOfDriver(row: DriversTable): z.input<typeof driverView> {
  const { id, email, name, status } = row;
  const language = row.language === 'zh' ? 'zh' : 'en';
  return { id, email, name, language, status, createdAt: timeOf(row.created_at) };
}

export function viewOfClaim(row: VehicleClaimsTable): z.input<typeof claimView> {
  return {
    id: row.id,
    vehicleId: row.vehicle_id,
    customerId: row.customer_id,
    driverId: row.driver_id,
    state: row.state,
    createdAt: timeOf(row.created_at),
    updatedAt: timeOf(row.updated_at),
  };
}
