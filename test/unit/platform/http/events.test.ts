// Tests the live events over real connections: what comes, what is resumed, and that a reader that is slow, gone or one
// too many costs nobody else anything.

import { once } from 'node:events';
import { get } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { EVENT_KEEP_ALIVE_MS, EVENT_READERS_MAX, JOURNAL_EVENTS_KEPT } from '../../../../config/limits.ts';
import { type Journal } from '../../../../platform/observe/journal.ts';
import { appUnderTest, AUTHORIZATION, listening, OWNER_KEY, type AppUnderTest } from './app-under-test.ts';
import { EventStream } from './event-stream.ts';

interface Served extends AppUnderTest {
  readonly origin: string;
}

async function serve(): Promise<Served> {
  const under = await appUnderTest();
  // Its own requests would be events too.
  under.memory.log.level = 'info';
  return { ...under, origin: await listening(under.app) };
}

const eventNames = (stream: EventStream): unknown[] => stream.events().map(({ event }) => event);

function recordMany(journal: Journal, count: number): void {
  for (let n = 0; n < count; n++) journal.record('info', 'counted', { n, filler: 'x'.repeat(500) });
}

describe('a reader', () => {
  test('a reader is answered at once with the head of an event stream that no proxy may keep', async () => {
    const { origin } = await serve();
    const { response } = await EventStream.open(origin);
    expect(response.statusCode).toBe(200);
    expect(response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
      'x-request-id': expect.stringMatching(/^req_/) as string,
    });
  });

  test('a reader gets every event from now on, whole and in order', async () => {
    const { origin, journal } = await serve();
    journal.record('info', 'before');
    const stream = await EventStream.open(origin);
    journal.record('info', 'session_opened', { account: 'rover-1', text: 'line\nend' });
    journal.record('warn', 'session_closed', { reason: 'stalled' });
    await stream.until(2);
    expect(stream.events()).toEqual(journal.recent().slice(-2));
    expect(stream.messages.map(({ type, id }) => [type, Number(id)])).toEqual(
      journal
        .recent()
        .slice(-2)
        .map(({ id }) => ['message', id]),
    );
  });

  test.each([
    ['?topics=session', ['session_opened', 'session_closed']],
    ['?topics=session_closed', ['session_closed']],
    ['?topics=base_silent,rover_refused', ['rover_refused', 'base_silent']],
    ['?topics=base_silent&topics=rover', ['rover_refused', 'base_silent']],
    ['?topics=sess', []],
    ['?account=rover-1', ['session_opened', 'session_closed']],
    ['?account=a,b', ['rover_refused']],
    ['?mountpoint=TEST1&topics=base', ['base_silent']],
    ['?reason=stalled', ['session_closed']],
    ['?address=10.0.0.1&address=10.0.0.2', ['session_opened', 'rover_refused']],
  ])('the filter %s lets the right events through', async (query, expected) => {
    const { app, origin, journal } = await serve();
    const stream = await EventStream.open(origin, { query });
    journal.record('info', 'session_opened', {
      account: 'rover-1',
      mountpoint: 'TEST1',
      address: '10.0.0.1',
    });
    journal.record('warn', 'rover_refused', { account: 'a,b', address: '10.0.0.2' });
    journal.record('info', 'session_closed', { account: 'rover-1', reason: 'stalled' });
    journal.record('warn', 'base_silent', { mountpoint: 'TEST1' });
    await app.close();
    await stream.end();
    expect(eventNames(stream)).toEqual(expected);
  });

  test.each([
    ['?mount=TEST1', {}, 'unknown_parameter', 'mount'],
    ['', { 'last-event-id': 'abc' }, 'invalid_parameter', 'Last-Event-ID'],
  ])('the request %s %o is refused', async (query, headers, code, param) => {
    const { app } = await appUnderTest();
    const answer = await app.inject({ url: `/v1/events${query}`, headers: { ...AUTHORIZATION, ...headers } });
    expect(answer.json()).toMatchObject({ status: 400, code, param });
  });
});

describe('a reader that comes back', () => {
  const resumeAfter = (id: number): { headers: Record<string, string> } => ({
    headers: { 'last-event-id': String(id) },
  });

  test('a reader that comes back gets what it missed, then what happens', async () => {
    const { origin, journal } = await serve();
    journal.record('info', 'had');
    const lastId = journal.newestId;
    journal.record('info', 'missed');
    const stream = await EventStream.open(origin, resumeAfter(lastId));
    journal.record('info', 'live');
    await stream.until(2);
    expect(eventNames(stream)).toEqual(['missed', 'live']);
  });

  test('a reader that asks from 0 gets all that is kept', async () => {
    const { origin, journal } = await serve();
    recordMany(journal, JOURNAL_EVENTS_KEPT + 100);
    const stream = await EventStream.open(origin, resumeAfter(0));
    await stream.until(JOURNAL_EVENTS_KEPT);
    expect(stream.events()).toEqual(journal.recent());
  });

  test('a reader that was away for too long is told of the gap', async () => {
    const { origin, journal } = await serve();
    journal.record('info', 'had');
    const lastId = journal.newestId;
    recordMany(journal, JOURNAL_EVENTS_KEPT + 1);
    const stream = await EventStream.open(origin, resumeAfter(lastId));
    const [first, second] = await stream.until(2);
    expect([first?.type, JSON.parse(first?.data ?? '')]).toEqual([
      'gap',
      { after: lastId, from: journal.oldestId },
    ]);
    expect([second?.type, Number(second?.id)]).toEqual(['message', journal.oldestId]);
  });

  test.each([
    ['of an earlier start', -1_000_000],
    ['of the future, as after the clock was set back', 1_000_000],
  ])('an id %s is told as a gap', async (_what, distance) => {
    const { origin, journal } = await serve();
    journal.record('info', 'kept');
    const stream = await EventStream.open(origin, resumeAfter(journal.newestId + distance));
    await stream.until(2);
    expect(stream.messages.map(({ type }) => type)).toEqual(['gap', 'message']);
  });
});

