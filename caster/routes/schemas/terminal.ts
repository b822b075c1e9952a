// What a device's program asks by the signed API, and gets.

import { z } from 'zod';
import { MOUNTPOINT_NAME_LENGTH_MAX } from '../../../config/limits.ts';
import { timeOf, timeText } from '../../../platform/http/schemas.ts';
import type { TerminalStatus } from '../../accounts/terminal-desk.ts';

export const terminalLogin = z
  .strictObject({
    mountpoint: z
      .string()
      .regex(/^[A-Za-z0-9._-]+$/)
      .max(MOUNTPOINT_NAME_LENGTH_MAX)
      .optional()
      .meta({ description: 'What the device wants to listen to' }),
    position: z
      .strictObject({ latitudeDeg: z.number().min(-90).max(90), longitudeDeg: z.number().min(-180).max(180) })
      .optional()
      .meta({ description: 'Where it is, where its service asks for that' }),
  })
  .meta({ id: 'TerminalLogin' });

export const terminalCredentials = z
  .strictObject({
    username: z.string(),
    password: z.string().meta({ description: 'Lent until expiresAt' }),
    host: z.string(),
    port: z.int(),
    mountpoint: z.string().nullable().meta({ description: 'Null where the device may choose and has not' }),
    expiresAt: timeText,
  })
  .meta({ id: 'TerminalCredentials' });

export const terminalStatus = z
  .strictObject({
    username: z.string().nullable().meta({ description: 'Of the account that the device has' }),
    activatedAt: timeText.nullable(),
    validUntil: timeText.nullable(),
    sessions: z.int().meta({ description: 'Open now, on this node' }),
    wouldBeRefused: z
      .strictObject({ reason: z.string(), meaning: z.string(), fix: z.string().optional() })
      .nullable()
      .meta({
        description: 'What a login would meet now; null where it would be let in. fix only with verbose=1',
      }),
  })
  .meta({ id: 'TerminalStatus' });

export function viewOfTerminalStatus(
  status: TerminalStatus,
  wouldBeRefused: z.input<typeof terminalStatus>['wouldBeRefused'],
): z.input<typeof terminalStatus> {
  return {
    username: status.username ?? null,
    activatedAt: timeOf(status.activatedAtMs ?? null),
    validUntil: timeOf(status.validUntilMs ?? null),
    sessions: status.sessions,
    wouldBeRefused,
  };
}
