// What the schemas of licensing share.

import { z } from 'zod';
import { CERTIFICATE_PEM_LENGTH_MAX, VEHICLE_ID_LENGTH_MAX } from '../../../config/limits.ts';
import { KEY_ALGORITHMS } from '../../pki/keys.ts';

/** It stands in certificates, topics and file names: nothing that any of them reads otherwise. */
export const vehicleIdText = z
  .string()
  .regex(
    new RegExp(`^[A-Za-z0-9_-]{1,${VEHICLE_ID_LENGTH_MAX}}$`),
    `must be 1 to ${VEHICLE_ID_LENGTH_MAX} of the characters A-Z a-z 0-9 _ -`,
  )
  .meta({ description: 'Vehicle id, the VIN as a rule' });

export const vehicleIdParams = z.strictObject({ id: vehicleIdText });

export const requestPem = z.string().max(CERTIFICATE_PEM_LENGTH_MAX).meta({
  description:
    'Certification request (PKCS #10) as PEM: common name = vehicle id, challengePassword = challenge, signed by its own key',
});

export const certificatePem = z.string().meta({ description: 'PEM' });

export const keyAlgorithm = z.enum(KEY_ALGORITHMS);

export const customer = z
  .string()
  .nullable()
  .meta({ description: 'Customer whom it belongs to; null: the operator' });
