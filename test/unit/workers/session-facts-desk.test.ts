// Tests that a question about sessions is answered by its own answer, and never waits for a worker that does not.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SESSION_FACTS_MS } from '../../../config/limits.ts';
import { type SessionFacts } from '../../../caster/net/session-facts.ts';
import { type ToWorker } from '../../../workers/messages.ts';
import { SessionFactsDesk } from '../../../workers/session-facts-desk.ts';

const posted: ToWorker[] = [];
const post = (message: ToWorker): void => void posted.push(message);

beforeEach(() => {
  posted.length = 0;
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

function factsOf(sessionId: string): SessionFacts {
  const counts = { bytes: 1, epochs: 1, frames: 1, epochsDropped: 0, unacknowledgedBytes: 0 };
  return { sessionId, servedMountpoint: 'A', ...counts, fix: undefined };
}

/** The number of the nth question. */
function numberOf(question: number): number {
  const message = posted[question];
  return message?.type === 'askSessionFacts' ? message.ask : -1;
}

test('each answer reaches its question, in whatever order they come', async () => {
  const desk = new SessionFactsDesk();
  const [first, second] = [desk.ask(['ses_a'], post), desk.ask(['ses_b'], post)];
  desk.take({ type: 'sessionFacts', ask: numberOf(1), facts: [factsOf('ses_b')] });
  desk.take({ type: 'sessionFacts', ask: numberOf(0), facts: [factsOf('ses_a')] });
  expect(await first).toEqual([factsOf('ses_a')]);
  expect(await second).toEqual([factsOf('ses_b')]);
});

test('a worker that does not answer leaves its sessions out, and may answer too late', async () => {
  const desk = new SessionFactsDesk();
  const asked = desk.ask(['ses_a'], post);
  vi.advanceTimersByTime(SESSION_FACTS_MS);
  expect(await asked).toEqual([]);
  desk.take({ type: 'sessionFacts', ask: numberOf(0), facts: [factsOf('ses_a')] });
});
