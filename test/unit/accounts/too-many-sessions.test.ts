// Tests which sessions go where fewer may be than there are.

import { expect, test } from 'vitest';
import { tooManyOf } from '../../../caster/accounts/too-many-sessions.ts';

/** Not in the order of their age: a session that is looked at anew goes to the end. */
const FIVE = new Set(['ses_3', 'ses_1', 'ses_5', 'ses_2', 'ses_4']);

test.each([
  ['replace', 3, ['ses_1', 'ses_2']],
  ['refuse', 3, ['ses_4', 'ses_5']],
  ['count', 3, []],
  ['replace', 5, []],
  ['refuse', 5, []],
  ['refuse', 0, ['ses_1', 'ses_2', 'ses_3', 'ses_4', 'ses_5']],
] as const)('by %s of five where %i may be: %j', (policy, max, gone) => {
  expect([...tooManyOf(FIVE, max, policy)]).toEqual(gone);
});
