// One account of the configuration file: a login for rovers.

import { z } from 'zod';
import { ACCOUNT_SESSIONS_MAX, MOUNTPOINTS_MAX } from './limits.ts';
import { key, mountpointName, password, username } from './schema-parts.ts';

export const accountSchema = z.strictObject({
  username: key(username, 'Username of the rover; upper and lower case differ.', { example: 'rover-1' }),
  password: key(password, 'Password of the rover.', { example: 'change-me-please', secret: true }),
  mountpoints: key(
    z.array(mountpointName).max(MOUNTPOINTS_MAX).optional(),
    'Mountpoints it may use; all where not given.',
    { example: ['TEST1'] },
  ),
  sessionsMax: key(
    z.int().min(1).max(ACCOUNT_SESSIONS_MAX).optional(),
    'Sessions it may have at a time; no limit where not given.',
    { unit: 'sessions', example: 1 },
  ),
  onExtraSession: key(
    z.enum(['refuse', 'replaceOldest']).default('refuse'),
    'What a session beyond `sessionsMax` does: it is refused, or it ends the oldest one.',
  ),
  validUntil: key(
    z.iso.datetime({ offset: true }).optional(),
    'End of its validity; running sessions end then too.',
    { form: 'a time as in RFC 3339, such as 2030-12-31T23:59:59Z', example: '2030-12-31T23:59:59Z' },
  ),
  disabled: key(z.boolean().default(false), 'Refuse it without forgetting it.'),
});
