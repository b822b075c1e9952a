// One mountpoint of the configuration file: with a base of its own, or one that gives each rover the nearest base.

import { z } from 'zod';
import { MOUNTPOINTS_MAX } from './limits.ts';
import {
  country,
  key,
  kilometers,
  mountpointName,
  sourcePassword,
  sourcetableText,
  username,
} from './schema-parts.ts';

const nearestSchema = z.strictObject({
  mountpoints: key(
    z.array(mountpointName).min(1).max(MOUNTPOINTS_MAX).optional(),
    'Mountpoints to choose from; all that have a base where not given.',
    { example: ['TEST1'] },
  ),
  maxBaselineKm: key(kilometers.default(50), 'A base farther from the rover than this is never chosen.', {
    unit: 'km',
  }),
  hysteresisKm: key(
    kilometers.default(2),
    'How much nearer another base must be before a rover changes over; less than `maxBaselineKm`.',
    { unit: 'km' },
  ),
});

export const mountpointSchema = z.strictObject({
  name: key(mountpointName, 'Name that bases and rovers ask for; upper and lower case differ.', {
    example: 'TEST1',
  }),
  sourcePassword: key(
    sourcePassword.optional(),
    'Password the base must present; needed unless `nearest` is given.',
    { example: 'change-me-please', shown: true, secret: true },
  ),
  sourceUsername: key(
    username.optional(),
    'Username the base must present too; NTRIP 1.0 bases have none and are then refused.',
    { example: 'base-1' },
  ),
  access: key(
    z.enum(['open', 'accounts']).default('accounts'),
    'Who may listen: everybody, or accounts only.',
  ),
  place: key(sourcetableText.optional(), 'Place in the sourcetable; the name where not given.', {
    example: 'Frankfurt',
  }),
  country: key(country.optional(), 'Country of the base; `caster.country` where not given.', {
    example: 'DEU',
  }),
  network: key(sourcetableText.optional(), 'Network of the base; `caster.network` where not given.', {
    example: 'EXAMPLE',
  }),
  secondBase: key(
    z.enum(['refuse', 'takeOver']).default('refuse'),
    'What a second base meets while the first sends; one silent for `timing.baseTakeOverSilentMs` gives way anyway.',
  ),
  chunked: key(
    z.boolean().default(false),
    'Send to NTRIP 2.0 rovers in chunked transfer coding; a few receivers insist on it.',
  ),
  raw: key(
    z.boolean().default(false),
    "Pass the base's bytes on as they come, without looking for RTCM frames.",
  ),
  listed: key(z.boolean().default(true), 'Show it in the sourcetable.'),
  fee: key(z.boolean().default(false), 'Say in the sourcetable that a fee is charged.'),
  misc: key(sourcetableText.default(''), 'Free text at the end of its sourcetable line.'),
  nearest: key(
    nearestSchema.optional(),
    'Gives each rover the nearest base, chosen by its GGA, and takes no base of its own; `{}` is all defaults.',
  ),
});
