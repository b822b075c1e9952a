// A fleet that logs in all at once through the signed API, and the bookkeeping of who was given which account.

import { OWNER_KEY, type CasterProcess } from '../../support/caster-process.ts';
import { pipeline } from '../../support/pipelined-http.ts';
import { rc1Header } from '../../support/rc1.ts';

export interface Fleet {
  readonly id: string;
  readonly appKey: string;
  readonly appSecret: string;
  /** User names of the pool. */
  readonly usernames: readonly string[];
}

/** One call of the owner; throws with the problem where it is refused. */
export async function asOwner(caster: CasterProcess, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${caster.ready.http}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${OWNER_KEY}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

export async function makeFleet(
  caster: CasterProcess,
  { accounts, app = {} }: { readonly accounts: number; readonly app?: object },
): Promise<Fleet> {
  const made = (await asOwner(caster, '/v1/apps', { name: `fleet ${Date.now()}`, ...app })) as {
    id: string;
    appKey: string;
    appSecret: string;
  };
  const pool = (await asOwner(caster, `/v1/apps/${made.id}/accounts`, { count: accounts })) as {
    data: { username: string }[];
  };
  return { ...made, usernames: pool.data.map(({ username }) => username) };
}

export interface Outcome {
  readonly device: string;
  readonly status: number | undefined;
  /** Of the account given, where one was. */
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** The problem's code, where it was refused. */
  readonly code: string | undefined;
}

/** `devices` names log in, each once and signed, all in flight together, over `connections` to the casters in turn. */
export async function logInAll(
  casters: readonly CasterProcess[],
  { appKey, appSecret }: Fleet,
  devices: readonly string[],
  connections: number,
): Promise<Outcome[]> {
  const ts = Math.floor(Date.now() / 1000);
  const path = '/v1/terminal/login';
  const body = JSON.stringify({ mountpoint: 'TEST1' });
  const requests = devices.map((device, n) => {
    const nonce = `${process.hrtime.bigint()}_${String(n).padStart(8, '0')}`;
    const parts = { ts, nonce, device, method: 'POST', path, body };
    const authorization = rc1Header(appKey, appSecret, parts);
    return { method: 'POST', path, headers: { authorization, 'content-type': 'application/json' }, body };
  });
  const replies = await pipeline(
    requests,
    Math.min(connections, devices.length),
    (connection) => casters[connection % casters.length]!.ready.http,
  );
  return replies.map((reply, n) => {
    const said = reply === undefined ? {} : (JSON.parse(reply.body) as Record<string, string>);
    return {
      device: devices[n]!,
      status: reply?.status,
      username: said['username'],
      password: said['password'],
      code: said['code'],
    };
  });
}

/** How often each status, with its code, was answered. */
export function tally(outcomes: readonly Outcome[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, code } of outcomes) {
    const key = [status ?? 'none', code].filter((part) => part !== undefined).join(' ');
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}
