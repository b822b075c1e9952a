// What casters answer, in the forms that were seen in the field, cut at every byte: the head is understood, and the
// stream begins exactly where the reply ends.
import { describe, expect, test } from 'vitest';
import { type ReplyHead, ReplyReader, type RequestRole } from '../../../cli/ntrip/reply-reader.ts';
import { seededRandom } from '../rtcm/seeded-random.ts';

/** A real frame (1005) and the start of a second one. */
const FRAME = Buffer.from('d300133ed7d30202980edeef34b4bd62ac0941986f33360b98d30013', 'hex');
const TABLE = 'CAS;h;2101;X;;0;;0.00;0.00;0.0.0.0;0;\r\nENDSOURCETABLE\r\n';

interface Reading {
  heads: ReplyHead[];
  body: Buffer;
  ends: (string | undefined)[];
}

function read(reply: Buffer, role: RequestRole, cuts: readonly number[]): Reading {
  const reading: Reading = { heads: [], body: Buffer.alloc(0), ends: [] };
  const reader = new ReplyReader(role, {
    onHead: (head) => reading.heads.push(head),
    onBody: (bytes) => {
      reading.body = Buffer.concat([reading.body, bytes]);
    },
    onEnd: (fault) => reading.ends.push(fault),
  });
  let start = 0;
  for (const end of [...cuts, reply.length]) {
    // A copy of its own, wiped afterwards: a reader that kept a view into it would be found out.
    const piece = Buffer.from(reply.subarray(start, end));
    reader.push(piece);
    piece.fill(0x41);
    start = end;
  }
  return reading;
}

interface Form {
  readonly name: string;
  readonly role: RequestRole;
  readonly head: string;
  readonly body: Buffer;
  readonly kind: ReplyHead['kind'];
  readonly status: number;
  /** What comes out of `body`; the same where not given. */
  readonly decoded?: Buffer;
}

const V2_HEADERS = 'Ntrip-Version: Ntrip/2.0\r\nServer: NTRIP X/1\r\nContent-Type: gnss/data\r\n';
const chunked = Buffer.concat([
  Buffer.from('0A\r\n'),
  FRAME.subarray(0, 10),
  Buffer.from(`\r\n${(FRAME.length - 10).toString(16)};x=1\r\n`),
  FRAME.subarray(10),
  Buffer.from('\r\n'),
]);

const FORMS: readonly Form[] = [
  {
    name: 'v1, one line end',
    role: 'rover',
    head: 'ICY 200 OK\r\n',
    body: FRAME,
    kind: 'stream',
    status: 200,
  },
  {
    name: 'v1, two line ends',
    role: 'rover',
    head: 'ICY 200 OK\r\n\r\n',
    body: FRAME,
    kind: 'stream',
    status: 200,
  },
  {
    name: 'v1, bare line feeds',
    role: 'rover',
    head: 'ICY 200 OK\n\n',
    body: FRAME,
    kind: 'stream',
    status: 200,
  },
  {
    name: 'v1 with headers (millipede)',
    role: 'rover',
    head: 'ICY 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
    body: FRAME,
    kind: 'stream',
    status: 200,
  },
  { name: 'v1 base, OK', role: 'base', head: 'OK\r\n', body: Buffer.alloc(0), kind: 'stream', status: 200 },
  {
    name: 'v2 raw',
    role: 'rover',
    head: `HTTP/1.1 200 OK\r\n${V2_HEADERS}\r\n`,
    body: FRAME,
    kind: 'stream',
    status: 200,
  },
  {
    name: 'v2 without Content-Type',
    role: 'rover',
    head: 'HTTP/1.0 200 OK\r\n\r\n',
    body: FRAME,
    kind: 'stream',
    status: 200,
  },
  {
    name: 'v2 chunked',
    role: 'rover',
    head: `HTTP/1.1 200 OK\r\n${V2_HEADERS}Transfer-Encoding: chunked\r\n\r\n`,
    body: chunked,
    decoded: FRAME,
    kind: 'stream',
    status: 200,
  },
  {
    name: 'v2 that says chunked and sends none',
    role: 'rover',
    head: `HTTP/1.1 200 OK\r\n${V2_HEADERS}Transfer-Encoding: chunked\r\n\r\n`,
    body: FRAME,
    kind: 'stream',
    status: 200,
  },
  {
    name: 'v2 base behind 100 Continue',
    role: 'base',
    head: 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
    body: Buffer.alloc(0),
    kind: 'stream',
    status: 200,
  },
  {
    name: 'v1 sourcetable',
    role: 'rover',
    head: `SOURCETABLE 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${TABLE.length}\r\n\r\n`,
    body: Buffer.from(TABLE),
    kind: 'table',
    status: 200,
  },
  {
    name: 'v2 sourcetable',
    role: 'table',
    head: `HTTP/1.1 200 OK\r\nContent-Type: gnss/sourcetable\r\nContent-Length: ${TABLE.length}\r\n\r\n`,
    body: Buffer.from(TABLE),
    kind: 'table',
    status: 200,
  },
  {
    name: '401',
    role: 'rover',
    head: 'HTTP/1.0 401 Unauthorized\r\nWWW-Authenticate: Basic realm="/M"\r\nContent-Length: 2\r\n\r\n',
    body: Buffer.from('no'),
    kind: 'refusal',
    status: 401,
  },
  {
    name: '404',
    role: 'rover',
    head: 'HTTP/1.1 404 Not Found\r\n\r\n',
    body: Buffer.alloc(0),
    kind: 'refusal',
    status: 404,
  },
  {
    name: '409',
    role: 'base',
    head: 'HTTP/1.1 409 Conflict\r\n\r\n',
    body: Buffer.alloc(0),
    kind: 'refusal',
    status: 409,
  },
  {
    name: 'ERROR',
    role: 'base',
    head: 'ERROR - Bad Password\r\n',
    body: Buffer.alloc(0),
    kind: 'refusal',
    status: 0,
  },
  {
    name: 'ICY 401',
    role: 'rover',
    head: 'ICY 401 Unauthorized\r\n',
    body: Buffer.alloc(0),
    kind: 'refusal',
    status: 401,
  },
];

