// The preview of a service spec: what it would make of the stream of a base.

import { z } from 'zod';
import { MOUNTPOINT_NAME_LENGTH_MAX } from '../../../config/limits.ts';
import { messageType } from '../../rtcm/message-types.ts';
import { SATELLITE_SYSTEMS } from '../../rtcm/satellite-system.ts';
import { BANDS } from '../../rtcm/signals.ts';
import { MESSAGE_FATES, type MessageInStream, type PreviewedMessage } from '../../stream/stream-preview.ts';
import { serviceSpecContent } from './service-spec.ts';

const { constellations, bands, msmLevelMax, messagesKept, messagesDropped, intervalS, glonassChannelsKept } =
  serviceSpecContent.shape;

export const serviceSpecToPreview = z
  .strictObject({
    mountpoint: z
      .string()
      .min(1)
      .max(MOUNTPOINT_NAME_LENGTH_MAX)
      .meta({ description: 'Of whose base the stream is' }),
    ...{ constellations, bands, msmLevelMax, messagesKept, messagesDropped, intervalS, glonassChannelsKept },
  })
  .meta({ id: 'ServiceSpecToPreview', description: 'What a service spec makes of the stream' });

const count = z.int().min(0);
const rate = z.number().min(0);

const messageInStream = z
  .strictObject({
    number: count.meta({ description: 'Of the RTCM 3 message, DF002', example: 1077 }),
    name: z.string(),
    intervalMs: z.number().min(0).nullable().meta({ description: 'Null until it came twice' }),
    bytesPerSecond: rate.nullable(),
    bands: z.array(z.enum([...BANDS, 'other'])).meta({ description: 'Of MSM; empty of everything else' }),
  })
  .meta({ id: 'MessageInStream' });

export const serviceSpecPreview = z
  .strictObject({
    object: z.literal('service_spec_preview'),
    mountpoint: z.string(),
    unknownFor: z.enum(['no_base', 'raw', 'nearest']).nullable().meta({
      description:
        'Why there are no messages: no base sends to this node now, a raw mountpoint comes in no shape, the nearest base differs',
    }),
    shape: z.string().meta({ description: 'As usage and sessions name it; empty where all is as received' }),
    messages: z.array(
      z
        .strictObject({
          system: z.enum(SATELLITE_SYSTEMS).nullable(),
          fate: z.enum(MESSAGE_FATES).meta({
            description:
              'untouched: byte for byte; position: flags of systems that are dropped are cleared; observations: written anew with fewer signals, at a lower level or a longer interval',
          }),
          received: messageInStream,
          sent: messageInStream.nullable().meta({ description: 'Null where nothing of it goes out' }),
        })
        .meta({ id: 'PreviewedMessage' }),
    ),
    receivedBytesPerSecond: rate,
    sentBytesPerSecond: rate.meta({ description: 'An estimate, as if all satellites had all signals' }),
  })
  .meta({ id: 'ServiceSpecPreview' });

export function viewOfPreviewed({ system, fate, received, sent }: PreviewedMessage) {
  return { system, fate, received: viewOfMessage(received), sent: sent && viewOfMessage(sent) };
}

function viewOfMessage({ number, bands: found, ...rates }: MessageInStream) {
  return { number, name: messageType(number).name, ...rates, bands: [...found] };
}
