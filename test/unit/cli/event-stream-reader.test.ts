// Server-sent events as the HTML standard has them (§9.2.6), in pieces of any size.
import { describe, expect, test } from 'vitest';
import { EventStreamReader, type StreamEvent } from '../../../cli/tail/event-stream-reader.ts';

function read(pieces: readonly string[]): { events: StreamEvent[]; reader: EventStreamReader } {
  const events: StreamEvent[] = [];
  const reader = new EventStreamReader((event) => events.push(event));
  for (const piece of pieces) reader.push(piece);
  return { events, reader };
}

const message = (data: string, id = '', type = 'message'): StreamEvent => ({ type, data, id });

// The examples of the standard, and the forms that our caster uses.
const STREAMS: readonly (readonly [string, string, StreamEvent[]])[] = [
  ['data of several lines', 'data: YHOO\ndata: +2\ndata: 10\n\n', [message('YHOO\n+2\n10')]],
  [
    'comments, ids and an event without id',
    ': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n',
    [message('first event', '1'), message('second event'), message(' third event')],
  ],
  ['empty data', 'data\n\ndata\ndata\n\ndata:', [message(''), message('\n')]],
  ['a blank after the colon or none', 'data:test\n\ndata: test\n\n', [message('test'), message('test')]],
  ['carriage returns', 'id: 7\r\ndata: x\r\n\r\ndata: y\r\r', [message('x', '7'), message('y', '7')]],
  ['a named event', 'event: gap\ndata: {"from":3}\n\n', [message('{"from":3}', '', 'gap')]],
  ['an event whose end is missing', 'data: lost', []],
  ['a name without data', 'event: nothing\n\ndata: x\n\n', [message('x')]],
  ['letters beyond ASCII', 'data: 基准站\n\n', [message('基准站')]],
];

describe.each(STREAMS)('%s', (_name, text, expected) => {
  test('is read in one piece', () => {
    expect(read([text]).events).toEqual(expected);
  });

  test('is read letter by letter', () => {
    expect(read(Array.from(text)).events).toEqual(expected);
  });
});

test('the last id stays in force over a drop, and half an event does not', () => {
  const { events, reader } = read(['id: 41\ndata: a\n\nid: 42\ndata: b']);
  reader.reset();
  reader.push('\ndata: c\n\n');
  expect([events.map(({ data }) => data), reader.lastEventId]).toEqual([['a', 'c'], '41']);
});

test('the wish of the server for the next attempt is kept', () => {
  expect(read(['retry: 2500\n\nretry: soon\n\n']).reader.retryMs).toBe(2500);
});
