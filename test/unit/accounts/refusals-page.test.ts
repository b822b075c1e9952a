// Holds docs/refusals.md against what devices really get, both ways: each cell of its tables is compared with the reply
// of a handshake on a real socket, or with the program's own table.

import { describe, expect, test } from 'vitest';
import {
  REFUSAL_REASON_NAMES,
  REFUSAL_REASONS,
  type RefusalReason,
} from '../../../caster/accounts/refusal-reason.ts';
import { BAD_REQUEST_STATUS, type BadReason } from '../../../caster/ntrip/request.ts';
import { type FilterErrorReason } from '../../../caster/ntrip/sourcetable-filter.ts';
import { connectHandshake, replyTo } from '../net/connected-handshake.ts';
import { tableOf } from '../platform/observe/markdown-table.ts';

const rows = tableOf('refusals.md', '## A rover or base is not let in');

/** What only a base or only a rover can be told; everything else both. */
const BASES_ONLY: readonly string[] = [
  'base_password_wrong',
  'mountpoint_taken',
  'mountpoint_takes_no_base',
  'coding_unsupported',
] satisfies RefusalReason[];
const ROVERS_ONLY: readonly string[] = [
  'credentials_wrong',
  'account_disabled',
  'account_expired',
  'mountpoint_not_allowed',
  'mountpoint_raw',
  'sessions_full',
  // Those of apps, devices and accounts of the store.
  ...Object.keys(REFUSAL_REASONS).slice(Object.keys(REFUSAL_REASONS).indexOf('app_unknown')),
] satisfies string[];

const REQUESTS = {
  version1Rover: 'GET /A HTTP/1.0\r\nUser-Agent: NTRIP test/1\r\n\r\n',
  version1Base: 'SOURCE choose-one /A\r\nSource-Agent: NTRIP test/1\r\n\r\n',
  version2Rover: 'GET /A HTTP/1.1\r\nUser-Agent: NTRIP test/1\r\nNtrip-Version: Ntrip/2.0\r\n\r\n',
  version2Base: 'POST /A HTTP/1.1\r\nUser-Agent: NTRIP test/1\r\nNtrip-Version: Ntrip/2.0\r\n\r\n',
  plainHttp: 'GET /A HTTP/1.1\r\nUser-Agent: curl/8\r\n\r\n',
} as const;

/** The reply as the page tells it: the status, the words, or that it is the sourcetable. */
function cellOf(reply: string): string {
  const [line = ''] = reply.split('\r\n');
  if (line === 'SOURCETABLE 200 OK') return 'the sourcetable';
  return /^HTTP\/1\.[01] (\d{3}) /.exec(line)?.[1] ?? line;
}

function replyFor(reason: string, request: keyof typeof REQUESTS): Promise<string> {
  return replyTo(REQUESTS[request], { ok: false, reason: reason as RefusalReason, retryAfterS: undefined });
}

describe('the table of refusals', () => {
  test('lists exactly the reasons of the program, in their order, with text and advice', () => {
    const table = Object.entries(REFUSAL_REASONS).map(([reason, { text, fix }]) => [reason, text, fix]);
    expect(rows.map((cells) => cells.slice(0, 3))).toEqual(table);
  });

  // What is said before a request has been read is tested with the listeners.
  const replied = rows.filter(([reason]) => reason !== 'too_many_connections');

  test.each(replied)('for %s says what each kind of device gets', async (reason = '', ...cells) => {
    const isForRovers = !BASES_ONLY.includes(reason);
    const isForBases = !ROVERS_ONLY.includes(reason);
    const version2 = isForRovers ? 'version2Rover' : 'version2Base';
    expect(cells.slice(2)).toEqual([
      isForRovers ? cellOf(await replyFor(reason, 'version1Rover')) : '–',
      isForBases ? cellOf(await replyFor(reason, 'version1Base')) : '–',
      cellOf(await replyFor(reason, version2)),
      isForRovers ? cellOf(await replyFor(reason, 'plainHttp')) : '–',
    ]);
  });

  test.each(replied)('for %s gives its code to every device that can show one', async (reason = '') => {
    if (reason === 'unknown_mountpoint') return;
    const requests = BASES_ONLY.includes(reason)
      ? (['version2Base'] as const)
      : (['version1Rover', 'version2Rover', 'plainHttp'] as const);
    for (const request of requests)
      expect(await replyFor(reason, request)).toMatch(new RegExp(`\r\n\r\n${reason}: `));
  });
});

describe('the forms of a refusal', () => {
  test('to NTRIP 2 names its version, to plain HTTP and NTRIP 1 it does not', async () => {
    const named = await Promise.all(
      (['version2Rover', 'plainHttp', 'version1Rover'] as const).map(async (request) =>
        (await replyFor('sessions_full', request)).includes('Ntrip-Version: Ntrip/2.0\r\n'),
      ),
    );
    expect(named).toEqual([true, false, false]);
  });

  test('to an NTRIP 1 rover is HTTP/1.0, to all others HTTP/1.1', async () => {
    const lines = await Promise.all(
      (['version1Rover', 'version2Rover', 'plainHttp'] as const).map(async (request) =>
        (await replyFor('sessions_full', request)).slice(0, 8),
      ),
    );
    expect(lines).toEqual(['HTTP/1.0', 'HTTP/1.1', 'HTTP/1.1']);
  });

  test('says how long to wait', async () => {
    const verdict = { ok: false, reason: 'too_many_failures', retryAfterS: 42 } as const;
    expect(await replyTo(REQUESTS.version2Rover, verdict)).toContain('\r\nRetry-After: 42\r\n');
  });

  test('asks for credentials of the mountpoint', async () => {
    const reply = await replyFor('credentials_missing', 'version2Rover');
    expect(reply).toContain('\r\nWWW-Authenticate: Basic realm="/A"\r\n');
  });
});

