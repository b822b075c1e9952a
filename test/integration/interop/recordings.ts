// The recordings that stand beside the project, cut as their receivers sent them, with the frames that must come out:
// by the caster's second opinion (test/faults/frames.ts), which is checked against what independent decoders counted.

import { createHash } from 'node:crypto';
import { findFrames, messageTypeOf } from '../../faults/frames.ts';
import { oddFacts, recordingBytes, recordingFacts } from '../../recordings/recordings.ts';

export interface Recording {
  readonly bytes: Buffer;
  /** All valid frames, one behind the other: what a rover must get. */
  readonly valid: Buffer;
  /** Of `valid`: how many frames of each message type; frames without payload have none. */
  readonly counts: Readonly<Record<string, number>>;
  /** `bytes` cut behind the last observation of each epoch, with how much of it is frames. */
  readonly epochs: readonly { readonly bytes: Buffer; readonly validBytes: number }[];
}

/** Throws where this project's second reader and the independent decoders disagree. */
export function loadRecording(name: string): Recording {
  const bytes = recordingBytes(name);
  const frames = findFrames(bytes);
  const valid = Buffer.concat(frames);
  if (name.startsWith('odd/')) {
    const facts = oddFacts(name);
    const sha = createHash('sha256').update(valid).digest('hex');
    agree(name, facts.sha256_of_concatenated_valid_frames, sha);
  } else {
    const { framing } = recordingFacts(name);
    agree(name, framing.frames, frames.length);
    agree(name, framing.bytes_outside_frames, bytes.length - valid.length);
  }
  return { bytes, valid, counts: countTypes(frames), epochs: cutEpochs(bytes, frames) };
}

function agree<Value>(name: string, decoders: Value, ours: Value): void {
  if (decoders !== ours)
    throw new Error(`${name}: the decoders say ${String(decoders)}, we say ${String(ours)}`);
}

export function countTypes(frames: readonly Buffer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const frame of frames) {
    const type = messageTypeOf(frame);
    if (type !== undefined) counts[type] = (counts[type] ?? 0) + 1;
  }
  return counts;
}

function cutEpochs(bytes: Buffer, frames: readonly Buffer[]): Recording['epochs'] {
  const epochs: { bytes: Buffer; validBytes: number }[] = [];
  let begun = 0;
  let validBytes = 0;
  for (const frame of frames) {
    validBytes += frame.length;
    if (!closesEpoch(frame)) continue;
    const end = frame.byteOffset - bytes.byteOffset + frame.length;
    epochs.push({ bytes: bytes.subarray(begun, end), validBytes });
    begun = end;
    validBytes = 0;
  }
  if (begun < bytes.length) epochs.push({ bytes: bytes.subarray(begun), validBytes });
  return epochs;
}

/** An observation whose multiple message bit (DF393) or sync flag (DF005) says that no more follow. */
function closesEpoch(frame: Buffer): boolean {
  const type = messageTypeOf(frame) ?? 0;
  const flags = frame[3 + 6];
  if (flags === undefined) return false;
  if ((type >= 1071 && type <= 1137) || (type >= 1001 && type <= 1004)) return (flags & 0x02) === 0;
  return type >= 1009 && type <= 1012 && (flags & 0x10) === 0;
}
