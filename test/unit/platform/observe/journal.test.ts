// Tests that every event is one log line and one live event, that events can be resumed, and that a storm stays cheap.

import { afterEach, describe, expect, test, vi } from 'vitest';
import { JOURNAL_EVENTS_KEPT } from '../../../../config/limits.ts';
import { Journal, type JournalEvent } from '../../../../platform/observe/journal.ts';
import { memoryLog } from './memory-log.ts';

afterEach(() => {
  vi.useRealTimers();
});

function eventsOf(journal: Journal, sinceId?: number): { seen: JournalEvent[]; stop: () => void } {
  const seen: JournalEvent[] = [];
  return { seen, stop: journal.subscribe((event) => seen.push(event), sinceId) };
}

const names = (events: readonly JournalEvent[]): string[] => events.map(({ event }) => event);

describe('an event', () => {
  test('the log line and the live event say the same, secrets masked in both', () => {
    const { log, lines } = memoryLog();
    const journal = new Journal(log);
    const { seen } = eventsOf(journal);
    journal.record('warn', 'rover_refused', {
      account: 'rover-1',
      password: 'hunter2',
      userAgent: undefined,
    });
    const [event] = seen;
    expect(event).toEqual({
      id: journal.newestId,
      time: event?.time,
      level: 'warn',
      event: 'rover_refused',
      fields: { account: 'rover-1', password: '***' },
    });
    expect(lines()).toEqual([
      {
        time: event!.time,
        level: 'warn',
        pid: process.pid,
        node: 'node-1',
        event: 'rover_refused',
        account: 'rover-1',
        password: '***',
      },
    ]);
  });

  test('the time is that of the event, to the millisecond', () => {
    vi.useFakeTimers({ now: Date.UTC(2030, 11, 31, 23, 59, 59, 7) });
    const journal = new Journal(memoryLog().log);
    journal.record('info', 'a_happened');
    vi.advanceTimersByTime(1);
    journal.record('info', 'b_happened');
    expect(journal.recent().map(({ time }) => time)).toEqual([
      '2030-12-31T23:59:59.007Z',
      '2030-12-31T23:59:59.008Z',
    ]);
  });

  test('a debug event is neither logged nor live unless the log has debug on', () => {
    const { log, lines } = memoryLog('info');
    const journal = new Journal(log);
    journal.record('debug', 'early');
    log.level = 'debug';
    journal.record('debug', 'late');
    expect(names(journal.recent())).toEqual(['late']);
    expect(lines()).toHaveLength(1);
  });

  test('an information is live also where the log has only errors', () => {
    const { log, lines } = memoryLog('error');
    const journal = new Journal(log);
    journal.record('info', 'session_opened');
    expect(names(journal.recent())).toEqual(['session_opened']);
    expect(lines()).toEqual([]);
  });
});

describe('the events that are kept', () => {
  test('before the first event there is nothing, and the ids say so', () => {
    const journal = new Journal(memoryLog().log);
    expect(journal.recent()).toEqual([]);
    expect(journal.oldestId).toBe(journal.newestId + 1);
  });

  test('the last ones are kept, with consecutive ids, oldest first', () => {
    const journal = new Journal(memoryLog('silent').log);
    const firstId = journal.newestId + 1;
    for (let n = 0; n < JOURNAL_EVENTS_KEPT + 10; n++) journal.record('info', 'counted', { n });
    const kept = journal.recent();
    expect(kept).toHaveLength(JOURNAL_EVENTS_KEPT);
    expect(kept.map(({ id, fields }) => [id - firstId, fields.n])).toEqual(
      Array.from({ length: JOURNAL_EVENTS_KEPT }, (_, n) => [n + 10, n + 10]),
    );
    expect([journal.oldestId, journal.newestId]).toEqual([kept[0]!.id, kept.at(-1)!.id]);
  });

  test('ids of a later start are above all of an earlier one', () => {
    vi.useFakeTimers();
    const before = new Journal(memoryLog('silent').log);
    for (let n = 0; n < 5000; n++) before.record('info', 'counted');
    vi.advanceTimersByTime(10);
    expect(new Journal(memoryLog().log).newestId).toBeGreaterThan(before.newestId);
  });
});

describe('a subscriber', () => {
  test('a subscriber gets what happens from now on, in order, until it stops', () => {
    const journal = new Journal(memoryLog().log);
    journal.record('info', 'before');
    const { seen, stop } = eventsOf(journal);
    journal.record('info', 'first');
    journal.record('info', 'second');
    stop();
    journal.record('info', 'after');
    expect(names(seen)).toEqual(['first', 'second']);
  });

  test('a subscriber that was away gets what it missed first', () => {
    const journal = new Journal(memoryLog().log);
    journal.record('info', 'had');
    const sinceId = journal.newestId;
    journal.record('info', 'missed');
    const { seen } = eventsOf(journal, sinceId);
    journal.record('info', 'live');
    expect(names(seen)).toEqual(['missed', 'live']);
  });

  test('the same function may subscribe twice and stops once for each', () => {
    const journal = new Journal(memoryLog().log);
    const listener = vi.fn();
    const stop = journal.subscribe(listener);
    journal.subscribe(listener);
    stop();
    journal.record('info', 'counted');
    expect(listener).toHaveBeenCalledTimes(1);
  });
});

describe('repeated events', () => {
  test('of a hundred like events ten are recorded, and one more says how many were not', () => {
    vi.useFakeTimers();
    const journal = new Journal(memoryLog().log);
    for (let n = 0; n < 100; n++) journal.recordSampled('10.0.0.1', 'warn', 'rover_refused', { n });
    vi.advanceTimersByTime(60_000);
    expect(names(journal.recent())).toEqual([...Array<string>(10).fill('rover_refused'), 'events_left_out']);
    expect(journal.recent().at(-1)).toMatchObject({
      level: 'warn',
      fields: { what: 'rover_refused', origin: '10.0.0.1', count: 90, withinMs: 60_000 },
    });
  });

  test('are counted all, those included that nobody is told of', () => {
    const journal = new Journal(memoryLog('info').log);
    const counted: string[] = [];
    journal.count((event, fields) => counted.push(`${event} ${String(fields['n'])}`));
    for (let n = 0; n < 12; n++) journal.recordSampled('10.0.0.1', 'warn', 'rover_refused', { n });
    journal.record('debug', 'http_answered', { n: 12 });
    expect(counted).toEqual([
      ...Array.from({ length: 12 }, (_, n) => `rover_refused ${n}`),
      'http_answered 12',
    ]);
    journal.close();
  });

  test('closing the journal tells what was left out so far', () => {
    vi.useFakeTimers();
    const journal = new Journal(memoryLog().log);
    for (let n = 0; n < 11; n++) journal.recordSampled('10.0.0.1', 'info', 'tls_failed');
    journal.close();
    expect(journal.recent().at(-1)).toMatchObject({ event: 'events_left_out', fields: { count: 1 } });
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('a storm of 10,000 events in a second leaves most of the second to others', () => {
  const journal = new Journal(memoryLog('info').log);
  const fields = {
    session: 'ses_abcdefghijklmnop',
    account: 'rover-1',
    reason: 'peer_closed',
    bytes: 123_456,
  };
  const startMs = performance.now();
  for (let n = 0; n < 10_000; n++) journal.record('info', 'session_closed', fields);
  // About 50 ms with a file behind it; the bound is for a machine with much else to do.
  expect(performance.now() - startMs).toBeLessThan(600);
});
