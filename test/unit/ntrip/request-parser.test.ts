import { describe, expect, test } from 'vitest';
import { type NtripRequest } from '../../../caster/ntrip/request.ts';
import { RequestParser } from '../../../caster/ntrip/request-parser.ts';
import { RECORDED_REQUESTS } from './recorded-requests.ts';
import { singleBytes } from './random.ts';

interface Outcome {
  request: NtripRequest;
  rest: string;
}

/** What comes of the pieces; the rest with everything that follows it. */
function parsePieces(pieces: Buffer[]): Outcome | undefined {
  const parser = new RequestParser();
  for (const [i, piece] of pieces.entries()) {
    const result = parser.push(piece);
    if (!result.done) continue;
    const rest = Buffer.concat([result.rest, ...pieces.slice(i + 1)]);
    return { request: result.request, rest: rest.toString('latin1') };
  }
  return undefined;
}

function parse(text: string): NtripRequest {
  const outcome = parsePieces([Buffer.from(text, 'latin1')]);
  if (outcome === undefined) throw new Error(`the head is not complete: ${JSON.stringify(text)}`);
  return outcome.request;
}

describe('requests of programs in the field', () => {
  test.each(RECORDED_REQUESTS)('$name', ({ bytes, request, rest }) => {
    expect(parsePieces([bytes])).toStrictEqual({ request, rest });
  });

  test.each(RECORDED_REQUESTS)('cut at every byte: $name', ({ bytes, request, rest }) => {
    for (let at = 0; at <= bytes.length; at++) {
      const outcome = parsePieces([bytes.subarray(0, at), bytes.subarray(at)]);
      expect(outcome, `cut at ${at}`).toStrictEqual({ request, rest });
    }
  });

  test.each(RECORDED_REQUESTS)('byte by byte: $name', ({ bytes, request, rest }) => {
    expect(parsePieces(singleBytes(bytes))).toStrictEqual({ request, rest });
  });

  test.each(RECORDED_REQUESTS)('not done one byte before its blank line: $name', ({ bytes, rest }) => {
    const head = bytes.subarray(0, bytes.length - rest.length);
    expect(new RequestParser().push(head.subarray(0, -1))).toStrictEqual({ done: false });
  });

  test('the rest is a view of the chunk and not a copy', () => {
    const chunk = Buffer.from('GET /M HTTP/1.0\r\n\r\n$GPGGA');
    const result = new RequestParser().push(chunk);
    expect(result.done && result.rest.buffer === chunk.buffer).toBe(true);
  });

  test('a parser that is done stays done and hands everything back', () => {
    const parser = new RequestParser();
    const first = parser.push(Buffer.from('GET /M HTTP/1.0\r\n\r\n'));
    const more = Buffer.from('more');
    const second = parser.push(more);
    expect([first.done && first.request, second.done && second.rest]).toStrictEqual([
      second.done && second.request,
      more,
    ]);
  });
});

describe('which version a request is', () => {
  const cases: [string, string, 1 | 2, boolean][] = [
    [
      'the version header counts before the agent',
      'GET /M HTTP/1.0\r\nNtrip-Version: Ntrip/2.0\r\nUser-Agent: NTRIP x\r\n\r\n',
      2,
      false,
    ],
    [
      'the version header is read in any letter case',
      'GET /M HTTP/1.0\r\nNTRIP-VERSION: NTRIP/2.0\r\n\r\n',
      2,
      false,
    ],
    [
      'a version header of 1.0 means 1',
      'GET /M HTTP/1.1\r\nntrip-version: Ntrip/1.0\r\nUser-Agent: curl/8\r\n\r\n',
      1,
      false,
    ],
    [
      'an empty version header counts for none',
      'GET /M HTTP/1.1\r\nNtrip-Version:\r\nUser-Agent: NTRIP x\r\n\r\n',
      1,
      false,
    ],
    ['an agent that holds ntrip means 1', 'GET /M HTTP/1.1\r\nUser-Agent: My nTrIp thing\r\n\r\n', 1, false],
    [
      'a Source-Agent that holds ntrip means 1',
      'GET /M HTTP/1.1\r\nUser-Agent: x\r\nSource-Agent: NTRIP x\r\n\r\n',
      1,
      false,
    ],
    ['neither means plain HTTP', 'GET /M HTTP/1.1\r\nUser-Agent: Mozilla/5.0\r\n\r\n', 2, true],
    ['no header at all means plain HTTP', 'GET /M\r\n\r\n', 2, true],
    ['SOURCE means 1 whatever the headers say', 'SOURCE pw M\r\nNtrip-Version: Ntrip/2.0\r\n\r\n', 1, false],
    ['POST means 2 whatever the headers say', 'POST /M HTTP/1.0\r\nUser-Agent: NTRIP x\r\n\r\n', 2, false],
    ['PUT means 2', 'PUT /M HTTP/1.1\r\nNtrip-Version: Ntrip/1.0\r\n\r\n', 2, false],
  ];
  test.each(cases)('%s', (_name, text, version, plainHttp) => {
    const request = parse(text);
    expect({
      version: request.version,
      plainHttp: 'plainHttp' in request && request.plainHttp,
    }).toStrictEqual({
      version,
      plainHttp,
    });
  });
});

