// One mountpoint of the configuration file: with a base of its own, one that gives each rover the nearest base, or one that
// is a shape of another.

import { z } from 'zod';
import { MOUNTPOINTS_MAX, SPEC_MESSAGES_MAX, SPEC_SECONDS_MAX } from './limits.ts';
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

const messageTypes = z.array(z.int().min(1).max(4095)).min(1).max(SPEC_MESSAGES_MAX);

/** What a service spec may say of it too (caster/rtcm/reshape/shape.ts). */
const shapeSchema = z.strictObject({
  constellations: key(
    z
      .array(z.enum(['GPS', 'GLO', 'GAL', 'BDS', 'QZS', 'SBAS', 'IRN']))
      .min(1)
      .optional(),
    'Only these of GPS, GLO, GAL, BDS, QZS, SBAS and IRN.',
  ),
  bands: key(
    z
      .array(
        z.enum([
          ...(['L1', 'L2', 'L5', 'L6', 'E1', 'E5a', 'E5b', 'E5', 'E6', 'B1I', 'B1C'] as const),
          ...(['B2I', 'B2a', 'B2b', 'B3', 'G1', 'G2', 'S'] as const),
        ]),
      )
      .min(1)
      .optional(),
    'Only signals of these bands.',
  ),
  msmLevelMax: key(
    z
      .int()
      .min(4)
      .max(7)
      .refine((level) => level !== 6)
      .transform((level) => level as 4 | 5 | 7)
      .optional(),
    'Highest MSM level: 4, 5 or 7.',
    { form: '4, 5 or 7' },
  ),
  messagesKept: key(messageTypes.optional(), 'Only these RTCM message types.'),
  messagesDropped: key(messageTypes.optional(), 'Not these RTCM message types.'),
  intervalS: key(z.int().min(1).max(SPEC_SECONDS_MAX).optional(), 'Seconds between epochs.', {
    unit: 's',
  }),
  glonassChannelsKept: key(
    z.boolean().optional(),
    'GLONASS stays at MSM5 where the rest is MSM4, so that its channel numbers are known.',
  ),
});

export const mountpointSchema = z.strictObject({
  name: key(mountpointName, 'Name that bases and rovers ask for; upper and lower case differ.', {
    example: 'TEST1',
  }),
  sourcePassword: key(
    sourcePassword.optional(),
    'Password the base must present; needed unless `nearest` or `of` is given.',
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
  of: key(
    mountpointName.optional(),
    'Another mountpoint, whose stream is given here in a shape; it has a base of its own, and this one takes none.',
    { example: 'TEST1' },
  ),
  shape: key(shapeSchema.optional(), 'What is made of the stream of `of`; all as received where not given.'),
});
