// HOT: bench/micro/rtcm.bench.ts
// CRC-24Q, the check at the end of every RTCM 3 frame (RTCM 10403.3 §4: polynomial 0x1864CFB, start 0,
// not reflected, no final xor). It must never allocate after the tables are built.
//
// The 24 bit register is kept left-aligned in a 32 bit word, so that eight bytes can be folded at once:
//
//   word 1 = register ^ bytes 0..3   each of its bytes still has 7, 6, 5, 4 bytes to travel -> table 7..4
//   word 2 = bytes 4..7              ....................... 3, 2, 1, 0 bytes               -> table 3..0

const POLYNOMIAL = 0x1864cfb;

/** TABLES[k * 256 + b] is what byte b contributes once k further bytes have passed, left-aligned. */
const TABLES = buildTables();

function buildTables(): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ (POLYNOMIAL << 8) : crc << 1;
    tables[byte] = crc;
  }
  for (let index = 256; index < tables.length; index++) {
    const previous = tables[index - 256]!;
    tables[index] = (previous << 8) ^ tables[previous >>> 24]!;
  }
  return tables;
}

/** CRC-24Q of bytes[start..end), as an unsigned 24 bit number. The range must lie inside `bytes`. */
export function crc24q(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0;
  let index = start;
  for (const last = end - 8; index <= last; index += 8) {
    crc =
      TABLES[1792 + (bytes[index]! ^ (crc >>> 24))]! ^
      TABLES[1536 + (bytes[index + 1]! ^ ((crc >>> 16) & 0xff))]! ^
      TABLES[1280 + (bytes[index + 2]! ^ ((crc >>> 8) & 0xff))]! ^
      TABLES[1024 + bytes[index + 3]!]! ^
      TABLES[768 + bytes[index + 4]!]! ^
      TABLES[512 + bytes[index + 5]!]! ^
      TABLES[256 + bytes[index + 6]!]! ^
      TABLES[bytes[index + 7]!]!;
  }
  for (; index < end; index++) crc = (crc << 8) ^ TABLES[(crc >>> 24) ^ bytes[index]!]!;
  return crc >>> 8;
}
