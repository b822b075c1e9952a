// What a caster knows of somebody who cannot connect: refusals by every name that he may go by, his account, and whether
// he streams after all.

import { isIP } from 'node:net';
import type { Failure } from '../failure.ts';
import { type ApiPlace, askApi } from './api-reader.ts';

export interface Refused {
  readonly id: string;
  readonly username: string;
  readonly device: string | null;
  readonly address: string;
  readonly mountpoint: string;
  readonly role: string;
  readonly step: string;
  readonly reason: string;
  readonly meaning: string;
  readonly fix: string;
  readonly detail: string | null;
  readonly count: number;
  readonly firstAt: string;
  readonly lastAt: string;
}

export interface KnownAccount {
  readonly id: string;
  readonly username: string;
  readonly state: string;
  readonly validUntil: string | null;
  readonly lastLoginAt: string | null;
}

export interface RunningSession {
  readonly id: string;
  readonly mountpoint: string;
  readonly address: string;
  readonly startedAt: string;
}

export interface Findings {
  /** Latest first. */
  readonly refusals: readonly Refused[];
  readonly accounts: readonly KnownAccount[];
  readonly sessions: readonly RunningSession[];
}

export type LookUp =
  { readonly ok: true; readonly findings: Findings } | { readonly ok: false; readonly failure: Failure };

/** `user` is a user name, an app key with or without a device, a device's id, or an address. */
export async function lookUp(place: ApiPlace, user: string): Promise<LookUp> {
  const apps = await list<{ id: string }>(place, 'v1/apps', { appKey: user });
  if (!apps.ok) return apps;
  const asked: (readonly [kind: keyof Findings, path: string, query: Record<string, string>])[] = [
    ['refusals', 'v1/refusals', { username: user }],
    ['refusals', 'v1/refusals', { device: user }],
    ...(isIP(user) === 0 ? [] : [['refusals', 'v1/refusals', { address: user }] as const]),
    ...apps.data.map(({ id }) => ['refusals', 'v1/refusals', { appId: id }] as const),
    ['accounts', 'v1/accounts', { username: user }],
    ['sessions', 'v1/sessions', { account: user }],
    ['sessions', 'v1/sessions', { device: user }],
  ];
  const found = { refusals: new Map(), accounts: new Map(), sessions: new Map() } as {
    readonly [Kind in keyof Findings]: Map<string, Findings[Kind][number]>;
  };
  for (const [kind, path, query] of asked) {
    // An address or a device's id may be no user name at all.
    if (kind === 'accounts' && !/^[!-.0-9;-~]{1,64}$/.test(user)) continue;
    const answer = await list<Refused & KnownAccount & RunningSession>(place, path, query);
    if (!answer.ok) return answer;
    for (const entry of answer.data) found[kind].set(entry.id, entry);
  }
  return {
    ok: true,
    findings: {
      refusals: [...found.refusals.values()].toSorted((a, b) => (a.lastAt < b.lastAt ? 1 : -1)),
      accounts: [...found.accounts.values()],
      sessions: [...found.sessions.values()],
    },
  };
}

type List<Entry> =
  { readonly ok: true; readonly data: readonly Entry[] } | { readonly ok: false; readonly failure: Failure };

/** The first page, the latest: more is of no use here. */
async function list<Entry>(
  place: ApiPlace,
  path: string,
  query: Readonly<Record<string, string>>,
): Promise<List<Entry>> {
  const answer = await askApi(place, path, query);
  if (!answer.ok) return answer;
  const { data } = answer.body as { readonly data?: readonly Entry[] };
  return { ok: true, data: Array.isArray(data) ? data : [] };
}