describe('a compressed base', () => {
  const request = REQUESTS.version2Base.replace('\r\n\r\n', '\r\nContent-Encoding: gzip\r\n\r\n');

  test('is refused as the page says, before anybody is asked', async () => {
    const connection = await connectHandshake();
    connection.send(request);
    expect(cellOf(await connection.reply())).toBe('501');
    expect(connection.asks).toEqual([]);
    await connection.close();
  });

  test('leaves a line in the log that says why, as every other refusal does, and is counted', async () => {
    const connection = await connectHandshake();
    connection.send(request);
    await connection.reply();
    await connection.close();
    const { counters } = connection.house;
    const counted = REFUSAL_REASON_NAMES.filter((_reason, index) => counters.readRefused(index) > 0);
    expect(counted).toEqual(['coding_unsupported']);
    expect(connection.logged.map(({ fields }) => fields['reason'])).toEqual(['coding_unsupported']);
  });
});

/** A request for each reason; the compiler says so where one is missing. */
const BAD_REQUESTS: Readonly<Record<BadReason, string>> = {
  request_line_too_long: `GET /${'a'.repeat(9000)}`,
  line_too_long: `GET /A HTTP/1.1\r\nX: ${'a'.repeat(9000)}`,
  head_too_large: `GET /A HTTP/1.1\r\n${`X: ${'a'.repeat(4000)}\r\n`.repeat(5)}`,
  header_too_many: `GET /A HTTP/1.1\r\n${'X: a\r\n'.repeat(200)}`,
  bad_request_line: '$GPGGA,123519\r\n\r\n',
  bad_header: 'GET /A HTTP/1.1\r\nX: a\x01b\r\n\r\n',
  bad_content_length: 'POST /A HTTP/1.1\r\nNtrip-Version: Ntrip/2.0\r\nContent-Length: many\r\n\r\n',
  bad_mountpoint_name: 'GET /A,B HTTP/1.1\r\nNtrip-Version: Ntrip/2.0\r\n\r\n',
  unknown_method: 'DELETE /A HTTP/1.1\r\n\r\n',
  rtsp: 'SETUP rtsp://h/A RTSP/1.0\r\n\r\n',
  tls_handshake: '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
};

async function plainReply(request: string): Promise<string> {
  const connection = await connectHandshake();
  try {
    connection.send(request);
    return await connection.reply();
  } finally {
    await connection.close();
  }
}

describe('the table of requests that cannot be read', () => {
  const unreadable = tableOf('refusals.md', '## A request cannot be read');

  test('lists exactly the reasons of the program with their status', () => {
    const listed = unreadable.map(([reason, , , status]) => [reason, Number(status)]);
    expect(listed).toEqual(Object.entries(BAD_REQUEST_STATUS));
  });

  test.each(unreadable)('for %s says what the device gets', async (reason = '', ...cells) => {
    const status = cells.at(-1)!;
    const reply = await plainReply(BAD_REQUESTS[reason as BadReason]);
    expect(reply).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [^]*\r\n\r\n${reason}: `));
  });

  test('is right that an NTRIP 1 rover gets the sourcetable for a name that can be none', async () => {
    const reply = await plainReply('GET /A,B HTTP/1.0\r\nUser-Agent: NTRIP test/1\r\n\r\n');
    expect(cellOf(reply)).toBe('the sourcetable');
  });
});

/** A filter for each reason; the compiler says so where one is missing or too many. */
const BAD_FILTERS: Readonly<Record<FilterErrorReason, string>> = {
  unexpected_end: 'STR;;;;;;;;;>',
  unexpected_sign: 'STR;;;a)',
  not_a_number: 'STR;;;;;;;;;~x',
  nearest_misplaced: 'STR;;;;;;;;;!~5',
  too_deep: `STR;;;${'('.repeat(20)}a`,
  filter_too_long: 'x'.repeat(1025),
  too_many_fields: ';'.repeat(25),
  no_record_type: 'filter=;&strict',
  unknown_record_type: 'filter=XYZ&strict',
  text_for_number: 'filter=STR;;;;;;;;;>abc&strict',
  ordered_text: 'filter=STR;;;;>b&strict',
  unknown_parameter: 'bla=1&strict',
};

describe('the table of filters that cannot be read', () => {
  const filters = tableOf('refusals.md', '## A filter of the sourcetable cannot be read');

  test('lists exactly the reasons of the program', () => {
    expect(filters.map(([reason]) => reason)).toEqual(Object.keys(BAD_FILTERS));
  });

  test.each(filters)('for %s says what the device gets', async (reason = '') => {
    const filter = BAD_FILTERS[reason as FilterErrorReason];
    const reply = await plainReply(`GET /?${filter} HTTP/1.1\r\nNtrip-Version: Ntrip/2.0\r\n\r\n`);
    expect(reply).toMatch(
      new RegExp(`^HTTP/1\\.1 400 [^]*\r\n\r\n${reason}: the filter, in field \\d+, at character \\d+`),
    );
  });
});

test('every code that a device is shown is written in the same way', () => {
  const codes = [
    ...Object.keys(REFUSAL_REASONS),
    ...Object.keys(BAD_REQUEST_STATUS),
    ...Object.keys(BAD_FILTERS),
  ];
  expect(codes.filter((code) => !/^[a-z]+(?:_[a-z0-9]+)*$/.test(code))).toEqual([]);
});

test('what a device is told holds ASCII alone, which every display can show', () => {
  const told = Object.values(REFUSAL_REASONS).map(({ text }) => text);
  expect(told.filter((text) => !/^[\x20-\x7e]+$/.test(text))).toEqual([]);
});
