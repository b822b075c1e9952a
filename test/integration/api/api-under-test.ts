// The whole HTTP interface over a real store, in either database, for one test.

import { onTestFinished, type TestContext } from 'vitest';
import { type Dialect } from '../../../platform/store/store.ts';
import { type ApiParts, type ApiUnderTest, openApi } from '../../support/api-app.ts';
import { type StoresUnderTest } from '../../support/use-stores.ts';

export {
  everything,
  fleet,
  good,
  type ApiAnswer,
  type ApiUnderTest,
  type Ask,
} from '../../support/api-app.ts';

/** For a table of cases on SQLite, which is always there. */
export const NEVER_SKIPPED = { skip: () => undefined } as unknown as TestContext;

export async function apiUnderTest(
  stores: StoresUnderTest,
  dialect: Dialect,
  context: TestContext,
  parts: ApiParts = {},
): Promise<ApiUnderTest> {
  const api = await openApi(await stores.open(dialect, context), parts);
  onTestFinished(() => api.close());
  return api;
}
