import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type Refusal,
  type RefusalStatus,
  acceptBase,
  acceptRover,
  continue100,
  refuse,
  sourcetableReply,
} from '../../../caster/ntrip/replies.ts';
import { SERVER_TOKEN } from '../../../caster/ntrip/server-token.ts';

const DATE = 'Sat, 21 Nov 2026 12:00:00 GMT';
const SERVER = `Server: ${SERVER_TOKEN}\r\n`;
const TABLE = 'STR;M;M;RTCM 3.3;;2;GPS;;DEU;50.00;8.00;0;0;;none;B;N;0;\r\nENDSOURCETABLE\r\n';

function refusalText(parts: Partial<Refusal>): string {
  const refusal: Refusal = {
    version: 2,
    role: 'rover',
    plainHttp: false,
    status: 401,
    reason: 'badPassword',
    detail: 'the password is wrong',
  };
  return refuse({ ...refusal, ...parts }).toString('utf8');
}

describe('consent', () => {
  test('to a version 1 rover is ICY, a blank line, and nothing else', () => {
    expect(acceptRover(1, { plainHttp: false, chunked: true, date: DATE }).toString()).toBe(
      'ICY 200 OK\r\n\r\n',
    );
  });

  test('to a version 1 base is ICY, a blank line, and nothing else', () => {
    expect(acceptBase(1, { date: DATE }).toString()).toBe('ICY 200 OK\r\n\r\n');
  });

  test('to a version 2 rover is HTTP with the type that pygnssutils insists on', () => {
    expect(acceptRover(2, { plainHttp: false, chunked: false, date: DATE }).toString()).toBe(
      `HTTP/1.1 200 OK\r\nNtrip-Version: Ntrip/2.0\r\n${SERVER}Date: ${DATE}\r\n` +
        'Cache-Control: no-store, no-cache, max-age=0\r\nPragma: no-cache\r\nConnection: close\r\n' +
        'Content-Type: gnss/data\r\n\r\n',
    );
  });

  test('to a version 2 rover says chunked only where it is', () => {
    expect(acceptRover(2, { plainHttp: false, chunked: true, date: DATE }).toString()).toBe(
      `HTTP/1.1 200 OK\r\nNtrip-Version: Ntrip/2.0\r\n${SERVER}Date: ${DATE}\r\n` +
        'Cache-Control: no-store, no-cache, max-age=0\r\nPragma: no-cache\r\nConnection: close\r\n' +
        'Content-Type: gnss/data\r\nTransfer-Encoding: chunked\r\n\r\n',
    );
  });

  test('to plain curl is HTTP with gnss/data and no NTRIP header', () => {
    expect(acceptRover(2, { plainHttp: true, chunked: false, date: DATE }).toString()).toBe(
      `HTTP/1.1 200 OK\r\n${SERVER}Date: ${DATE}\r\n` +
        'Cache-Control: no-store, no-cache, max-age=0\r\nPragma: no-cache\r\nConnection: close\r\n' +
        'Content-Type: gnss/data\r\n\r\n',
    );
  });

  test('to a version 2 base has no length, so that its sender goes on', () => {
    expect(acceptBase(2, { date: DATE }).toString()).toBe(
      `HTTP/1.1 200 OK\r\nNtrip-Version: Ntrip/2.0\r\n${SERVER}Date: ${DATE}\r\n` +
        'Cache-Control: no-store, no-cache, max-age=0\r\nPragma: no-cache\r\nConnection: close\r\n\r\n',
    );
  });

  test('to a base that waits for it is 100 Continue', () => {
    expect(continue100().toString()).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  });
});

describe('the sourcetable', () => {
  test('in version 1 starts with SOURCETABLE 200 OK, which gpsd insists on', () => {
    expect(sourcetableReply(1, false, TABLE, DATE).toString()).toBe(
      `SOURCETABLE 200 OK\r\n${SERVER}Date: ${DATE}\r\nConnection: close\r\nContent-Type: text/plain\r\n` +
        `Content-Length: ${TABLE.length}\r\n\r\n${TABLE}`,
    );
  });

  test('in version 2 is gnss/sourcetable with the flags of the filters', () => {
    expect(sourcetableReply(2, false, TABLE, DATE).toString()).toBe(
      'HTTP/1.1 200 OK\r\nNtrip-Version: Ntrip/2.0\r\nNtrip-Flags: st_filter,st_auth,st_match,st_strict\r\n' +
        `${SERVER}Date: ${DATE}\r\nConnection: close\r\nContent-Type: gnss/sourcetable\r\n` +
        `Content-Length: ${TABLE.length}\r\n\r\n${TABLE}`,
    );
  });

  test('for a browser is text/plain over HTTP', () => {
    expect(sourcetableReply(2, true, TABLE, DATE).toString()).toBe(
      `HTTP/1.1 200 OK\r\n${SERVER}Date: ${DATE}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n` +
        `Content-Length: ${TABLE.length}\r\n\r\n${TABLE}`,
    );
  });

  test('counts its length in bytes', () => {
    expect(sourcetableReply(1, false, Buffer.from('ä\r\n'), DATE).toString()).toContain(
      'Content-Length: 4\r\n\r\nä',
    );
  });
});

