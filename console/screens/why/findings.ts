// What the server knows of one who cannot connect, whatever the word is that names him: each list is asked by user name,
// by device and by address, and what is found is put together.

import type { Account, ClosedSession, Refusal, Session } from '../../api/api-types.ts';
import type { ApiError } from '../../api/client.ts';
import { useRead } from '../../api/queries.ts';

const SHOWN = 20;
const REFRESH_MS = 5000;

export interface Findings {
  readonly session: Session | undefined;
  readonly account: Account | undefined;
  readonly refusals: readonly Refusal[];
  readonly closed: readonly ClosedSession[];
  readonly error: ApiError | null;
  readonly isLoading: boolean;
}

interface Answer<Row> {
  readonly data: { readonly data: readonly Row[] } | undefined;
  readonly error: ApiError | null;
  readonly isPending: boolean;
}

/** Each row once, the latest first. */
function together<Row extends { readonly id: string }>(
  answers: readonly Answer<Row>[],
  timeOf: (row: Row) => string,
): readonly Row[] {
  const rows = new Map(answers.flatMap(({ data }) => data?.data ?? []).map((row) => [row.id, row]));
  return [...rows.values()].toSorted((a, b) => (timeOf(a) < timeOf(b) ? 1 : -1)).slice(0, SHOWN);
}

export function useFindings(who: string, mayReadAccounts: boolean): Findings {
  const options = { everyMs: REFRESH_MS };
  const limit = SHOWN;
  const sessions = [
    useRead('GET /v1/sessions', { query: { limit, account: [who] } }, options),
    useRead('GET /v1/sessions', { query: { limit, device: [who] } }, options),
    useRead('GET /v1/sessions', { query: { limit, address: [who] } }, options),
  ];
  const refusals = [
    useRead('GET /v1/refusals', { query: { limit, username: who } }, options),
    useRead('GET /v1/refusals', { query: { limit, device: who } }, options),
    useRead('GET /v1/refusals', { query: { limit, address: who } }, options),
  ];
  const closed = [
    useRead('GET /v1/closed-sessions', { query: { limit, account: who } }, options),
    useRead('GET /v1/closed-sessions', { query: { limit, device: who } }, options),
    useRead('GET /v1/closed-sessions', { query: { limit, address: who } }, options),
  ];
  const accounts = useRead(
    'GET /v1/accounts',
    { query: { limit: 1, username: [who] } },
    { ...options, enabled: mayReadAccounts },
  );
  const all = [...sessions, ...refusals, ...closed];
  return {
    session: together(sessions, ({ startedAt }) => startedAt)[0],
    account: accounts.data?.data[0],
    refusals: together(refusals, ({ lastAt }) => lastAt),
    closed: together(closed, ({ endedAt }) => endedAt),
    error: [...all, accounts].find(({ error }) => error !== null)?.error ?? null,
    isLoading: all.some(({ isPending }) => isPending),
  };
}
