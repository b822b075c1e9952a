// Makes observation frames with a header and nothing behind it that matters, for tests of epochs.
import { BitWriter } from '../../../caster/rtcm/bit-writer.ts';
import { buildFrame } from '../../../caster/rtcm/frame-builder.ts';
import { messageNumberOf } from '../../../caster/rtcm/frame-layout.ts';

export interface TestFrame {
  readonly bytes: Buffer;
  readonly messageNumber: number;
}

/** An empty MSM (masks 0, 22 bytes of payload). `epochRaw` are the 30 bits behind the station id. */
export function msmFrame(messageNumber: number, epochRaw: number, more: 0 | 1, station = 1): TestFrame {
  const writer = new BitWriter(22);
  writer.writeUnsigned(messageNumber, 12);
  writer.writeUnsigned(station, 12);
  writer.writeUnsigned(epochRaw, 30);
  writer.writeUnsigned(more, 1);
  for (let written = 55; written < 169; written++) writer.writeUnsigned(0, 1);
  return { bytes: buildFrame(writer.toBytes()), messageNumber };
}

/** A legacy message without satellites. */
export function legacyFrame(messageNumber: number, epochMs: number, more: 0 | 1, station = 1): TestFrame {
  const writer = new BitWriter(8);
  writer.writeUnsigned(messageNumber, 12);
  writer.writeUnsigned(station, 12);
  writer.writeUnsigned(epochMs, messageNumber < 1009 ? 30 : 27);
  writer.writeUnsigned(more, 1);
  writer.writeUnsigned(0, 9);
  return { bytes: buildFrame(writer.toBytes()), messageNumber };
}

/** A frame that is no observation, with `payloadBytes` bytes. */
export function otherFrame(messageNumber: number, payloadBytes = 8): TestFrame {
  const payload = Buffer.alloc(payloadBytes, 0x55);
  payload.writeUInt16BE(messageNumber << 4, 0);
  const bytes = buildFrame(payload);
  return { bytes, messageNumber: messageNumberOf(bytes) };
}