describe('the target of a GET', () => {
  const mountpoints: [string, string][] = [
    ['with a slash', '/M-1.x_Y'],
    ['without a slash', 'M-1.x_Y'],
    ['with two slashes', '//M-1.x_Y'],
    ['in absolute form', 'http://caster.example:2101/M-1.x_Y'],
    ['with a query behind it', '/M-1.x_Y?x=1'],
    ['with percent escapes', '/%4D-1%2Ex_Y'],
  ];
  test.each(mountpoints)('is a mountpoint %s', (_name, target) => {
    expect(parse(`GET ${target} HTTP/1.1\r\n\r\n`)).toMatchObject({ kind: 'rover', mountpoint: 'M-1.x_Y' });
  });

  const tables: [string, string, string][] = [
    ['a slash', '/', ''],
    ['nothing', '', ''],
    ['a host alone', 'http://caster.example:2101', ''],
    ['a bare filter', '/?STR;;;RTCM 3.2;;;;DEU', 'STR;;;RTCM 3.2;;;;DEU'],
    ['a filter without a slash', '?STR;;;', 'STR;;;'],
    ['a filter in absolute form', 'http://caster.example?match=STR%3B', 'match=STR%3B'],
  ];
  test.each(tables)('is the table for %s', (_name, target, query) => {
    expect(parse(`GET ${target} HTTP/1.1\r\n\r\n`)).toMatchObject({ kind: 'sourcetable', query });
  });

  test('may stand without an HTTP version', () => {
    expect(parse('GET /M\r\n\r\n')).toMatchObject({ kind: 'rover', mountpoint: 'M', httpMinor: 0 });
  });

  test('keeps the case of a mountpoint', () => {
    expect(parse('get /TeSt HTTP/1.0\r\n\r\n')).toMatchObject({ mountpoint: 'TeSt' });
  });

  test.each(['/a b', '/a/b', '/M%2', '/M%20', '/ä', `/${'M'.repeat(101)}`, '/M;x', '/*'])(
    'is refused as a mountpoint: %s',
    (target) => {
      expect(parse(`GET ${target} HTTP/1.0\r\nUser-Agent: NTRIP x\r\n\r\n`)).toMatchObject({
        kind: 'bad',
        version: 1,
        reason: 'bad_mountpoint_name',
      });
    },
  );

  test('may have a hundred characters', () => {
    expect(parse(`GET /${'M'.repeat(100)} HTTP/1.0\r\n\r\n`)).toMatchObject({ kind: 'rover' });
  });
});

describe('the line of a version 1 base', () => {
  const accepted: [string, string, string][] = [
    ['SOURCE pw M', 'pw', 'M'],
    ['SOURCE pw /M', 'pw', 'M'],
    ['SOURCE pw M HTTP/1.1', 'pw', 'M'],
    ['SOURCE pw /M  HTTP/1.0', 'pw', 'M'],
    ['SOURCE p/w:%41 M', 'p/w:%41', 'M'],
    ['SOURCE  /M', '', 'M'],
    ['SOURCE pw M ', 'pw', 'M'],
  ];
  test.each(accepted)('%s', (line, password, mountpoint) => {
    expect(parse(`${line}\r\n\r\n`)).toMatchObject({
      kind: 'base',
      version: 1,
      method: 'SOURCE',
      mountpoint,
      credentials: { scheme: 'basic', username: '', password },
    });
  });

  test('a password in UTF-8 is read as such', () => {
    const outcome = parsePieces([Buffer.from('SOURCE schlüssel M\r\n\r\n')]);
    expect(outcome?.request).toMatchObject({ credentials: { password: 'schlüssel' } });
  });

  test.each(['SOURCE', 'SOURCE ', 'SOURCE pw', 'SOURCE a b M', 'SOURCE pw  M'])('is refused: %s', (line) => {
    expect(parse(`${line}\r\n\r\n`)).toMatchObject({ kind: 'bad', reason: 'bad_request_line' });
  });

  test('with an impossible mountpoint is refused in version 1, without repeating the password', () => {
    const request = parse('SOURCE geheim a/b\r\n\r\n');
    expect([request.version, JSON.stringify(request).includes('geheim')]).toStrictEqual([1, false]);
  });
});

