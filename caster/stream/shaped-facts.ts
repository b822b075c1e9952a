// What the sourcetable says of a mountpoint's stream in a shape: worked out from what its base sends and what the shape
// makes of each message number, so that nobody has to have that shape for it to be known. Numbers, systems and carriers
// are those that go out; the bit rate is an estimate, as if all satellites had all signals.

import { bitCount } from '../rtcm/bit-reader.ts';
import { type CarrierPhase, legacyCarrier, msmCarrier } from '../rtcm/carrier-phase.ts';
import { MSM_HEADER_BITS, MSM_LEVELS } from '../rtcm/codec/msm-layout.ts';
import { FRAME_OVERHEAD_BYTES } from '../rtcm/frame-layout.ts';
import { LEGACY_SATELLITE_BITS } from '../rtcm/legacy-header.ts';
import { messageType } from '../rtcm/message-types.ts';
import { type MessagePlan, type MsmPlan, planMessage } from '../rtcm/reshape/message-plan.ts';
import type { Shape } from '../rtcm/reshape/shape.ts';
import { SATELLITE_SYSTEMS } from '../rtcm/satellite-system.ts';
import { streamFormat, streamFormatDetails } from '../rtcm/sourcetable-format.ts';
import type { MessageFacts, StationFactsSnapshot } from '../rtcm/station-facts.ts';

/** What is known of the stream as its base sends it. */
export type SourceFacts = Pick<StationFactsSnapshot, 'messages' | 'bitsPerSecond'>;

/** What a sourcetable line says of a stream. */
export type TableFacts = Pick<
  StationFactsSnapshot,
  'format' | 'formatDetails' | 'systems' | 'carrier' | 'bitsPerSecond'
>;

/** A message number on its way out. */
export interface ShapedMessage {
  readonly messageNumber: number;
  readonly frames: number;
  readonly intervalMs: number | null;
  /** Of the bytes that come in, how many go out. */
  readonly share: number;
  readonly carrier: CarrierPhase;
  readonly isObserved: boolean;
}

/** What becomes of a message that a base sends; `made` is undefined where nothing of it goes out. */
export interface MessageFate {
  readonly message: MessageFacts;
  readonly plan: MessagePlan;
  readonly made: ShapedMessage | undefined;
}

const DROPPED: ShapedMessage | undefined = undefined;

/** In the order of `messages`. */
export function messageFates(messages: readonly MessageFacts[], shape: Shape): readonly MessageFate[] {
  const plans = new Map(messages.map((message) => [message, planMessage(shape, message.messageNumber)]));
  return [...plans].map(([message, plan]) => {
    const made = isRepeated(message, plan, plans, shape) ? DROPPED : shapedMessage(message, plan, shape);
    return { message, plan, made };
  });
}

export function shapedFacts({ messages, bitsPerSecond }: SourceFacts, shape: Shape): TableFacts {
  const out: ShapedMessage[] = [];
  let [bytes, bytesOut] = [0, 0];
  for (const { message, made } of messageFates(messages, shape)) {
    bytes += message.bytes;
    if (made === undefined) continue;
    bytesOut += message.bytes * made.share;
    out.push(made);
  }
  out.sort((a, b) => a.messageNumber - b.messageNumber);
  const observed = out.filter(({ isObserved }) => isObserved);
  const systems = new Set(observed.map(({ messageNumber }) => messageType(messageNumber).system));
  return {
    format: streamFormat(out.map(({ messageNumber }) => messageNumber)),
    formatDetails: streamFormatDetails(out),
    systems: SATELLITE_SYSTEMS.filter((system) => systems.has(system)),
    carrier: observed.reduce<CarrierPhase>((most, { carrier }) => (carrier > most ? carrier : most), 0),
    bitsPerSecond: bytes === 0 ? 0 : Math.round((bitsPerSecond * bytesOut) / bytes),
  };
}

