// Passwords of accounts: shown again where they are derived, made anew, or chosen. Whoever sees one is in the audit log.

import type { FastifyInstance } from 'fastify';
import { route } from '../../platform/http/route.ts';
import { idParams } from '../../platform/http/schemas.ts';
import { changeAccounts, findAccount } from '../accounts/records/account-records.ts';
import { casterProblem } from './caster-error-codes.ts';
import type { CasterRoutesPorts } from './ports.ts';
import { accountView, credentials, ownPassword, viewOfAccount } from './schemas/account.ts';

const TAG = 'accounts';

export function accountPasswordRoutes(
  app: FastifyInstance,
  { store, bus, passwords }: CasterRoutesPorts,
): void {
  route(app, {
    method: 'POST',
    path: '/v1/accounts/{id}/password',
    operationId: 'showAccountPassword',
    tag: TAG,
    summary: 'Show the password of an account again',
    description:
      'Only where it was made here; a chosen one is not known. A POST, so that it is not done by the way.',
    scope: 'accounts:secrets',
    idempotent: false,
    params: idParams,
    response: { 200: credentials },
    errors: ['account_not_found', 'password_chosen'],
    handle: async ({ actor, params: { id }, audit }) => {
      const row = await findAccount(store, store.db, actor, id);
      if (row === undefined) return casterProblem('account_not_found');
      if (row.password_hash !== null) return casterProblem('password_chosen');
      audit({ target: { kind: 'account', id }, customerId: row.customer_id });
      const password = passwords.derived(id, row.password_version);
      return { status: 200, body: { id, username: row.username, password } };
    },
  });

  route(app, {
    method: 'POST',
    path: '/v1/accounts/{id}/reset-password',
    operationId: 'resetAccountPassword',
    tag: TAG,
    summary: 'Give an account a new password, made here; the old one and what was lent by it end',
    scope: 'accounts:write',
    params: idParams,
    response: { 200: credentials },
    errors: ['account_not_found'],
    handle: async ({ actor, params: { id }, change, audit }) => {
      const answer = await change(async (tx) => {
        const row = await findAccount(store, tx, actor, id);
        if (row === undefined) return casterProblem('account_not_found');
        const { after } = await changeAccounts(store, tx, [row], { kind: 'resetPassword' }, Date.now());
        audit({ target: { kind: 'account', id }, customerId: row.customer_id });
        const password = passwords.derived(id, after[0]!.password_version);
        return { status: 200, body: { id, username: row.username, password } };
      });
      if ('status' in answer) bus.publish({ kind: 'account', id });
      return answer;
    },
  });

  route(app, {
    method: 'PUT',
    path: '/v1/accounts/{id}/password',
    operationId: 'chooseAccountPassword',
    tag: TAG,
    summary: 'Choose the password of an account',
    description: 'It is kept as an argon2id hash and never shown again.',
    scope: 'accounts:write',
    params: idParams,
    body: ownPassword,
    response: { 200: accountView },
    errors: ['account_not_found'],
    handle: async ({ actor, params: { id }, body, change, audit }) => {
      if ((await findAccount(store, store.db, actor, id)) === undefined) {
        return casterProblem('account_not_found');
      }
      const hash = await passwords.hash(body.password);
      const answer = await change(async (tx) => {
        const row = await findAccount(store, tx, actor, id);
        if (row === undefined) return casterProblem('account_not_found');
        const { after } = await changeAccounts(store, tx, [row], { kind: 'setPassword', hash }, Date.now());
        audit({ target: { kind: 'account', id }, customerId: row.customer_id });
        return { status: 200, body: viewOfAccount(after[0]!) };
      });
      if ('status' in answer) bus.publish({ kind: 'account', id });
      return answer;
    },
  });
}
