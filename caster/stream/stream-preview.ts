// What a shape would make of the stream that a base sends now, message by message, for whoever sells it: by the rules of
// reshaping itself, from what is known of the base. Bytes are estimates, as if all satellites had all signals.

import { messageType } from '../rtcm/message-types.ts';
import type { MessagePlan } from '../rtcm/reshape/message-plan.ts';
import type { Shape } from '../rtcm/reshape/shape.ts';
import type { SatelliteSystem } from '../rtcm/satellite-system.ts';
import { BANDS, type Band, bandOf } from '../rtcm/signals.ts';
import type { MessageFacts } from '../rtcm/station-facts.ts';
import { type MessageFate, messageFates } from './shaped-facts.ts';

/**
 * `untouched` goes out byte for byte; of `position` the flags of systems that are dropped are cleared; `observations` are
 * written anew, with fewer signals, at a lower level, or at a longer interval; of `dropped` nothing goes out.
 */
export const MESSAGE_FATES = ['untouched', 'position', 'observations', 'dropped'] as const;
export type MessageFateName = (typeof MESSAGE_FATES)[number];

export interface MessageInStream {
  readonly number: number;
  /** Null until it came twice. */
  readonly intervalMs: number | null;
  /** Null where the interval is. */
  readonly bytesPerSecond: number | null;
  /** Of MSM with satellites; empty of everything else. */
  readonly bands: readonly Band[];
}

export interface PreviewedMessage {
  readonly system: SatelliteSystem | null;
  readonly received: MessageInStream;
  /** Null where nothing of it goes out. */
  readonly sent: MessageInStream | null;
  readonly fate: MessageFateName;
}

const ALL_SIGNALS = -1;

export function previewStream(messages: readonly MessageFacts[], shape: Shape): readonly PreviewedMessage[] {
  return messageFates(messages, shape).map((fate) => {
    const { message, plan, made } = fate;
    const { messageNumber, intervalMs } = message;
    const bytesPerSecond = bytesPerSecondOf(message);
    const received = {
      number: messageNumber,
      intervalMs,
      bytesPerSecond,
      bands: bandsOf(message, ALL_SIGNALS),
    };
    const sent = made && {
      number: made.messageNumber,
      intervalMs: made.intervalMs,
      bytesPerSecond: bytesPerSecond === null ? null : bytesPerSecond * made.share,
      bands: bandsOf(message, plan.kind === 'msm' ? plan.signalMask : ALL_SIGNALS),
    };
    const system = messageType(messageNumber).system ?? null;
    return { system, received, sent: sent ?? null, fate: fateName(fate, received, sent) };
  });
}

function fateName(
  { message, plan }: MessageFate,
  received: MessageInStream,
  sent: MessageInStream | undefined,
): MessageFateName {
  if (sent === undefined) return 'dropped';
  if (plan.kind === 'position') return 'position';
  const isSame =
    received.number === sent.number &&
    received.intervalMs === sent.intervalMs &&
    received.bands.length === sent.bands.length &&
    keepsAllSignals(message, plan);
  return isSame ? 'untouched' : 'observations';
}

/** A signal of no band counts too. */
function keepsAllSignals({ observed }: MessageFacts, plan: MessagePlan): boolean {
  if (plan.kind === 'legacy') return plan.keepsOwn;
  return plan.kind !== 'msm' || observed === null || (observed.signalMask & ~plan.signalMask) === 0;
}

function bytesPerSecondOf({ bytes, frames, intervalMs }: MessageFacts): number | null {
  return intervalMs === null || intervalMs === 0 ? null : ((bytes / frames) * 1000) / intervalMs;
}

function bandsOf({ messageNumber, observed }: MessageFacts, mask: number): readonly Band[] {
  const { system, family } = messageType(messageNumber);
  if (system === undefined || family !== 'msm' || observed === null) return [];
  const found = new Set<Band>();
  for (let id = 1; id <= 32; id++) {
    if ((observed.signalMask & mask & (1 << (32 - id))) !== 0) found.add(bandOf(system, id));
  }
  return [...BANDS, 'other' as const].filter((band) => found.has(band));
}