function shapedMessage(message: MessageFacts, plan: MessagePlan, shape: Shape): ShapedMessage | undefined {
  const { messageNumber, frames, intervalMs, observed } = message;
  switch (plan.kind) {
    case 'drop':
      return DROPPED;
    case 'pass':
    case 'position':
      return { messageNumber, frames, intervalMs, share: 1, carrier: 0, isObserved: false };
    case 'legacy': {
      const { numberOut } = plan;
      const kept =
        (LEGACY_SATELLITE_BITS.get(numberOut) ?? 1) / (LEGACY_SATELLITE_BITS.get(messageNumber) ?? 1);
      return {
        ...thinned(message, kept, shape),
        messageNumber: numberOut,
        carrier: legacyCarrier(numberOut) ?? 0,
        isObserved: observed !== null,
      };
    }
    case 'msm': {
      const numberOut = messageNumber - plan.level + plan.levelOut;
      if (observed === null) {
        return { ...thinned(message, 1, shape), messageNumber: numberOut, carrier: 0, isObserved: false };
      }
      const signalMask = observed.signalMask & plan.signalMask;
      if (signalMask === 0) return DROPPED;
      return {
        ...thinned(message, msmShare(message, plan), shape),
        messageNumber: numberOut,
        carrier: msmCarrier(numberOut, messageType(messageNumber).system!, signalMask),
        isObserved: true,
      };
    }
  }
}

/** At the interval of the shape, each multiple of which has its epoch. `kept` is what stays of one message. */
function thinned(
  { frames, intervalMs }: MessageFacts,
  kept: number,
  { intervalS }: Shape,
): Pick<ShapedMessage, 'frames' | 'intervalMs' | 'share'> {
  if (intervalS === undefined || intervalMs === null || intervalMs === 0) {
    return { frames, intervalMs, share: kept };
  }
  const intervalOutMs = Math.max(intervalMs, intervalS * 1000);
  return { frames, intervalMs: intervalOutMs, share: (kept * intervalMs) / intervalOutMs };
}

/** What is left of a typical frame of this message, header and all. */
function msmShare({ bytes, frames, observed }: MessageFacts, plan: MsmPlan): number {
  const [levelIn, levelOut] = [MSM_LEVELS[plan.level]!, MSM_LEVELS[plan.levelOut]!];
  const { signalMask, satellites } = observed!;
  const [signals, signalsOut] = [bitCount(signalMask), bitCount(signalMask & plan.signalMask)];
  const fixedBits = FRAME_OVERHEAD_BYTES * 8 + MSM_HEADER_BITS;
  const frameBits = (bytes * 8) / frames;
  const cells = Math.max(
    0,
    (frameBits - fixedBits - satellites * (levelIn.satelliteBits + signals)) / levelIn.cellBits,
  );
  const cellsOut = (cells * signalsOut) / signals;
  const satellitesOut = Math.min(satellites, cellsOut);
  const bitsOut =
    fixedBits + satellitesOut * (levelOut.satelliteBits + signalsOut) + cellsOut * levelOut.cellBits;
  return Math.min(1, bitsOut / frameBits);
}

/** Whether the base sends this constellation at another level too that goes out instead: the rule of reshape.ts. */
function isRepeated(
  { messageNumber }: MessageFacts,
  plan: MessagePlan,
  plans: ReadonlyMap<MessageFacts, MessagePlan>,
  shape: Shape,
): boolean {
  if (plan.kind !== 'msm' || plan.levelOut === plan.level) return false;
  const levelMax = Math.max(plan.levelOut, shape.msmLevelMax ?? 7);
  const block = messageNumber - plan.level;
  for (const [other, { kind }] of plans) {
    const level = other.messageNumber - block;
    if (kind !== 'msm' || level < 4 || level > 7 || level === plan.level) continue;
    if (level <= levelMax || level > plan.level) return true;
  }
  return false;
}
