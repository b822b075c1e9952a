import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { CHUNK_END, ChunkedDecoder, type ChunkedResult, encodeChunk } from '../../../caster/ntrip/chunked.ts';
import { cutRandomly, integerBelow, randomSource, singleBytes } from './random.ts';

const SEED = 4711;
const ODD = path.resolve(import.meta.dirname, '../../../../shared/data/odd');
const hasRecordings = existsSync(path.join(ODD, 'ntrip_chunked.bin'));

interface Decoded {
  data: Buffer;
  result: ChunkedResult;
  decoder: ChunkedDecoder;
}

function decode(pieces: Buffer[]): Decoded {
  const decoder = new ChunkedDecoder();
  const data: Buffer[] = [];
  let result: ChunkedResult = { state: 'more' };
  for (const piece of pieces) result = decoder.push(piece, (bytes) => data.push(Buffer.from(bytes)));
  return { data: Buffer.concat(data), result, decoder };
}

function decodeText(text: string): { data: string; result: ChunkedResult } {
  const { data, result } = decode([Buffer.from(text, 'latin1')]);
  return { data: data.toString('latin1'), result };
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe.skipIf(!hasRecordings)(
  `recorded bodies${hasRecordings ? '' : ' (skipped: no recordings in ../shared/data)'}`,
  () => {
    const read = (name: string): Buffer => readFileSync(path.join(ODD, name));
    const expected = (name: string): { dechunked_sha256: string; dechunked_chunks: number } =>
      JSON.parse(read(`${name}.json`).toString()) as { dechunked_sha256: string; dechunked_chunks: number };
    const files = hasRecordings ? ['ntrip_chunked.bin', 'ntrip_encode_chunked.bin'] : [];

    test.each(files)('%s in one piece', (name) => {
      expect(sha256(decode([read(name)]).data)).toBe(expected(name).dechunked_sha256);
    });

    test.each(files)('%s byte by byte', (name) => {
      expect(sha256(decode(singleBytes(read(name))).data)).toBe(expected(name).dechunked_sha256);
    });

    test.each(files)(`%s in random pieces (seed ${SEED})`, (name) => {
      const random = randomSource(SEED);
      const sums = Array.from({ length: 20 }, () =>
        sha256(decode(cutRandomly(read(name), random, 3000)).data),
      );
      expect(new Set(sums)).toStrictEqual(new Set([expected(name).dechunked_sha256]));
    });

    test('a body whose sender leaves out the last blank line is known to have ended', () => {
      expect(decode([read('ntrip_encode_chunked.bin')]).decoder.sawLastChunk).toBe(true);
    });

    test('chunks that hold gzip come out one by one', () => {
      const name = 'ntrip_encode_chunkedgzip.bin';
      const members: Buffer[] = [];
      new ChunkedDecoder().push(read(name), (bytes) => members.push(gunzipSync(bytes)));
      const { dechunked_sha256, dechunked_chunks } = expected(name);
      expect([sha256(Buffer.concat(members)), members.length]).toStrictEqual([
        dechunked_sha256,
        dechunked_chunks,
      ]);
    });
  },
);

describe('a chunked body', () => {
  const accepted: [string, string, string][] = [
    [
      'of RFC 9112',
      '4\r\nWiki\r\n7\r\npedia i\r\nB\r\nn \r\nchunks.\r\n0\r\n\r\n',
      'Wikipedia in \r\nchunks.',
    ],
    ['with extensions', '4;name="a;b"; x\r\nWiki\r\n0;last\r\n\r\n', 'Wiki'],
    ['with blanks after the size', '4 \r\nWiki\r\n0\t\r\n\r\n', 'Wiki'],
    ['with leading zeros', '0004\r\nWiki\r\n00\r\n\r\n', 'Wiki'],
    ['with bare LF', '4\nWiki\n0\n\n', 'Wiki'],
    ['with trailers', '4\r\nWiki\r\n0\r\nA: b\r\nC: d\r\n\r\n', 'Wiki'],
    ['without data', '0\r\n\r\n', ''],
  ];
  test.each(accepted)('%s is decoded', (_name, text, data) => {
    expect(decodeText(text)).toStrictEqual({ data, result: { state: 'end', rest: Buffer.alloc(0) } });
  });

  test.each(accepted)('%s is decoded byte by byte', (_name, text, data) => {
    const decoded = decode(singleBytes(Buffer.from(text)));
    expect([decoded.data.toString(), decoded.result.state]).toStrictEqual([data, 'end']);
  });

  test('hands back what follows it', () => {
    const { result } = decodeText('1\r\nx\r\n0\r\n\r\nGET /');
    expect(result.state === 'end' && result.rest.toString()).toBe('GET /');
  });

  const damaged: [string, string, (ChunkedResult & { state: 'bad' })['reason']][] = [
    ['no line end after its data', '1\r\nxy\r\n', 'missing_line_end'],
    ['a later line that is no size', '1\r\nx\r\nzz\r\n', 'bad_size'],
    ['an empty later size line', '1\r\nx\r\n\r\n', 'bad_size'],
    ['a carriage return inside a later size line', '1\r\nx\r\n1\r2\r\n', 'bad_size'],
    ['a chunk of 2 GiB', '80000000\r\n', 'size_too_large'],
    ['a later size line of 300 bytes', `1\r\nx\r\n1;${'e'.repeat(300)}\r\n`, 'line_too_long'],
    ['trailers of more than 4 KiB', `1\r\nx\r\n0\r\n${'A: b\r\n'.repeat(1000)}\r\n`, 'trailer_too_long'],
  ];
  test.each(damaged)('is bad with %s', (_name, text, reason) => {
    expect(decodeText(text).result).toStrictEqual({ state: 'bad', reason });
  });

  test('stays bad once it is', () => {
    const { decoder } = decode([Buffer.from('1\r\nxy')]);
    expect(decoder.push(Buffer.from('1\r\n'), () => expect.fail('data after a fault'))).toMatchObject({
      state: 'bad',
    });
  });
});

describe('a body that is declared chunked and is not', () => {
  const raw: [string, Buffer][] = [
    ['RTCM', Buffer.from('d300133ed00003', 'hex')],
    ['bytes that begin like a size', Buffer.from('d3\x00\x13', 'latin1')],
    ['a size that no line end follows', Buffer.from('12AB\rX', 'latin1')],
    ['a first line of 300 digits', Buffer.from(`1;${'x'.repeat(300)}`)],
    ['a blank first line', Buffer.from('\r\n$GPGGA')],
  ];
  test.each(raw)('passes as it comes: %s', (_name, bytes) => {
    expect(decode([bytes, bytes]).data).toStrictEqual(Buffer.concat([bytes, bytes]));
  });

  test.each(raw)('passes whole when cut at every byte: %s', (_name, bytes) => {
    const decoded = decode(singleBytes(bytes));
    expect([decoded.data, decoded.decoder.isRaw]).toStrictEqual([bytes, true]);
  });
});

describe('an encoded chunk', () => {
  test('is size, data and line ends', () => {
    expect(encodeChunk(Buffer.from('a'.repeat(30))).toString()).toBe(`1e\r\n${'a'.repeat(30)}\r\n`);
  });

  test('fills an ArrayBuffer of its own', () => {
    const chunk = encodeChunk(Buffer.from('abc'));
    expect([chunk.byteOffset, chunk.buffer.byteLength]).toStrictEqual([0, chunk.length]);
  });

  test('of nothing is nothing, since an empty chunk would end the body', () => {
    expect(encodeChunk(Buffer.alloc(0)).length).toBe(0);
  });

  test('the end of a body is an empty chunk and a blank line', () => {
    expect(CHUNK_END.toString()).toBe('0\r\n\r\n');
  });
});

test(`random bytes never throw, and mean the same however they are cut (seed ${SEED})`, () => {
  const random = randomSource(SEED);
  const alphabet = Buffer.from('0123456789abcdefABCDEF\r\n\r\n\r\n; xZ\x00\xd3', 'latin1');
  for (let round = 0; round < 20_000; round++) {
    const bytes = Buffer.from(
      Array.from(
        { length: integerBelow(random, 60) },
        () => alphabet[integerBelow(random, alphabet.length)]!,
      ),
    );
    const whole = decode([bytes]);
    const cut = decode(cutRandomly(bytes, random, 8));
    if (!whole.data.equals(cut.data) || whole.result.state !== cut.result.state) {
      // What follows an end comes with the piece it is in.
      expect.fail(`round ${round}: ${JSON.stringify(bytes.toString('latin1'))}`);
    }
  }
});