describe('refusals of a version 1 base', () => {
  const words: [RefusalStatus, string][] = [
    [400, 'Bad Request'],
    [401, 'Bad Password'],
    [403, 'Mount Point Taken or Invalid'],
    [404, 'Mount Point Taken or Invalid'],
    [405, 'Method Not Allowed'],
    [409, 'Mount Point Taken or Invalid'],
    [413, 'Content Too Large'],
    [429, 'Too Many Requests'],
    [431, 'Request Header Fields Too Large'],
    [500, 'Internal Server Error'],
    [501, 'Not Implemented'],
    [503, 'Service Unavailable'],
  ];
  test.each(words)('%i is one line of ERROR', (status, text) => {
    const detail = 'mountpoint TOKYO is taken';
    expect(refusalText({ version: 1, role: 'base', status, detail, retryAfterS: 9 })).toBe(
      `ERROR - ${text}\r\n`,
    );
  });

  test.each(words)('%i never holds OK, which ntripserver takes for consent', (status) => {
    expect(refusalText({ version: 1, role: 'base', status })).not.toContain('OK');
  });
});

describe('refusals of others', () => {
  test('401 of a version 1 rover is HTTP/1.0 with a challenge and the reason', () => {
    expect(refusalText({ version: 1, realm: '/TEST1', date: DATE })).toBe(
      `HTTP/1.0 401 Unauthorized\r\n${SERVER}Date: ${DATE}\r\nWWW-Authenticate: Basic realm="/TEST1"\r\n` +
        'Connection: close\r\nContent-Type: text/plain\r\nContent-Length: 36\r\n\r\n' +
        'badPassword: the password is wrong\r\n',
    );
  });

  test('401 in version 2 carries Ntrip-Version, without which ntripserver falls back to version 1', () => {
    expect(refusalText({ role: 'base', realm: '/TEST1', date: DATE })).toBe(
      `HTTP/1.1 401 Unauthorized\r\nNtrip-Version: Ntrip/2.0\r\n${SERVER}Date: ${DATE}\r\n` +
        'WWW-Authenticate: Basic realm="/TEST1"\r\nConnection: close\r\nContent-Type: text/plain\r\n' +
        'Content-Length: 36\r\n\r\nbadPassword: the password is wrong\r\n',
    );
  });

  test('404 of a browser has no NTRIP header', () => {
    expect(
      refusalText({ plainHttp: true, status: 404, reason: 'unknownMountpoint', detail: 'no such' }),
    ).toBe(
      `HTTP/1.1 404 Not Found\r\n${SERVER}Connection: close\r\nContent-Type: text/plain\r\n` +
        'Content-Length: 28\r\n\r\nunknownMountpoint: no such\r\n',
    );
  });

  const statusLines: [RefusalStatus, string][] = [
    [400, 'Bad Request'],
    [403, 'Forbidden'],
    [404, 'Not Found'],
    [405, 'Method Not Allowed'],
    [409, 'Conflict'],
    [413, 'Content Too Large'],
    [429, 'Too Many Requests'],
    [431, 'Request Header Fields Too Large'],
    [500, 'Internal Server Error'],
    [501, 'Not Implemented'],
    [503, 'Service Unavailable'],
  ];
  test.each(statusLines)('%i has the words of RFC 9110', (status, words) => {
    expect(refusalText({ status }).split('\r\n', 1)).toStrictEqual([`HTTP/1.1 ${status} ${words}`]);
  });

  test('429 says when to come back, in whole seconds', () => {
    expect(refusalText({ status: 429, retryAfterS: 9.2 })).toContain('\r\nRetry-After: 10\r\n');
  });

  test('405 says what is allowed', () => {
    expect(refusalText({ status: 405 })).toContain('\r\nAllow: GET, POST, PUT\r\n');
  });

  test('a realm cannot break its header', () => {
    expect(refusalText({ realm: '/M"\r\nX: y' })).toContain('Basic realm="/MX: y"\r\n');
  });

  test('a detail cannot break its line', () => {
    expect(refusalText({ detail: 'a\r\n\r\nb' }).endsWith('\r\n\r\nbadPassword: a b\r\n')).toBe(true);
  });

  test('the length counts bytes', () => {
    expect(refusalText({ detail: 'ä' })).toContain('Content-Length: 17\r\n\r\nbadPassword: ä\r\n');
  });
});

test('the Server header names the version of package.json', () => {
  const file = path.resolve(import.meta.dirname, '../../../package.json');
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  expect(SERVER_TOKEN).toBe(`NTRIP Rovercast/${version}`);
});
