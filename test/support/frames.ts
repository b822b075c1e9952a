// Frames for tests on the wire: cut out of a stream by a second scanner that shares nothing with the caster's (bit by
// bit CRC, no table), and made to measure. Whoever compares with the caster's own scanner proves nothing.

const OVERHEAD_BYTES = 6;
const CRC24Q_POLYNOMIAL = 0x1864cfb;

/** Bit by bit, RTCM 10403.3 §4.2. */
function crc24qOf(bytes: Buffer): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x800000 ? (crc << 1) ^ CRC24Q_POLYNOMIAL : crc << 1;
  }
  return crc & 0xffffff;
}

/** Every valid frame in `bytes`, in order: D3, six zero bits, and a right CRC. */
export function cutFrames(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at + OVERHEAD_BYTES <= bytes.length;) {
    const end = at + OVERHEAD_BYTES + (((bytes[at + 1]! & 3) << 8) | bytes[at + 2]!);
    const isCandidate = bytes[at] === 0xd3 && bytes[at + 1]! <= 3 && end <= bytes.length;
    if (isCandidate && crc24qOf(bytes.subarray(at, end - 3)) === bytes.readUIntBE(end - 3, 3)) {
      frames.push(bytes.subarray(at, end));
      at = end;
    } else {
      at++;
    }
  }
  return frames;
}

/** `bytes` as frames; throws where there is any byte that belongs to none. */
export function wholeFrames(bytes: Buffer): Buffer[] {
  const frames = cutFrames(bytes);
  const framed = frames.reduce((sum, frame) => sum + frame.length, 0);
  if (framed !== bytes.length)
    throw new Error(`${bytes.length - framed} of ${bytes.length} bytes are in no frame`);
  return frames;
}

/** DF002; -1 for a frame too short to hold one. */
export function messageNumberOf(frame: Buffer): number {
  return frame.length < OVERHEAD_BYTES + 2 ? -1 : frame.readUInt16BE(3) >> 4;
}

/** MSM frames of a recording gathered up to each cleared multiple-message bit (DF393), with what stands between. */
export function msmEpochs(frames: readonly Buffer[]): Buffer[] {
  const epochs: Buffer[] = [];
  let gathered: Buffer[] = [];
  for (const frame of frames) {
    gathered.push(frame);
    const number = messageNumberOf(frame);
    const isMsm = number > 1070 && number < 1138;
    // Bit 54 of the payload: behind message number, station and epoch time (12 + 12 + 30 bits).
    if (!isMsm || (frame[3 + 6]! & 0b10) !== 0) continue;
    epochs.push(Buffer.concat(gathered));
    gathered = [];
  }
  return epochs;
}

type Field = readonly [value: number | bigint, bits: number];

/** A frame around `fields`, most significant bit first, padded with zero bits and then with `filler` bytes. */
export function makeFrame(fields: readonly Field[], filler = Buffer.alloc(0)): Buffer {
  let bits = '';
  for (const [value, width] of fields) {
    bits += BigInt.asUintN(width, BigInt(value)).toString(2).padStart(width, '0');
  }
  const payload = Buffer.from(
    (bits.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2)),
  );
  const length = payload.length + filler.length;
  const head = Buffer.concat([Buffer.from([0xd3, length >> 8, length & 0xff]), payload, filler]);
  const crc = Buffer.alloc(3);
  crc.writeUIntBE(crc24qOf(head), 0, 3);
  return Buffer.concat([head, crc]);
}

/** A 1005 for a station at a place on the WGS 84 ellipsoid (DF003, DF021 … DF027). */
export function positionFrame(station: number, latitudeDeg: number, longitudeDeg: number): Buffer {
  const [latitude, longitude] = [(latitudeDeg * Math.PI) / 180, (longitudeDeg * Math.PI) / 180];
  const [equatorM, eccentricity2] = [6_378_137, 0.00669437999014];
  const radiusM = equatorM / Math.sqrt(1 - eccentricity2 * Math.sin(latitude) ** 2);
  const tenthMm = (meters: number): number => Math.round(meters * 10_000);
  return makeFrame([
    [1005, 12],
    [station, 12],
    [0, 6],
    [0b1110, 4],
    [tenthMm(radiusM * Math.cos(latitude) * Math.cos(longitude)), 38],
    [0, 2],
    [tenthMm(radiusM * Math.cos(latitude) * Math.sin(longitude)), 38],
    [0, 2],
    [tenthMm(radiusM * (1 - eccentricity2) * Math.sin(latitude)), 38],
  ]);
}

/** A GPS MSM7 without satellites that completes its epoch, `fillerBytes` longer than it need be. */
export function observationFrame(station: number, epochMs: number, fillerBytes = 0): Buffer {
  const header: Field[] = [
    [1077, 12],
    [station, 12],
    [epochMs, 30],
    [0, 1],
    [0, 3 + 7 + 2 + 2 + 1 + 3],
    [0, 64],
    [0, 32],
  ];
  return makeFrame(header, Buffer.alloc(fillerBytes, epochMs & 0xff));
}

/** A GPS ephemeris (1019) of a satellite; `version` makes two of the same satellite differ. */
export function ephemerisFrame(satellite: number, version: number): Buffer {
  return makeFrame([
    [1019, 12],
    [satellite, 6],
    [version, 10],
    [0, 488 - 28],
  ]);
}

/** Epoch time of an observationFrame. */
export function epochMsOf(frame: Buffer): number {
  return (frame.readUInt32BE(6) >>> 2) & 0x3fff_ffff;
}
