import { describe, expect, test } from 'vitest';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BAD_REQUEST_STATUS, type BadRequest } from '../../../caster/ntrip/request.ts';
import { RequestParser } from '../../../caster/ntrip/request-parser.ts';

/** Feeds `bytes` in pieces of `pieceBytes` and says after how many bytes the parser refused. */
function refusal(
  bytes: Buffer,
  pieceBytes = bytes.length,
): { request: BadRequest; after: number } | undefined {
  const parser = new RequestParser();
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const result = parser.push(bytes.subarray(at, at + pieceBytes));
    if (!result.done) continue;
    if (result.request.kind !== 'bad' || result.rest.length > 0) return undefined;
    return { request: result.request, after: Math.min(bytes.length, at + pieceBytes) };
  }
  return undefined;
}

const longHeader = Buffer.from(`GET /M HTTP/1.1\r\nX: ${'x'.repeat(1_000_000)}`);
const clientHello = Buffer.from('1603010200010001fc0303', 'hex');

describe('what no receiver sends is refused', () => {
  const cases: [string, Buffer, BadRequest['reason'], string][] = [
    ['a TLS ClientHello', clientHello, 'tls_handshake', ''],
    ['RTCM', Buffer.from('d300133ed0', 'hex'), 'bad_request_line', ''],
    ['an SSH greeting', Buffer.from('SSH-2.0-OpenSSH_9.2\r\n'), 'bad_request_line', ''],
    ['a word alone', Buffer.from('GET\r\n'), 'bad_request_line', ''],
    ['an NMEA line', Buffer.from('$GPGGA,123519'), 'bad_request_line', ''],
    ['a word that does not end', Buffer.from('A'.repeat(17)), 'bad_request_line', ''],
    ['a control character in the first line', Buffer.from('GET /M\x00'), 'bad_request_line', ''],
    ['a DEL in the first line', Buffer.from('GET /M\x7f'), 'bad_request_line', ''],
    ['a carriage return in the first line', Buffer.from('GET /M\rX'), 'bad_request_line', ''],
    [
      'a control character in a header',
      Buffer.from('GET /M HTTP/1.0\r\nUser-Agent: a\x1bb'),
      'bad_header',
      'GET',
    ],
    ['an unknown method', Buffer.from('DELETE /M HTTP/1.1\r\n'), 'unknown_method', 'DELETE'],
    ["BKG's telnet verb", Buffer.from('ADMIN pw\r\n'), 'unknown_method', 'ADMIN'],
    ['an HTTP/2 preface', Buffer.from('PRI * HTTP/2.0\r\n'), 'unknown_method', 'PRI'],
    ['an RTSP set-up', Buffer.from('SETUP rtsp://h/M RTSP/1.0\r\n'), 'rtsp', 'SETUP'],
    [
      'RTSP with a method that HTTP has too',
      Buffer.from('OPTIONS rtsp://h/M RTSP/1.0\r\n'),
      'rtsp',
      'OPTIONS',
    ],
    ['a first line over 8192 bytes', Buffer.from(`GET /${'M'.repeat(8190)}`), 'request_line_too_long', ''],
    ['a header line over 8192 bytes', longHeader, 'line_too_long', 'GET'],
    [
      'a head over 16384 bytes',
      Buffer.from(`GET /M\n${`X: ${'x'.repeat(4000)}\n`.repeat(5)}`),
      'head_too_large',
      'GET',
    ],
    ['blank lines without end', Buffer.from('\r\n'.repeat(9000)), 'head_too_large', ''],
    ['101 headers', Buffer.from(`GET /M\n${'X: x\n'.repeat(101)}`), 'header_too_many', 'GET'],
  ];
  test.each(cases)('%s', (_name, bytes, reason, method) => {
    expect(refusal(bytes)?.request).toMatchObject({ reason, method });
  });

  test.each(cases)('byte by byte with the same words: %s', (_name, bytes) => {
    expect(refusal(bytes, 1)?.request).toStrictEqual(refusal(bytes)?.request);
  });

  const certain: [string, Buffer, number][] = [
    ['a TLS ClientHello at its first byte', clientHello, 1],
    ['RTCM at its first byte', Buffer.from('d300133ed0', 'hex'), 1],
    ['a control character where it stands', Buffer.from('GET /M\x00HTTP/1.1\r\n'), 7],
    ['an endless header line at its 8193rd byte', longHeader, 17 + 8193],
    ['an endless first line at its 8193rd byte', Buffer.from(`GET /${'M'.repeat(20_000)}`), 8193],
    ['an endless head at its 16385th byte', Buffer.from('\n'.repeat(20_000)), 16_385],
    ['the 101st header at its end', Buffer.from(`GET /M\n${'X: x\n'.repeat(200)}`), 7 + 101 * 5],
    ['an unknown method at the end of its line', Buffer.from('DELETE /M HTTP/1.1\r\nHost: h\r\n\r\n'), 20],
  ];
  test.each(certain)('%s', (_name, bytes, after) => {
    expect(refusal(bytes, 1)?.after).toBe(after);
  });
});

