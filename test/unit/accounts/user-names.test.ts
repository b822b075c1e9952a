// Tests that nobody learns from answers which user names there are: whatever has gone before, a wrong password under a
// known name is answered as one under a name that nobody has.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AdmissionDesk, deskWith, outcome } from './admission-desk.ts';

const KNOWN = 'anna';
const UNKNOWN = 'nobody';

function desk(): AdmissionDesk {
  return deskWith({
    gates: { failuresPerMinutePerUser: 3, failuresPerMinutePerAddress: 5 },
    mountpoints: [{ name: 'A', sourcePassword: 'choose-one' }],
    accounts: [{ username: KNOWN, password: 'right-password' }],
  });
}

test('a wrong password is answered alike under known and unknown names, however often others failed', () => {
  const others = fc.array(fc.constantFrom('one', 'two', 'three', 'four'), { maxLength: 12 });
  fc.assert(
    fc.property(others, (names) => {
      const answers = [KNOWN, UNKNOWN].map((username) => {
        const asked = desk();
        for (const name of names) asked.rover({ username: name, password: 'x' });
        return Array.from({ length: 5 }, () =>
          outcome(asked.rover({ username, password: 'wrong-password' })),
        );
      });
      expect(answers[0]).toEqual(answers[1]);
    }),
    { seed: 20_260_417, numRuns: 200 },
  );
});

test('a disabled or expired account is told of only to whoever knows its password', () => {
  const asked = deskWith({
    mountpoints: [{ name: 'A', sourcePassword: 'choose-one' }],
    accounts: [
      { username: 'off', password: 'right-password', disabled: true },
      { username: 'old', password: 'right-password', validUntil: '2020-01-01T00:00:00Z' },
      { username: 'other', password: 'right-password', mountpoints: [] },
    ],
  });
  const told = ['off', 'old', 'other', UNKNOWN].map((username) =>
    outcome(asked.rover({ username, password: 'x' })),
  );
  expect(new Set(told)).toEqual(new Set(['credentials_wrong']));
});
