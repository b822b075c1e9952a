// Our side of NTRIP against every reply form that casters of the field use (v1 with one and two line ends, with headers,
// v2 raw and chunked, refusals, a sourcetable, silence), each cut at random places.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeChunk } from '../../../caster/ntrip/chunked.ts';
import { type ConnectionEnd, runConnection } from '../../../cli/ntrip/connection.ts';
import { type RequestRole } from '../../../cli/ntrip/reply-reader.ts';
import { roverRequest } from '../../../cli/ntrip/requests.ts';
import { type NtripTarget } from '../../../cli/ntrip/target.ts';
import { CUT_SEED, type ScriptedCaster, startCaster, type Visit } from './scripted-caster.ts';
import { simulatedEpochs } from './stream-bytes.ts';

const STREAM = Buffer.concat(simulatedEpochs(3));
const V2 = 'HTTP/1.1 200 OK\r\nNtrip-Version: Ntrip/2.0\r\nServer: NTRIP X/1\r\nContent-Type: gnss/data\r\n';
const TABLE = 'STR;OTHER;x;RTCM 3.2;;2;GPS;;DEU;1;2;0;0;;none;N;N;0;\r\nENDSOURCETABLE\r\n';

interface Outcome {
  readonly end: ConnectionEnd;
  readonly received: Buffer;
}

const open: ScriptedCaster[] = [];
afterAll(async () => {
  await Promise.all(open.map(async (caster) => caster.close()));
});

function targetOf(port: number, more: Partial<NtripTarget> = {}): NtripTarget {
  return {
    host: '127.0.0.1',
    port,
    tls: false,
    insecure: false,
    mountpoint: 'M',
    query: '',
    username: 'u',
    password: 'hunter2',
    ...more,
  };
}

async function connect(
  target: NtripTarget,
  role: RequestRole = 'rover',
  replyTimeoutMs = 5000,
): Promise<Outcome> {
  const received: Buffer[] = [];
  const end = await runConnection({
    target,
    role,
    request: roverRequest(target, 2),
    replyTimeoutMs,
    connectTimeoutMs: 5000,
    signal: new AbortController().signal,
    onAccepted: () => undefined,
    onData: (bytes) => received.push(Buffer.from(bytes)),
  });
  return { end, received: Buffer.concat(received) };
}

async function visit(script: (visit: Visit) => void | Promise<void>, role?: RequestRole): Promise<Outcome> {
  const caster = await startCaster(script);
  open.push(caster);
  return connect(targetOf(caster.port), role);
}

/** Answers with `reply` and closes. */
function answering(reply: Buffer | string): (visit: Visit) => Promise<void> {
  return async ({ socket, sendCut }) => {
    await sendCut(reply);
    socket.end();
  };
}

async function portOf(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function withBody(head: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(head), body]);
}

describe(`a stream that is accepted (cuts of seed ${CUT_SEED})`, () => {
  const chunks = Buffer.concat([
    ...Array.from({ length: Math.ceil(STREAM.length / 100) }, (_, index) =>
      encodeChunk(STREAM.subarray(index * 100, (index + 1) * 100)),
    ),
    Buffer.from('0\r\n\r\n'),
  ]);

  test.each([
    ['v1 with one line end', withBody('ICY 200 OK\r\n', STREAM)],
    ['v1 with two line ends', withBody('ICY 200 OK\r\n\r\n', STREAM)],
    ['v1 with headers', withBody('ICY 200 OK\r\nServer: X\r\nContent-Length: 0\r\n\r\n', STREAM)],
    ['v2 raw', withBody(`${V2}\r\n`, STREAM)],
    ['v2 raw without Content-Type', withBody('HTTP/1.0 200 OK\r\n\r\n', STREAM)],
    ['v2 raw without a blank line', withBody('HTTP/1.1 200 OK\r\n', STREAM)],
    ['v2 chunked', withBody(`${V2}Transfer-Encoding: chunked\r\n\r\n`, chunks)],
    ['v2 that says chunked and is raw', withBody(`${V2}Transfer-Encoding: chunked\r\n\r\n`, STREAM)],
  ])('%s comes through byte for byte', async (_name, reply) => {
    const { end, received } = await visit(answering(reply));
    expect(received.equals(STREAM)).toBe(true);
    expect(end.kind).toBe('ended');
  });
});

