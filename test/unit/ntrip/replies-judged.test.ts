// Version 2 replies as Python's http.client reads them: a strict HTTP reader that we did not write.
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { CHUNK_END, encodeChunk } from '../../../caster/ntrip/chunked.ts';
import { acceptBase, acceptRover, refuse, sourcetableReply } from '../../../caster/ntrip/replies.ts';
import { cutRandomly, randomSource } from './random.ts';

const DATE = 'Sat, 21 Nov 2026 12:00:00 GMT';
const JUDGE = `
import http.client, io, json, sys
class Socket:
    def __init__(self, data): self.data = data
    def makefile(self, *args, **kwargs): return io.BytesIO(self.data)
reply = http.client.HTTPResponse(Socket(sys.stdin.buffer.read()))
reply.begin()
print(json.dumps({"status": reply.status, "words": reply.reason, "minor": reply.version,
    "headers": {k.lower(): v for k, v in reply.getheaders()}, "body": reply.read().hex()}))
`;
const hasPython = spawnSync('python3', ['-c', 'import http.client']).status === 0;

interface Verdict {
  status: number;
  words: string;
  minor: number;
  headers: Record<string, string>;
  body: string;
}

function judge(bytes: Buffer): Verdict {
  const { stdout, stderr, status } = spawnSync('python3', ['-c', JUDGE], { input: bytes });
  if (status !== 0) throw new Error(stderr.toString());
  return JSON.parse(stdout.toString()) as Verdict;
}

describe.skipIf(!hasPython)(`http.client reads${hasPython ? '' : ' (skipped: no python3)'}`, () => {
  const stream = Buffer.from(Array.from({ length: 5000 }, (_byte, i) => (i * 7) & 0xff));

  test('a raw stream to its end', () => {
    const head = acceptRover(2, { plainHttp: false, chunked: false, date: DATE });
    expect(judge(Buffer.concat([head, stream]))).toMatchObject({
      status: 200,
      minor: 11,
      headers: { 'content-type': 'gnss/data', 'ntrip-version': 'Ntrip/2.0', connection: 'close', date: DATE },
      body: stream.toString('hex'),
    });
  });

  test('a chunked stream without its chunks', () => {
    const head = acceptRover(2, { plainHttp: false, chunked: true, date: DATE });
    const chunks = cutRandomly(stream, randomSource(3), 400).map(encodeChunk);
    expect(judge(Buffer.concat([head, ...chunks, CHUNK_END])).body).toBe(stream.toString('hex'));
  });

  test('the consent to a base', () => {
    expect(judge(acceptBase(2, { date: DATE }))).toMatchObject({ status: 200, words: 'OK', body: '' });
  });

  test('a sourcetable up to its length', () => {
    const table = 'STR;ä\r\nENDSOURCETABLE\r\n';
    expect(
      judge(Buffer.concat([sourcetableReply(2, false, table, DATE), Buffer.from('surplus')])),
    ).toMatchObject({
      status: 200,
      headers: { 'content-type': 'gnss/sourcetable' },
      body: Buffer.from(table).toString('hex'),
    });
  });

  test('a refusal with its reason', () => {
    const refusal = refuse({
      version: 2,
      role: 'rover',
      plainHttp: false,
      status: 429,
      reason: 'loginsPerMinute',
      detail: 'too many logins',
      retryAfterS: 30,
      date: DATE,
    });
    expect(judge(refusal)).toMatchObject({
      status: 429,
      words: 'Too Many Requests',
      headers: { 'retry-after': '30', 'content-type': 'text/plain' },
      body: Buffer.from('loginsPerMinute: too many logins\r\n').toString('hex'),
    });
  });
});