describe('a reader that does not read', () => {
  /** A connection that has asked for events and reads nothing of them. */
  async function stuckReader({ origin, journal }: Served): Promise<ReturnType<typeof connect>> {
    const socket = connect(Number(new URL(origin).port), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.write(`GET /v1/events HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${OWNER_KEY}\r\n\r\n`);
    await once(socket, 'readable');
    journal.record('info', 'stuck_reader_is_there');
    return socket;
  }

  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  /** Records until the journal says that a reader was dropped, in turns as real events come. */
  async function recordUntilDropped(journal: Journal): Promise<Record<string, unknown>> {
    for (let round = 0; round < 2000; round++) {
      recordMany(journal, 100);
      await turn();
      const dropped = journal.recent().find(({ event }) => event === 'event_reader_dropped');
      if (dropped !== undefined) return dropped.fields;
    }
    throw new Error('no reader was dropped');
  }

  test('a reader that falls behind what is kept is dropped by name, and others go on', async () => {
    const served = await serve();
    const { origin, journal } = served;
    const other = await EventStream.open(origin, { query: '?topics=event' });
    await stuckReader(served);
    expect(await recordUntilDropped(journal)).toMatchObject({ reason: 'fell_behind', address: '127.0.0.1' });
    await other.until(1);
    expect(eventNames(other)).toEqual(['event_reader_dropped']);
  });

  test('a reader that takes nothing from one sign of life to the next but one is dropped', async () => {
    vi.useFakeTimers({ toFake: ['setInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const served = await serve();
    const { journal } = served;
    const socket = await stuckReader(served);
    // More than the kernel holds for it, less than what is kept.
    for (let round = 0; round < 10; round++) {
      journal.record(
        'info',
        'large',
        Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`f${n}`, 'x'.repeat(2000)])),
      );
      await turn();
    }
    vi.advanceTimersByTime(EVENT_KEEP_ALIVE_MS);
    expect(journal.recent().at(-1)?.event).toBe('large');
    vi.advanceTimersByTime(EVENT_KEEP_ALIVE_MS);
    expect(journal.recent().at(-1)).toMatchObject({
      event: 'event_reader_dropped',
      fields: { reason: 'stalled' },
    });
    // It is dropped once, also where its end is not yet known at the next sign of life.
    vi.advanceTimersByTime(EVENT_KEEP_ALIVE_MS);
    expect(journal.recent().filter(({ event }) => event === 'event_reader_dropped')).toHaveLength(1);
    socket.resume();
    await once(socket, 'close');
  });

  test('a reader that reads slowly gets every event of a storm that is kept, whole', async () => {
    const { origin, journal } = await serve();
    const stream = await EventStream.open(origin);
    stream.response.pause();
    recordMany(journal, 4000);
    await turn();
    stream.response.resume();
    await stream.until(4000);
    expect(stream.events().map(({ fields }) => (fields as { n: number }).n)).toEqual(
      Array.from({ length: 4000 }, (_, n) => n),
    );
  });
});

describe('signs of life', () => {
  test('a reader to whom nothing happens is sent a comment now and then', async () => {
    vi.useFakeTimers({ toFake: ['setInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const { origin, journal } = await serve();
    const stream = await EventStream.open(origin);
    vi.advanceTimersByTime(EVENT_KEEP_ALIVE_MS);
    journal.record('info', 'marker');
    await stream.until(1);
    expect(stream.comments).toEqual(['alive']);
  });
});

describe('many readers', () => {
  test('one reader too many is refused, until one has gone', async () => {
    const { origin } = await serve();
    const streams = await Promise.all(
      Array.from({ length: EVENT_READERS_MAX }, () => EventStream.open(origin)),
    );
    const status = (): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        get(`${origin}/v1/events`, { headers: AUTHORIZATION, agent: false }, (response) => {
          resolve(response.statusCode);
          response.destroy();
        }).on('error', reject);
      });
    expect(await status()).toBe(503);
    streams[0]!.response.destroy();
    await vi.waitFor(async () => expect(await status()).toBe(200));
  });

  test('nothing of a reader is left once it has gone', async () => {
    const { origin, app, journal } = await serve();
    const subscribe = vi.spyOn(journal, 'subscribe');
    const stream = await EventStream.open(origin);
    stream.response.destroy();
    await vi.waitFor(async () => {
      const open = await new Promise<number>((resolve) => app.server.getConnections((_, n) => resolve(n)));
      expect(open).toBe(0);
    });
    // The next reader is the first again: only then does the feed subscribe anew.
    await EventStream.open(origin);
    expect(subscribe).toHaveBeenCalledTimes(2);
  });
});