describe('a stream that is refused', () => {
  test.each([
    [
      'HTTP/1.0 401 Unauthorized\r\nWWW-Authenticate: Basic realm="/M"\r\nContent-Length: 4\r\n\r\nnope',
      'login_refused',
    ],
    ['HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n<html>no</html>', 'login_refused'],
    ['HTTP/1.1 403 Forbidden\r\n\r\n', 'access_forbidden'],
    // As str2str does: no blank line.
    ['HTTP/1.0 401 Unauthorized\r\n', 'login_refused'],
    ['ERROR - Bad Password', 'login_refused'],
    ['HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n', 'mountpoint_unknown'],
    ['HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n', 'mountpoint_taken'],
    ['HTTP/1.1 503 Service Unavailable\r\n\r\nfull', 'caster_busy'],
    ['ERROR - Bad Password\r\n', 'login_refused'],
    ['ERROR - Mount Point Taken or Invalid\r\n', 'mountpoint_taken'],
    ['HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>', 'not_a_caster'],
    ['220 mail.example ESMTP\r\n', 'not_a_caster'],
    ['', 'closed_without_reply'],
  ])('the reply %j is %s', async (reply, code) => {
    const { end } = await visit(answering(reply));
    expect(end).toMatchObject({ kind: 'failed', failure: { code } });
    expect(JSON.stringify(end)).not.toContain('hunter2');
  });

  test('a refusal that does not close is told all the same', async () => {
    const { end } = await visit(async ({ sendCut }) => sendCut('HTTP/1.1 401 No\r\n\r\nwait for it'));
    expect(end).toMatchObject({
      kind: 'failed',
      failure: { message: expect.stringContaining('wait for it') as string },
    });
  });

  test('the wish of the caster for the next attempt is told', async () => {
    const { end } = await visit(
      answering('HTTP/1.1 429 Slow\r\nRetry-After: 90\r\nContent-Length: 0\r\n\r\n'),
    );
    expect(end).toMatchObject({ kind: 'failed', retryAfterS: 90 });
  });

  test.each([
    ['v1', `SOURCETABLE 200 OK\r\nContent-Length: ${TABLE.length}\r\n\r\n${TABLE}`, undefined],
    ['v2', `HTTP/1.1 200 OK\r\nContent-Type: gnss/sourcetable\r\n\r\n${TABLE}`, undefined],
    ['v1 that breaks off', `SOURCETABLE 200 OK\r\n\r\n${TABLE.slice(0, 30)}`, 'the connection was closed'],
  ])('a sourcetable of %s is handed over', async (_name, reply, fault) => {
    const { end } = await visit(answering(reply));
    expect(end).toMatchObject({ kind: 'table', fault });
    expect(end.kind === 'table' && TABLE.startsWith(end.body.toString())).toBe(true);
  });

  test('silence ends after the time for it', async () => {
    const caster = await startCaster(() => undefined);
    open.push(caster);
    const { end } = await connect(targetOf(caster.port), 'rover', 50);
    expect(end).toMatchObject({ kind: 'failed', failure: { code: 'no_reply' } });
  });
});

describe('a caster that cannot be reached', () => {
  test('a closed port is told', async () => {
    const server = createServer();
    const port = await portOf(server);
    await new Promise((resolve) => server.close(resolve));
    expect((await connect(targetOf(port))).end).toMatchObject({ failure: { code: 'connection_refused' } });
  });

  test('a name that does not exist is told', async () => {
    const { end } = await connect(targetOf(2101, { host: 'nowhere.invalid' }));
    expect(end).toMatchObject({ failure: { code: 'address_unknown' } });
  });

  test('an attempt that is called off ends at once', async () => {
    const caster = await startCaster(() => undefined);
    open.push(caster);
    const stop = new AbortController();
    const target = targetOf(caster.port);
    const ending = runConnection({
      target,
      role: 'rover',
      request: roverRequest(target, 1),
      signal: stop.signal,
      onAccepted: () => undefined,
      onData: () => undefined,
    });
    stop.abort();
    expect(await ending).toEqual({ kind: 'aborted' });
  });
});

describe('TLS', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-tls-'));
  let secure: ScriptedCaster;

  beforeAll(async () => {
    const [certFile, keyFile] = [path.join(folder, 'cert.pem'), path.join(folder, 'key.pem')];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    const words = [
      'req',
      '-x509',
      ...curve,
      '-keyout',
      keyFile,
      '-out',
      certFile,
      '-subj',
      '/CN=caster.example',
    ];
    execFileSync('openssl', words, { stdio: 'ignore' });
    const pem = { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
    secure = await startCaster(answering(withBody('ICY 200 OK\r\n\r\n', STREAM)), pem);
    open.push(secure);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('a certificate of nobody is not trusted', async () => {
    const { end } = await connect(targetOf(secure.port, { tls: true }));
    expect(end).toMatchObject({ failure: { code: 'tls_untrusted' } });
  });

  test('any certificate is taken where that was asked for', async () => {
    const { received } = await connect(targetOf(secure.port, { tls: true, insecure: true }));
    expect(received.equals(STREAM)).toBe(true);
  });

  test('TLS at a port without it is told', async () => {
    const server = createServer((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    );
    const port = await portOf(server);
    const { end } = await connect(targetOf(port, { tls: true, insecure: true }));
    server.close();
    expect(end).toMatchObject({ kind: 'failed', failure: { code: 'tls_failed' } });
  });

  test('no TLS at a port with it is told', async () => {
    const { end } = await connect(targetOf(secure.port), 'rover', 2000);
    expect(end).toMatchObject({
      kind: 'failed',
      failure: { fix: expect.stringContaining('--tls') as string },
    });
  });
});
