// Tests every operation of the whole interface against every role, on both databases: an operation that somebody adds
// is tried without being named here.

import { describe, expect, test } from 'vitest';
import { DIALECTS, useStores } from '../../support/use-stores.ts';
import {
  attempt,
  everyKey,
  expectedOf,
  LETTERS,
  type Holder,
} from '../../unit/platform/http/authorization-matrix.ts';
import { apiUnderTest } from './api-under-test.ts';

const stores = useStores();

const nameOf = ({ letter, ofCustomer }: Holder): string =>
  `${LETTERS[letter]}${ofCustomer ? ' of a customer' : ''}`;

describe.each(DIALECTS)('on %s', (dialect) => {
  test('every operation lets in exactly the roles that have its scope', async (context) => {
    const { app } = await apiUnderTest(stores, dialect, context);
    const holders = await everyKey(app);
    const wrong: string[] = [];
    for (const spec of app.api.operations) {
      const note = (who: string, got: string, expected: string): void => {
        if (got !== expected) wrong.push(`${spec.operationId} by ${who}: ${got}, not ${expected}`);
      };
      const withoutKey = spec.scope === 'public' ? 'allowed' : 'authentication_required';
      note('nobody', await attempt(app, spec, ''), withoutKey);
      if (spec.scope === 'public' || spec.scope === 'app') continue;
      note('a wrong key', await attempt(app, spec, 'csk_live_wrong'), 'key_invalid');
      const outcomes = new Set<string>([withoutKey]);
      for (const holder of holders) {
        const expected = expectedOf(spec, holder);
        note(nameOf(holder), await attempt(app, spec, holder.key), expected);
        outcomes.add(expected);
      }
      // A row that lets everybody in, or nobody, would prove nothing.
      if (!outcomes.has('allowed') || outcomes.size < 2)
        wrong.push(`${spec.operationId}: all rows are alike`);
    }
    expect(wrong).toEqual([]);
    expect(app.api.operations.length).toBeGreaterThan(60);
  });
});
