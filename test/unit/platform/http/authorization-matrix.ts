// The authorization matrix, made from the table of operations: each is tried without a key, with a wrong one, and with
// a key of every role, of an operator and of a customer. What must come of it is written here a second time, apart from
// the roles of the code, so that a slip there shows.

import { type FastifyInstance } from 'fastify';
import { expect } from 'vitest';
import { type AnyRouteSpec } from '../../../../platform/http/route-spec.ts';
import { ask, done, makeCustomer, makeKey } from './asking.ts';

/** Roles by letter: owner, operator, support, billing, viewer, agent, factory, driver. */
export const LETTERS = {
  O: 'owner',
  P: 'operator',
  S: 'support',
  B: 'billing',
  V: 'viewer',
  A: 'agent',
  F: 'factory',
  D: 'driver',
} as const;

type Letter = keyof typeof LETTERS;

/** Scope -> the roles that have it. */
export const WHO_MAY: Readonly<Record<string, string>> = {
  'customers:read': 'OPSBV',
  'customers:write': 'OP',
  'keys:read': 'OP',
  'keys:write': 'O',
  'audit:read': 'OPS',
  'settings:read': 'OP',
  'settings:write': 'O',
  'mountpoints:read': 'OPSV',
  'mountpoints:write': 'OP',
  'specs:read': 'OPSVA',
  'specs:write': 'OP',
  'plans:read': 'OPSBVA',
  'plans:write': 'OPB',
  'apps:read': 'OPSBVA',
  'apps:write': 'OP',
  'accounts:read': 'OPSBVA',
  'accounts:write': 'OPA',
  'accounts:secrets': 'OPA',
  'devices:read': 'OPSVA',
  'devices:write': 'OPA',
  'jobs:read': 'OPSBVA',
  'sessions:read': 'OPSVA',
  'sessions:close': 'OPSA',
  'refusals:read': 'OPSVA',
  'events:read': 'OPSV',
  'usage:read': 'OPSBVA',
  'charges:read': 'OPSBV',
  'balances:write': 'OPB',
  'vehicles:read': 'OPSV',
  'vehicles:write': 'OP',
  'certificates:issue': 'OPF',
  'products:read': 'OPSBVD',
  'products:write': 'OP',
  'orders:read': 'OPSBVD',
  'orders:write': 'OPD',
  'orders:refund': 'OPB',
  'gifts:write': 'OP',
  'drivers:read': 'OPSV',
  'drivers:write': 'OP',
  'garage:use': 'D',
  'entitlements:read': 'OPSVD',
  'entitlements:write': 'OP',
  'packages:read': 'OPSV',
  'packages:write': 'OP',
};

export interface Holder {
  readonly letter: Letter;
  readonly ofCustomer: boolean;
  readonly key: string;
}

/**
 * A key of every role, of an operator where there may be one, and of one customer. A driver logs in, where the interface
 * has drivers.
 */
export async function everyKey(app: FastifyInstance): Promise<Holder[]> {
  const customerId = await makeCustomer(app);
  const holders: Holder[] = [];
  for (const [letter, role] of Object.entries(LETTERS)) {
    if (role === 'driver') continue;
    for (const ofCustomer of role === 'agent' ? [true] : [false, true]) {
      const { key } = await makeKey(app, role, ofCustomer ? customerId : null);
      holders.push({ letter: letter as Letter, ofCustomer, key });
    }
  }
  if (app.api.operations.some(({ operationId }) => operationId === 'logInDriver')) {
    holders.push({ letter: 'D', ofCustomer: false, key: await driverToken(app) });
  }
  return holders;
}

async function driverToken(app: FastifyInstance): Promise<string> {
  const body = { email: 'driver@example.com', password: 'a driver of the matrix' };
  await done(ask(app, 'POST', '/v1/drivers', { key: '', body }));
  const { token } = await done<{ token: string }>(ask(app, 'POST', '/v1/drivers/login', { key: '', body }));
  return token;
}

/** What becomes of an attempt before anybody looks at what was asked for. */
export function expectedOf(
  spec: AnyRouteSpec,
  holder: Holder,
): 'allowed' | 'insufficient_scope' | 'operators_only' {
  if (spec.scope === 'key') return 'allowed';
  if (!WHO_MAY[spec.scope]!.includes(holder.letter)) return 'insufficient_scope';
  return spec.operatorsOnly === true && (holder.ofCustomer || holder.letter === 'D')
    ? 'operators_only'
    : 'allowed';
}

/** With ids of nothing and without a body: nothing is found, or something is missing, but only for who may ask. */
export async function attempt(app: FastifyInstance, spec: AnyRouteSpec, key: string): Promise<string> {
  const url = spec.path.replaceAll(/\{\w+\}/g, 'nothing_here');
  // A stream of events would not end; with this it is not begun.
  const headers = { 'last-event-id': 'none' };
  // A session that has ended would be tried with no more.
  const body = spec.operationId === 'logOutDriver' ? { all: 'of nobody' } : undefined;
  const answer = await ask(app, spec.method, url, { key, headers, body });
  const refusals = ['authentication_required', 'key_invalid', 'insufficient_scope', 'operators_only'];
  const type = String(answer.headers['content-type']);
  const code = type.startsWith('application/problem+json') ? answer.json<{ code: string }>().code : '';
  expect(answer.statusCode, `${spec.operationId}: ${answer.body}`).toBeLessThan(500);
  return refusals.includes(code) ? code : 'allowed';
}
