// The refusals of real casters become one stable code each, with the caster's words and never the password.
import { describe, expect, test } from 'vitest';
import { refusalFailure, tableFailure, unknownReplyFailure } from '../../../cli/ntrip/refusal-advice.ts';
import { type ReplyHead } from '../../../cli/ntrip/reply-reader.ts';
import { type NtripTarget } from '../../../cli/ntrip/target.ts';

const TARGET: NtripTarget = {
  host: 'h',
  port: 2101,
  tls: false,
  insecure: false,
  mountpoint: 'MOUNT1',
  query: '',
  username: 'u',
  password: 'hunter2',
};

function headOf(statusLine: string, headers: Record<string, string> = {}): ReplyHead {
  const status = Number(/^\S+ (\d{3})/.exec(statusLine)?.[1] ?? 0);
  const protocol = statusLine.startsWith('HTTP') ? 'HTTP' : 'SOURCE';
  return { kind: 'refusal', protocol, status, statusLine, headers: new Map(Object.entries(headers)) };
}

function tableOf(...mountpoints: string[]): Buffer {
  const lines = mountpoints.map((name) => `STR;${name};x;RTCM 3.2;;2;GPS;;DEU;1;2;0;0;;none;B;N;0;\r\n`);
  return Buffer.from(`${lines.join('')}ENDSOURCETABLE\r\n`);
}

describe('a refusal', () => {
  test.each([
    ['HTTP/1.0 401 Unauthorized', 'rover', 'login_refused'],
    ['HTTP/1.1 403 Forbidden', 'rover', 'access_forbidden'],
    ['HTTP/1.1 404 Not Found', 'rover', 'mountpoint_unknown'],
    ['HTTP/1.1 404 Not Found', 'table', 'not_a_caster'],
    ['HTTP/1.1 409 Conflict', 'base', 'mountpoint_taken'],
    ['HTTP/1.1 429 Too Many Requests', 'rover', 'too_many_requests'],
    ['HTTP/1.1 503 Service Unavailable', 'rover', 'caster_busy'],
    ['HTTP/1.1 501 Not Implemented', 'base', 'request_refused'],
    ['HTTP/1.1 302 Found', 'rover', 'request_refused'],
    ['ERROR - Bad Password', 'base', 'login_refused'],
    ['ERROR - Mount Point Taken or Invalid', 'base', 'mountpoint_taken'],
    ['ERROR - Already Connected', 'base', 'mountpoint_taken'],
    ['ERROR - Bad Mountpoint', 'base', 'mountpoint_unknown'],
    ['ERROR - Something Else', 'base', 'request_refused'],
  ] as const)('%s to a %s is %s', (line, role, code) => {
    expect(refusalFailure(headOf(line), '', TARGET, role).code).toBe(code);
  });

  test('the words of the caster are told without markup and control characters', () => {
    const body = '<html><title>x</title><body>Account\u001b[2J <b>expired</b>\r\n</body></html>';
    const { message } = refusalFailure(headOf('HTTP/1.1 401 No'), body, TARGET, 'rover');
    expect(message).toMatch(/the caster says: HTTP\/1\.1 401 No: Account \[2J expired$/);
  });

  test('neither message nor fix holds the password', () => {
    const failures = ['HTTP/1.1 401 No', 'HTTP/1.1 403 No', 'HTTP/1.1 500 No', 'ERROR - No'].map((line) =>
      refusalFailure(headOf(line), '', TARGET, 'base'),
    );
    expect(JSON.stringify(failures)).not.toContain('hunter2');
  });

  test('a login that was not given is told apart from a wrong one', () => {
    const open = { ...TARGET, username: undefined, password: undefined };
    expect(refusalFailure(headOf('HTTP/1.1 401 No'), '', open, 'rover').message).toContain('none were given');
  });

  test('a very long body is cut', () => {
    const { message } = refusalFailure(headOf('HTTP/1.1 401 No'), 'x'.repeat(9000), TARGET, 'rover');
    expect(message.length).toBeLessThan(600);
  });
});

describe('a sourcetable in place of a stream', () => {
  test('names the mountpoints there are', () => {
    expect(tableFailure(tableOf('A', 'B'), TARGET).message).toBe(
      'the caster has no mountpoint MOUNT1; it has A, B',
    );
  });

  test('names the one that differs in case alone', () => {
    expect(tableFailure(tableOf('A', 'mount1'), TARGET).message).toContain('it has mount1');
  });

  test('says where the mountpoint is listed and still not given', () => {
    expect(tableFailure(tableOf('MOUNT1'), TARGET).message).toContain('lists MOUNT1');
  });

  test('a long list is cut', () => {
    const names = Array.from({ length: 500 }, (_, index) => `M${index}`);
    expect(tableFailure(tableOf(...names), TARGET).message).toContain('… (500)');
  });
});

test('what is no caster is shown by its first line', () => {
  const head: ReplyHead = {
    kind: 'unknown',
    protocol: 'none',
    status: 0,
    statusLine: 'SSH-2.0-OpenSSH_9',
    headers: new Map(),
  };
  expect(unknownReplyFailure(head, TARGET)).toMatchObject({
    code: 'not_a_caster',
    message: 'h:2101 answers with "SSH-2.0-OpenSSH_9"',
  });
});
