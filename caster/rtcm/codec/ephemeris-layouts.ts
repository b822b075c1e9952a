// The fields of the ephemeris messages 1019, 1020 and 1041 to 1046 (RTCM 10403.3 §3.5), written as short as they can be
// read: the name of each field, and behind it u (unsigned), s (two's complement) or m (sign and magnitude) with its
// bits. The fields of 1043 have no agreed numbers, so they are named for what they hold.
import { type Field, type FieldKind, type MessageLayout } from './message-fields.ts';

const KINDS: Readonly<Record<string, FieldKind>> = { u: 'unsigned', s: 'signed', m: 'sign-magnitude' };

const TABLE: readonly (readonly [messageNumber: number, fields: string])[] = [
  [
    1019,
    `DF009 u6 DF076 u10 DF077 u4 DF078 u2 DF079 s14 DF071 u8 DF081 u16 DF082 s8 DF083 s16 DF084 s22 DF085 u10
     DF086 s16 DF087 s16 DF088 s32 DF089 s16 DF090 u32 DF091 s16 DF092 u32 DF093 u16 DF094 s16 DF095 s32 DF096 s16
     DF097 s32 DF098 s16 DF099 s32 DF100 s24 DF101 s8 DF102 u6 DF103 u1 DF137 u1`,
  ],
  [
    1020,
    `DF038 u6 DF040 u5 DF104 u1 DF105 u1 DF106 u2 DF107 u12 DF108 u1 DF109 u1 DF110 u7 DF111 m24 DF112 m27 DF113 m5
     DF114 m24 DF115 m27 DF116 m5 DF117 m24 DF118 m27 DF119 m5 DF120 u1 DF121 m11 DF122 u2 DF123 u1 DF124 m22
     DF125 m5 DF126 u5 DF127 u1 DF128 u4 DF129 u11 DF130 u2 DF131 u1 DF132 u11 DF133 m32 DF134 u5 DF135 m22
     DF136 u1 DF001 u7`,
  ],
  [
    1041,
    `DF516 u6 DF517 u10 DF518 s22 DF519 s16 DF520 s8 DF521 u4 DF522 u16 DF523 s8 DF524 s22 DF525 u8 DF526 u10
     DF527 u1 DF528 u1 DF529 s15 DF530 s15 DF531 s15 DF532 s15 DF533 s15 DF534 s15 DF535 s14 DF536 s32 DF537 u16
     DF538 u32 DF539 u32 DF540 s32 DF541 s32 DF542 s22 DF543 s32 DF544 u2 DF545 u2`,
  ],
  [
    1042,
    `DF488 u6 DF489 u13 DF490 u4 DF491 s14 DF492 u5 DF493 u17 DF494 s11 DF495 s22 DF496 s24 DF497 u5 DF498 s18
     DF499 s16 DF500 s32 DF501 s18 DF502 u32 DF503 s18 DF504 u32 DF505 u17 DF506 s18 DF507 s32 DF508 s18 DF509 s32
     DF510 s18 DF511 s32 DF512 s24 DF513 s10 DF514 s10 DF515 u1`,
  ],
  [
    1043,
    `satellite u6 IODN u8 t0 u13 URA u4 x s30 y s30 z s25 vx s17 vy s17 vz s18 ax s10 ay s10 az s10 agf0 s12
     agf1 s8`,
  ],
  [
    1044,
    `DF429 u4 DF430 u16 DF431 s8 DF432 s16 DF433 s22 DF434 u8 DF435 s16 DF436 s16 DF437 s32 DF438 s16 DF439 u32
     DF440 s16 DF441 u32 DF442 u16 DF443 s16 DF444 s32 DF445 s16 DF446 s32 DF447 s16 DF448 s32 DF449 s24 DF450 s14
     DF451 u2 DF452 u10 DF453 u4 DF454 u6 DF455 s8 DF456 u10 DF457 u1`,
  ],
  [
    1045,
    `DF252 u6 DF289 u12 DF290 u10 DF291 u8 DF292 s14 DF293 u14 DF294 s6 DF295 s21 DF296 s31 DF297 s16 DF298 s16
     DF299 s32 DF300 s16 DF301 u32 DF302 s16 DF303 u32 DF304 u14 DF305 s16 DF306 s32 DF307 s16 DF308 s32 DF309 s16
     DF310 s32 DF311 s24 DF312 s10 DF314 u2 DF315 u1 DF001 u7`,
  ],
  [
    1046,
    `DF252 u6 DF289 u12 DF290 u10 DF286 u8 DF292 s14 DF293 u14 DF294 s6 DF295 s21 DF296 s31 DF297 s16 DF298 s16
     DF299 s32 DF300 s16 DF301 u32 DF302 s16 DF303 u32 DF304 u14 DF305 s16 DF306 s32 DF307 s16 DF308 s32 DF309 s16
     DF310 s32 DF311 s24 DF312 s10 DF313 s10 DF316 u2 DF317 u1 DF287 u2 DF288 u1 DF001 u2`,
  ],
];

const MESSAGE_NUMBER: Field = { name: 'DF002', bits: 12, kind: 'unsigned' };

function layoutOf(fields: string): MessageLayout {
  const words = fields.trim().split(/\s+/);
  const layout: Field[] = [MESSAGE_NUMBER];
  for (let index = 0; index < words.length; index += 2) {
    const width = words[index + 1]!;
    layout.push({ name: words[index]!, bits: Number(width.slice(1)), kind: KINDS[width[0]!]! });
  }
  return layout;
}

export const EPHEMERIS_LAYOUTS: ReadonlyMap<number, MessageLayout> = new Map(
  TABLE.map(([number, fields]) => [number, layoutOf(fields)]),
);
