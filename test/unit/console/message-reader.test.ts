// Tests the console's reader of server-sent events: whatever the pieces, the same messages (WHATWG HTML §9.2.6).

import { expect, test } from 'vitest';
import { MessageReader } from '../../../console/api/message-reader.ts';

const STREAM =
  'retry: 2000\n\n: alive\n\nid: 7\ndata: {"a":1}\n\nevent: gap\ndata: {"after":1}\n\nid: 8\ndata: {"b":2}\n\nid: 9\nda';

const MESSAGES = [
  { type: 'message', data: '{"a":1}' },
  { type: 'gap', data: '{"after":1}' },
  { type: 'message', data: '{"b":2}' },
];

test.each([1, 2, 7, 1000])('a stream in pieces of %i characters gives each whole message once', (size) => {
  const reader = new MessageReader();
  const taken = [];
  for (let at = 0; at < STREAM.length; at += size) taken.push(...reader.take(STREAM.slice(at, at + size)));
  expect(taken).toEqual(MESSAGES);
});

test('half a message of a connection that broke is no part of the next one', () => {
  const reader = new MessageReader();
  reader.take('id: 1\ndata: one\n\nid: 2\ndata: tw');
  reader.begin();
  expect([reader.lastId, reader.take('id: 2\ndata: two\n\n')]).toEqual([
    '1',
    [{ type: 'message', data: 'two' }],
  ]);
});

test('the id to come back with is that of the last whole message', () => {
  const reader = new MessageReader();
  reader.take(STREAM);
  expect(reader.lastId).toBe('8');
});
