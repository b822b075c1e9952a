// How well a base does, as it is shown with its session and its mountpoint.

import { z } from 'zod';
import { BASE_FAULTS, type BaseHealth } from '../../accounts/base-health.ts';
import { messageType } from '../../rtcm/message-types.ts';
import { SATELLITE_SYSTEMS } from '../../rtcm/satellite-system.ts';

const count = z.int().min(0);
const system = z.enum(SATELLITE_SYSTEMS);
const meters = z.number();

const systemView = z
  .strictObject({
    system,
    satellites: count.meta({ description: 'In the newest epoch that has them; 0 while it is lost' }),
    signals: count.meta({ description: 'Kinds of signal, such as L1 C/A' }),
    usualSatellites: z.number(),
    usualSignals: z.number(),
    isLost: z.boolean().meta({ description: 'None of it comes any more, and usually there are several' }),
  })
  .meta({ id: 'BaseSystem' });

const messageView = z
  .strictObject({
    number: count.meta({ description: 'Of the RTCM 3 message, DF002', example: 1077 }),
    name: z.string().meta({ description: 'What it is, for people' }),
    intervalMs: count
      .nullable()
      .meta({ description: 'Mean time between sendings; null until there were two' }),
    frames: count,
    bytes: count,
  })
  .meta({ id: 'BaseMessage' });

export const baseHealthView = z
  .strictObject({
    faults: z.array(z.enum(BASE_FAULTS)).meta({ description: 'What is wrong now, as the events tell it' }),
    silentMs: count.meta({ description: 'Since it last sent anything' }),
    intervalMs: count.nullable().meta({ description: 'The rate that it keeps; null while it is not known' }),
    completeness: z.number().min(0).max(1).nullable().meta({
      description:
        'Of the epochs due by that rate since it connected, those that came; null before the first',
    }),
    epochsMissing: count,
    gaps: count.meta({ description: 'In which these epochs are missing' }),
    timeJumps: count.meta({ description: 'How often observation time went back, or far ahead' }),
    cycleSlips: count,
    crcErrors: count.meta({ description: 'Frames whose checksum was wrong' }),
    lastMinute: z
      .strictObject({ epochs: count, epochsMissing: count, cycleSlips: count })
      .meta({ id: 'BaseMinute' }),
    ageMs: z.number().nullable().meta({
      description:
        'Of the newest observations when they came, by this machine’s clock; null where that means nothing, as of a recording',
    }),
    systems: z.array(systemView),
    messages: z.array(messageView).meta({ description: 'What the stream carries now, by number' }),
    clockFault: z
      .strictObject({
        kind: z.enum(['ahead', 'behind', 'wrong_day', 'systems_apart']),
        system,
        offsetMs: z.number().meta({ description: 'By how much its times are late, negative where early' }),
      })
      .meta({ id: 'BaseClockFault' })
      .nullable(),
    position: z
      .strictObject({ station: count, ecefM: z.tuple([meters, meters, meters]) })
      .meta({ id: 'BasePosition' })
      .nullable()
      .meta({ description: 'Of the station that spoke last, by 1005 or 1006' }),
    stations: count.meta({ description: 'That have said where they are' }),
    stationMoves: count.meta({
      description: 'Within this session; a new place of a new session is told by event',
    }),
  })
  .meta({ id: 'BaseHealth' });

export function viewOfBaseHealth({
  faults,
  silentMs,
  crcErrors,
  stream,
  messages,
}: BaseHealth): z.input<typeof baseHealthView> {
  const due = stream.epochs + stream.epochsMissing;
  const { place, lastMinute } = stream;
  return {
    faults: [...faults],
    silentMs: Math.round(silentMs),
    intervalMs: stream.intervalMs,
    completeness: due === 0 ? null : stream.epochs / due,
    epochsMissing: stream.epochsMissing,
    gaps: stream.gaps,
    timeJumps: stream.timeJumps,
    cycleSlips: stream.slips,
    crcErrors,
    lastMinute: {
      epochs: lastMinute.epochs,
      epochsMissing: lastMinute.missing,
      cycleSlips: lastMinute.slips,
    },
    ageMs: stream.ageMs,
    systems: stream.systems.map((each) => ({ ...each })),
    messages: messages.map(({ messageNumber, intervalMs, frames, bytes }) => ({
      ...{ number: messageNumber, name: messageType(messageNumber).name, frames, bytes },
      intervalMs: intervalMs === null ? null : Math.round(intervalMs),
    })),
    clockFault: stream.clockFault === null ? null : { ...stream.clockFault },
    position: place === null ? null : { station: place.station, ecefM: [...place.ecefM] },
    stations: stream.stations,
    stationMoves: stream.moves,
  };
}