const SEED = 20_261_122;

describe.each(FORMS)('a reply of the form $name', ({ role, head, body, kind, status, decoded = body }) => {
  const reply = Buffer.concat([Buffer.from(head), body]);
  const expected = { kind: [kind], status: [status], body: decoded.toString('hex') };
  const outcome = ({ heads, body: got }: Reading): typeof expected => ({
    kind: heads.map((each) => each.kind),
    status: heads.map((each) => each.status),
    body: got.toString('hex'),
  });

  test('is understood in one piece', () => {
    expect(outcome(read(reply, role, []))).toEqual(expected);
  });

  test('is understood cut anywhere once', () => {
    const wrong = Array.from({ length: reply.length - 1 }, (_, index) => index + 1).filter(
      (cut) => JSON.stringify(outcome(read(reply, role, [cut]))) !== JSON.stringify(expected),
    );
    expect(wrong).toEqual([]);
  });

  test('is understood byte by byte', () => {
    const cuts = Array.from({ length: reply.length - 1 }, (_, index) => index + 1);
    expect(outcome(read(reply, role, cuts))).toEqual(expected);
  });
});

describe('a reply', () => {
  test('the head has its headers by their names in lower case', () => {
    const { heads } = read(
      Buffer.from('HTTP/1.1 401 No\r\nServer:  NTRIP X \r\nRETRY-AFTER: 9\r\n\r\n'),
      'rover',
      [],
    );
    expect([...heads[0]!.headers]).toEqual([
      ['server', 'NTRIP X'],
      ['retry-after', '9'],
    ]);
  });

  test('a body with a length ends at it', () => {
    const reply = 'SOURCETABLE 200 OK\r\nContent-Length: 3\r\n\r\nabcdef';
    const { body, ends } = read(Buffer.from(reply), 'rover', []);
    expect([body.toString(), ends]).toEqual(['abc', [undefined]]);
  });

  test('chunks that break off say why', () => {
    const reply = `HTTP/1.1 200 OK\r\n${V2_HEADERS}Transfer-Encoding: chunked\r\n\r\n1\r\nXYZ\r\n`;
    expect(read(Buffer.from(reply), 'rover', []).ends).toEqual([expect.stringContaining('chunks')]);
  });

  test('a web page is no stream', () => {
    const reply = 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>';
    expect(read(Buffer.from(reply), 'rover', []).heads[0]!.kind).toBe('unknown');
  });

  test.each([
    ['corrections without a reply', FRAME],
    ['another protocol', Buffer.from('SSH-2.0-OpenSSH_9\r\n')],
    ['a line without end', Buffer.alloc(5000, 0x61)],
  ])('%s is no reply of a caster', (_name, bytes) => {
    expect(read(bytes, 'rover', []).heads.map(({ kind }) => kind)).toEqual(['unknown']);
  });

  test('a head without end is given up', () => {
    const endless = Buffer.from(`HTTP/1.1 200 OK\r\n${'X-Header: 1\r\n'.repeat(2000)}`);
    expect(read(endless, 'rover', []).heads.map(({ kind }) => kind)).toEqual(['unknown']);
  });

  test(`random bytes never break it (seed ${SEED})`, () => {
    const random = seededRandom(SEED);
    for (let round = 0; round < 3000; round++) {
      const { head } = FORMS[random.below(FORMS.length)]!;
      const bytes = Buffer.concat([Buffer.from(head), random.bytes(random.below(60))]);
      for (let flips = random.below(4); flips > 0; flips--)
        bytes[random.below(bytes.length)] = random.below(256);
      const { heads } = read(
        bytes,
        'rover',
        [random.below(bytes.length), bytes.length >> 1].sort((a, b) => a - b),
      );
      expect(heads.length, bytes.toString('latin1')).toBeLessThanOrEqual(1);
    }
  });
});
