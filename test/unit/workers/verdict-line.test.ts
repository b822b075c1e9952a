// Tests that a worker hears of a session before it hears of its end, whenever each is decided.

import { expect, test } from 'vitest';
import type { Verdict } from '../../../caster/accounts/admission.ts';
import type { ToWorker } from '../../../workers/messages.ts';
import { VerdictLine } from '../../../workers/verdict-line.ts';

const VERDICT: Verdict = { ok: false, reason: 'stopping', retryAfterS: undefined };
const close = (sessionId: string): ToWorker => ({
  type: 'closeSession',
  sessionId,
  reason: 'session_replaced',
});

function line(): { line: VerdictLine; posted: [number, string][] } {
  const posted: [number, string][] = [];
  const made = new VerdictLine((worker, message) =>
    posted.push([
      worker,
      message.type === 'verdicts' ? message.verdicts.map(({ ask }) => ask).join(' ') : message.type,
    ]),
  );
  return { line: made, posted };
}

test('verdicts of a turn go out as one message, ends behind them', async () => {
  const { line: one, posted } = line();
  one.answer(0, 1, VERDICT);
  one.after(0, close('ses_a'));
  one.answer(0, 2, VERDICT);
  expect(posted).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(posted).toEqual([
    [0, '1 2'],
    [0, 'closeSession'],
  ]);
});

test('an end for which no verdict waits goes out at once', () => {
  const { line: one, posted } = line();
  one.answer(0, 1, VERDICT);
  one.after(1, close('ses_b'));
  expect(posted).toEqual([[1, 'closeSession']]);
});

test('a flush sends everything, and nothing twice', async () => {
  const { line: one, posted } = line();
  one.answer(0, 1, VERDICT);
  one.flush();
  await new Promise((resolve) => setImmediate(resolve));
  expect(posted).toEqual([[0, '1']]);
});

test('a worker that has ended gets nothing of what was meant for the one before', () => {
  const { line: one, posted } = line();
  one.answer(0, 1, VERDICT);
  one.forget(0);
  one.flush();
  expect(posted).toEqual([]);
});
