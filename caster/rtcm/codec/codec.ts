// HOT: bench/micro/rtcm-codec.bench.ts
// The RTCM codec: a whole frame becomes raw integers in one of three reused structures, and they become the frame
// again. It must never throw on any bytes, and what it decodes it encodes to the same bytes as long as nobody changed
// the values.
//
//   frame ─▶ decode ─┬─▶ 'msm'        codec.msm     msm-cells.ts            MSM1 to MSM7 of seven systems   ─┐
//                    ├─▶ 'legacy'     codec.legacy  legacy-observations.ts  1001-1004, 1009-1012            ─┼─▶ encode
//                    ├─▶ 'fields'     codec.fields  message-fields.ts       stations and ephemerides        ─┘
//                    ├─▶ 'untouched'  any other message, and frames without one: hand the frame itself on
//                    └─▶ a refusal    the same: hand the frame itself on, or drop it
//
// A codec belongs to one caller at a time, since the next decode overwrites what the last one left.
import { messageNumberOf, NO_MESSAGE_NUMBER } from '../frame-layout.ts';
import { messageType } from '../message-types.ts';
import { decodeFields, encodeFields, fieldLayoutOf } from './field-codec.ts';
import { isFrame } from './framing.ts';
import { decodeLegacy, encodeLegacy } from './legacy-codec.ts';
import { createLegacyObservations, LEGACY_LAYOUTS } from './legacy-observations.ts';
import { createMessageFields } from './message-fields.ts';
import { createMsmCells } from './msm-cells.ts';
import { decodeMsm } from './msm-decoder.ts';
import { encodeMsm } from './msm-encoder.ts';
import { type DecodeRefusal, type EncodeRefusal } from './refusals.ts';

/** Which structure of the codec holds the message. */
export type Holder = 'msm' | 'legacy' | 'fields';

export type Decoded = Holder | 'untouched' | DecodeRefusal;

const HOLDERS: readonly (Holder | 'untouched')[] = Array.from({ length: 4096 }, (_, number) => {
  if (messageType(number).family === 'msm') return 'msm';
  if (LEGACY_LAYOUTS.has(number)) return 'legacy';
  return fieldLayoutOf(number) === undefined ? 'untouched' : 'fields';
});

export class RtcmCodec {
  readonly msm = createMsmCells();
  readonly legacy = createLegacyObservations();
  readonly fields = createMessageFields();

  /** Takes a whole frame whose CRC has been checked; it is not looked at again. */
  decode(frame: Uint8Array): Decoded {
    if (!isFrame(frame)) return 'not-a-frame';
    const number = messageNumberOf(frame);
    if (number === NO_MESSAGE_NUMBER) return 'untouched';
    const holder = HOLDERS[number]!;
    switch (holder) {
      case 'msm':
        return decodeMsm(frame, this.msm) ?? holder;
      case 'legacy':
        return decodeLegacy(frame, this.legacy) ?? holder;
      case 'fields':
        return decodeFields(frame, this.fields) ?? holder;
      case 'untouched':
        return holder;
    }
  }

  /**
   * Writes what `holder` holds as a whole frame at `at` of `into`, so that frames can be put one behind the other.
   * Returns its bytes, or why there is none; `into` behind `at` means nothing then.
   */
  encode(holder: Holder, into: Uint8Array, at: number): number | EncodeRefusal {
    switch (holder) {
      case 'msm':
        return encodeMsm(this.msm, into, at);
      case 'legacy':
        return encodeLegacy(this.legacy, into, at);
      case 'fields':
        return encodeFields(this.fields, into, at);
    }
  }
}
