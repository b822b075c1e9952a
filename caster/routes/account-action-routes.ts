// What is done to one account: suspended, reinstated, activated, renewed, taken from its device.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { route } from '../../platform/http/route.ts';
import { idParams } from '../../platform/http/schemas.ts';
import type { AccountChange } from '../accounts/account-changes.ts';
import { changeAccounts, findAccount } from '../accounts/records/account-records.ts';
import { casterProblem } from './caster-error-codes.ts';
import type { CasterRoutesPorts } from './ports.ts';
import { accountView, renewal, viewOfAccount } from './schemas/account.ts';

const nothing = z.strictObject({});

export function accountActionRoutes(app: FastifyInstance, ports: CasterRoutesPorts): void {
  actionRoute(app, ports, {
    name: 'suspend',
    operationId: 'suspendAccount',
    summary: 'Suspend an account: its streams end within a second',
    body: nothing,
    changeOf: () => ({ kind: 'suspend' }),
  });
  actionRoute(app, ports, {
    name: 'reinstate',
    operationId: 'reinstateAccount',
    summary: 'Set a suspended account active again',
    body: nothing,
    changeOf: () => ({ kind: 'reinstate' }),
  });
  actionRoute(app, ports, {
    name: 'activate',
    operationId: 'activateAccount',
    summary: 'Activate an account; again is no error',
    description: 'Its validity begins: by the billing plan’s validityDays, unless an end was set before.',
    body: nothing,
    changeOf: () => ({ kind: 'activate' }),
  });
  actionRoute(app, ports, {
    name: 'renew',
    operationId: 'renewAccount',
    summary: 'Give an account a new end of its validity',
    body: renewal,
    changeOf: renewalOf,
  });
  actionRoute(app, ports, {
    name: 'release',
    operationId: 'releaseAccount',
    summary: 'Take an account from the device or login that has it at the moment',
    description: 'Its streams end within a second. A device that it is bound to for good may take it again.',
    body: nothing,
    changeOf: () => ({ kind: 'release' }),
  });
}

export function renewalOf({
  validUntil,
  days,
}: {
  readonly validUntil?: number | undefined;
  readonly days?: number | undefined;
}): AccountChange {
  return validUntil === undefined
    ? { kind: 'renew', days: days ?? 0 }
    : { kind: 'renew', validUntilMs: validUntil };
}

interface ActionRoute<Body extends z.ZodType> {
  readonly name: string;
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly body: Body;
  readonly changeOf: (body: z.output<Body>) => AccountChange;
}

function actionRoute<Body extends z.ZodType>(
  app: FastifyInstance,
  { store, bus }: CasterRoutesPorts,
  { name, changeOf, ...spec }: ActionRoute<Body>,
): void {
  route(app, {
    ...spec,
    method: 'POST',
    path: `/v1/accounts/{id}/${name}`,
    tag: 'accounts',
    scope: 'accounts:write',
    params: idParams,
    response: { 200: accountView },
    errors: ['account_not_found'],
    handle: async ({ actor, params: { id }, body, change, audit }) => {
      const answer = await change(async (tx) => {
        const row = await findAccount(store, tx, actor, id);
        if (row === undefined) return casterProblem('account_not_found');
        const { after } = await changeAccounts(store, tx, [row], changeOf(body), Date.now());
        const [before, view] = [viewOfAccount(row), viewOfAccount(after[0]!)];
        audit({ target: { kind: 'account', id }, customerId: row.customer_id, before, after: view });
        return { status: 200, body: view };
      });
      if ('status' in answer) bus.publish({ kind: 'account', id });
      return answer;
    },
  });
}