describe('what is only just small enough is accepted', () => {
  const cases: [string, string][] = [
    ['a first line of 8192 bytes', `GET /?${'x'.repeat(8192 - 6)}\n\n`],
    ['a header line of 8192 bytes', `GET /M\nX: ${'x'.repeat(8192 - 3)}\n\n`],
    [
      'a head of 16384 bytes',
      `GET /M\n${`X: ${'x'.repeat(4084)}\n`.repeat(4)}${' '.repeat(16_384 - 7 - 4 * 4088 - 2)}\n\n`,
    ],
    ['100 headers', `GET /M\n${'X: x\n'.repeat(100)}\n`],
  ];
  test.each(cases)('%s', (_name, text) => {
    const result = new RequestParser().push(Buffer.from(text));
    expect(result.done && result.request.kind).not.toBe('bad');
  });
});

describe('limits', () => {
  test('can be set', () => {
    const parser = new RequestParser({ lineBytesMax: 20, headBytesMax: 1000, headersMax: 10 });
    const result = parser.push(Buffer.from('GET /a-mountpoint-with-a-long-name HTTP/1.0\r\n\r\n'));
    expect(result).toMatchObject({ done: true, request: { reason: 'request_line_too_long' } });
  });

  test('have the statuses of the wire tables', () => {
    expect(BAD_REQUEST_STATUS).toMatchObject({
      request_line_too_long: 400,
      line_too_long: 431,
      unknown_method: 501,
      rtsp: 501,
    });
  });

  test('bound what a parser holds to one line, whatever it was sent', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const chunk = Buffer.from(`GET /M HTTP/1.1\r\nX: ${'x'.repeat(8000)}\r\nY: ${'y'.repeat(7000)}`);
    const parsers = Array.from({ length: 400 }, () => new RequestParser());
    const held = await heldBytes(collect, () => {
      for (const parser of parsers) {
        for (let at = 0; at < chunk.length; at += 100) parser.push(Buffer.from(chunk.subarray(at, at + 100)));
      }
    });
    // 8192 a parser, and room for what else the process holds at that moment (Node's own buffer pool).
    expect(held).toBeLessThanOrEqual(parsers.length * 8192 + 262_144);
  });
});

/** How much more memory for bytes is in use after `work` than before, once garbage is gone (freed in the background). */
async function heldBytes(collect: () => void, work: () => void): Promise<number> {
  const settled = async (): Promise<number> => {
    let least = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 20; round++) {
      collect();
      await new Promise((resolve) => setImmediate(resolve));
      least = Math.min(least, process.memoryUsage().arrayBuffers);
    }
    return least;
  };
  const before = await settled();
  work();
  return (await settled()) - before;
}
