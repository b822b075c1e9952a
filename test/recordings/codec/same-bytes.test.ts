// Every frame of every recording through the codec and back: the bytes must be those that came.
import { describe, expect, test } from 'vitest';
import { RtcmCodec } from '../../../caster/rtcm/codec/codec.ts';
import { FRAME_BYTES_MAX } from '../../../caster/rtcm/frame-layout.ts';
import { messageFamily } from '../../../caster/rtcm/message-types.ts';
import { framesOf, recordingBytes, recordingNames, RECORDINGS_PRESENT, SKIP_NOTE } from '../recordings.ts';

/** Numbers that the codec must take apart; all others it hands on. */
const KNOWN_FIELD_MESSAGES = [
  1005, 1006, 1007, 1008, 1013, 1019, 1020, 1029, 1033, 1041, 1042, 1043, 1044, 1045, 1046, 1230,
];

function expectedHolder(messageNumber: number): string {
  if (messageNumber >= 0 && messageFamily(messageNumber) === 'msm') return 'msm';
  if (messageNumber >= 1001 && messageNumber <= 1004) return 'legacy';
  if (messageNumber >= 1009 && messageNumber <= 1012) return 'legacy';
  return KNOWN_FIELD_MESSAGES.includes(messageNumber) ? 'fields' : 'untouched';
}

describe.skipIf(!RECORDINGS_PRESENT)(`frames of recordings through the codec${SKIP_NOTE}`, () => {
  const names = [...recordingNames(''), ...recordingNames('odd'), ...recordingNames('vectors')];

  test.each(names)('%s: every frame is decoded, and encoded to the bytes it had', (name) => {
    const codec = new RtcmCodec();
    const into = Buffer.alloc(FRAME_BYTES_MAX + 7);
    const wrong: string[] = [];
    for (const { bytes, messageNumber } of framesOf(recordingBytes(name))) {
      const decoded = codec.decode(bytes);
      if (decoded !== expectedHolder(messageNumber)) wrong.push(`${messageNumber}: ${decoded}`);
      if (decoded !== 'msm' && decoded !== 'legacy' && decoded !== 'fields') continue;
      into.fill(0xa5);
      const length = codec.encode(decoded, into, 5);
      const same = typeof length === 'number' && into.subarray(5, 5 + length).equals(bytes);
      if (!same) wrong.push(`${messageNumber}: ${length}, ${bytes.toString('hex')}`);
    }
    expect(wrong).toEqual([]);
  });
});