describe('headers', () => {
  test('of a body are understood', () => {
    const request = parse(
      'POST /M HTTP/1.1\r\nTransfer-Encoding: gzip, Chunked\r\nContent-Length: 5\r\nEXPECT: 100-Continue\r\n\r\n',
    );
    expect(request).toMatchObject({
      chunkedBody: true,
      gzip: true,
      expectContinue: true,
      contentLength: undefined,
    });
  });

  test('may declare a rover to send chunks upstream', () => {
    expect(parse('GET /M HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n')).toMatchObject({
      chunkedBody: true,
    });
  });

  test.each(['-1', '1e3', '12 34', '9'.repeat(16)])('with a length of "%s" are refused', (value) => {
    expect(parse(`POST /M HTTP/1.1\r\nContent-Length: ${value}\r\n\r\n`)).toMatchObject({
      kind: 'bad',
      reason: 'bad_content_length',
    });
  });

  test('without value count for none, as in what str2str sends without a table record', () => {
    expect(parse('SOURCE pw M\r\nSource-Agent: NTRIP x\r\nSTR: \r\n\r\n')).toMatchObject({ str: undefined });
  });

  test('that several proxies added are joined in their order', () => {
    const request = parse(
      'GET /M HTTP/1.1\r\nX-Forwarded-For: 192.0.2.1\r\nx-forwarded-for: 198.51.100.2\r\n\r\n',
    );
    expect(request).toMatchObject({ forwardedFor: '192.0.2.1, 198.51.100.2' });
  });

  test('of which one repeats count once, the first time', () => {
    expect(parse('GET /M HTTP/1.1\r\nUser-Agent: NTRIP a\r\nUser-Agent: b\r\n\r\n')).toMatchObject({
      userAgent: 'NTRIP a',
    });
  });

  test('may be blank, without colon, or named like a property of every object', () => {
    const request = parse(
      'GET /M HTTP/1.1\r\nnonsense\r\n: x\r\nconstructor: x\r\n__proto__: x\r\nHost : h\r\n\r\n',
    );
    expect(request).toMatchObject({ kind: 'rover', mountpoint: 'M', userAgent: '' });
  });

  test('may end in more than one carriage return', () => {
    expect(parse('GET /M HTTP/1.1\r\r\nUser-Agent: NTRIP x\r\r\n\r\r\n')).toMatchObject({
      userAgent: 'NTRIP x',
    });
  });

  test('in Latin-1 and in UTF-8 are both read', () => {
    const agents = [Buffer.from('NTRIP Gerät', 'latin1'), Buffer.from('NTRIP Gerät', 'utf8')].map((agent) => {
      const head = Buffer.concat([
        Buffer.from('GET /M HTTP/1.1\r\nUser-Agent: '),
        agent,
        Buffer.from('\r\n\r\n'),
      ]);
      const outcome = parsePieces([head]);
      return outcome?.request.kind === 'rover' ? outcome.request.userAgent : undefined;
    });
    expect(agents).toStrictEqual(['NTRIP Gerät', 'NTRIP Gerät']);
  });

  test('never make an agent longer than 256 characters', () => {
    const request = parse(`GET /M HTTP/1.1\r\nUser-Agent: ${'x'.repeat(5000)}\r\n\r\n`);
    expect(request.kind === 'rover' && request.userAgent.length).toBe(256);
  });

  test('may follow blank lines before the request', () => {
    expect(parse('\r\n\nGET /M HTTP/1.1\r\n\r\n')).toMatchObject({ kind: 'rover' });
  });
});
