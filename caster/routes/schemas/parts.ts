// What the schemas of the caster's resources share.

import { z } from 'zod';
import { DEVICE_ID_LENGTH_MAX, TIME_MS_MAX } from '../../../config/limits.ts';
import { givenTime, idText, timeText } from '../../../platform/http/schemas.ts';
import type { Complaint } from '../../accounts/complaint.ts';

/** On creation: whose it shall be. */
export const newOwner = idText
  .nullable()
  .optional()
  .meta({ description: 'Customer whom it belongs to; a customer’s own key need not say it' });

export const owner = z
  .string()
  .nullable()
  .meta({ description: 'Customer whom it belongs to; null: the operator' });

export const createdAndUpdated = { createdAt: timeText, updatedAt: timeText } as const;

/** An id that another row has, or null for none. */
export const reference = z.string().nullable();

/** What a device calls itself, by the grammar of RC1. */
export const deviceIdText = z
  .string()
  .regex(
    new RegExp(`^[A-Za-z0-9._-]{1,${DEVICE_ID_LENGTH_MAX}}$`),
    `must be 1 to ${DEVICE_ID_LENGTH_MAX} of the characters A-Z a-z 0-9 . _ -`,
  );

/** A time that fits into RFC 3339 again. */
export const validityTime = givenTime.refine(
  (ms) => ms >= 0 && ms <= TIME_MS_MAX,
  'must be between 1970 and 9999',
);

/** Printable ASCII without space and colon (RFC 7617 §2), and without the slash that parts app key and device. */
export const usernameText = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[!-.0-9;-~]+$/, 'must be printable ASCII without space, colon and slash');

export const passwordText = z
  .string()
  .min(8)
  .max(128)
  .regex(/^[ -~]+$/, 'must be printable ASCII');

export const noteText = z
  .string()
  .max(500)
  .regex(/^\P{Cc}*$/u, 'must have no control characters');

/** For `superRefine`: what a value of the right form contradicts itself in. */
export function complaining<Value>(complaintsAbout: (value: Value) => readonly Complaint[]) {
  return (value: Value, context: Pick<z.core.$RefinementCtx, 'addIssue'>): void => {
    for (const { path, detail } of complaintsAbout(value)) {
      context.addIssue({ code: 'custom', path: [...path], message: detail, input: value });
    }
  };
}
