// One event as one line.
import { expect, test } from 'vitest';
import { eventText, parseCasterEvent } from '../../../cli/tail/event-text.ts';

const TIME = '2026-11-22T10:20:30.400Z';
const LOCAL = new Date(TIME).toTimeString().slice(0, 8);

test('an event is one line with its fields', () => {
  const fields = { account: 'u1', bytes: 12, secure: false, text: 'hung up', nothing: '' };
  expect(eventText({ time: TIME, level: 'warn', event: 'session_closed', fields })).toBe(
    `${LOCAL}  warn   session_closed  account=u1 bytes=12 secure=false text="hung up" nothing=""`,
  );
});

test('what a peer wrote cannot break the line or the terminal', () => {
  const fields = { userAgent: 'x\r\n\u001b[31mred\u202e' };
  expect(eventText({ time: TIME, level: 'info', event: 'e', fields })).toBe(
    `${LOCAL}  info   e  userAgent="x [31mred"`,
  );
});

test.each(['', 'null', '[]', '{', '{"time":1,"level":"info","event":"e"}', '{"level":"info","event":"e"}'])(
  'data %s is no event',
  (data) => {
    expect(parseCasterEvent(data)).toBeUndefined();
  },
);

test('an event without fields is one all the same', () => {
  expect(parseCasterEvent(`{"time":"${TIME}","level":"info","event":"started"}`)?.fields).toEqual({});
});
