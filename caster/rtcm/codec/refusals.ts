// Every reason for which the codec does not decode or encode. Nothing here throws: a base may send any bytes, and what
// is refused on the way in goes on as it came, as a whole frame.

export type DecodeRefusal =
  /** No preamble, reserved header bits set, or another length than the header says. */
  | 'not-a-frame'
  /** The payload ends before what its own counters and masks promise. */
  | 'too-short'
  /** More than 64 bits of DF396: the sender had to split the message (RTCM 10403.3, DF396). */
  | 'cell-mask-too-long';

/** All but the first can only come from whoever changed the decoded values, never from the bytes of a stream. */
export type EncodeRefusal =
  /** The frame does not fit into the given buffer. */
  | 'no-room'
  /** More than 1023 bytes of payload. */
  | 'payload-too-long'
  | 'cell-mask-too-long'
  /** Satellite or signal ids are not ascending, or out of 1..64 and 1..32. */
  | 'ids-out-of-order'
  /** Cells are not ascending by satellite and signal, or point behind the last of them. */
  | 'cells-out-of-order'
  /** A value that its field cannot hold. */
  | 'value-out-of-range'
  /** Fields that are not those of the message, or not as many as its counters say. */
  | 'fields-out-of-order';
