// Tests a worker's line to the main thread: what is gathered, in which order it goes out, and who gets which answer.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type AdmissionRequest, type Refusal } from '../../../caster/accounts/admission.ts';
import { type SessionEnd } from '../../../caster/net/session-end.ts';
import { type PositionReport } from '../../../caster/net/session-facts.ts';
import { MainLine } from '../../../workers/main-line.ts';
import { type FromWorker } from '../../../workers/messages.ts';

const posted = vi.hoisted(() => [] as FromWorker[]);
vi.mock('node:worker_threads', () => ({
  parentPort: { postMessage: (message: FromWorker) => posted.push(message) },
}));

const REQUEST: AdmissionRequest = {
  role: 'rover',
  version: 2,
  mountpoint: 'A',
  username: '',
  password: '',
  credentials: 'none',
  address: '192.0.2.1',
  userAgent: '',
  secure: false,
  worker: 0,
};
const END: SessionEnd = {
  sessionId: 'ses_a',
  reason: 'peer_closed',
  durationMs: 1,
  bytes: 0,
  epochs: 0,
  frames: 0,
  epochsDropped: 0,
  framesDropped: 0,
  unacknowledgedBytes: 0,
};
const refusal = (retryAfterS: number): Refusal => ({ ok: false, reason: 'stopping', retryAfterS });

beforeEach(() => {
  posted.length = 0;
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

test('many questions of one turn go out as one message', () => {
  const line = new MainLine();
  for (let n = 0; n < 100; n++) line.ask({ ...REQUEST, mountpoint: `M${n}` }, () => undefined);
  expect(posted).toEqual([]);
  vi.runAllTimers();
  expect(posted).toMatchObject([{ type: 'asks' }]);
  const [message] = posted;
  const asked = message?.type === 'asks' ? message.asks.map(({ request }) => request.mountpoint) : [];
  expect(asked).toEqual(Array.from({ length: 100 }, (_ask, n) => `M${n}`));
});

test('a question that is withdrawn goes out before its withdrawal, and is answered all the same', () => {
  const line = new MainLine();
  const answers: unknown[] = [];
  const ask = line.ask(REQUEST, (verdict) => answers.push(verdict));
  line.withdraw(ask);
  vi.runAllTimers();
  expect(posted.map(({ type }) => type)).toEqual(['asks', 'withdrawn']);
  expect(posted[1]).toEqual({ type: 'withdrawn', asks: [ask] });
  line.answer(ask, refusal(1));
  expect(answers).toEqual([refusal(1)]);
});

test('a question that has been answered is not withdrawn', () => {
  const line = new MainLine();
  const ask = line.ask(REQUEST, () => undefined);
  vi.runAllTimers();
  line.answer(ask, refusal(1));
  line.withdraw(ask);
  vi.runAllTimers();
  expect(posted.map(({ type }) => type)).toEqual(['asks']);
});

test('nothing goes out twice', () => {
  const line = new MainLine();
  line.ask(REQUEST, () => undefined);
  vi.runAllTimers();
  line.reportEnd(END);
  vi.runAllTimers();
  expect(posted.map(({ type }) => type)).toEqual(['asks', 'ends']);
});

test('ends go out before questions of the same turn, so that a session’s place is free for the next', () => {
  const line = new MainLine();
  line.ask(REQUEST, () => undefined);
  line.reportEnd(END);
  vi.runAllTimers();
  expect(posted.map(({ type }) => type)).toEqual(['ends', 'asks']);
});

test('each answer reaches the one who asked, in whatever order they come, and once', () => {
  const line = new MainLine();
  const answers: [string, number | undefined][] = [];
  for (const who of ['first', 'second']) {
    line.ask(REQUEST, (verdict) => answers.push([who, verdict.ok ? undefined : verdict.retryAfterS]));
  }
  vi.runAllTimers();
  const [message] = posted;
  const [first, second] = message?.type === 'asks' ? message.asks : [];
  line.answer(second!.ask, refusal(2));
  line.answer(first!.ask, refusal(1));
  line.answer(first!.ask, refusal(9));
  expect(answers).toEqual([
    ['second', 2],
    ['first', 1],
  ]);
});

test('what was gathered can go out at once, as before the worker ends', () => {
  const line = new MainLine();
  line.reportEnd(END);
  line.flush();
  expect(posted).toEqual([{ type: 'ends', ends: [END] }]);
});

test('positions wait for their turn, and go out together and once', () => {
  const line = new MainLine();
  const report = (sessionId: string): PositionReport => ({
    sessionId,
    fix: {
      latitudeDeg: 47,
      longitudeDeg: 8,
      heightM: undefined,
      quality: 4,
      satellites: 12,
      hdop: undefined,
      correctionAgeS: 1,
      atMs: 0,
    },
  });
  line.flushPositions();
  line.reportPosition(report('ses_a'));
  line.reportPosition(report('ses_b'));
  vi.runAllTimers();
  expect(posted).toEqual([]);
  line.flushPositions();
  line.flushPositions();
  expect(posted).toEqual([{ type: 'positions', positions: [report('ses_a'), report('ses_b')] }]);
});
