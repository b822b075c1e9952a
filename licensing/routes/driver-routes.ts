// Drivers: they sign up, log in and out; operators see and suspend them.

import type { FastifyInstance } from 'fastify';
import { pageAnswer } from '../../platform/http/list-answer.ts';
import { problem } from '../../platform/http/problem.ts';
import { route } from '../../platform/http/route.ts';
import { idParams, timeOf } from '../../platform/http/schemas.ts';
import { pageBy } from '../../platform/store/page.ts';
import { licensingProblem } from './licensing-error-codes.ts';
import {
  driverFilters,
  driverList,
  driverLogin,
  driverView,
  logout,
  newDriver,
  sessionView,
  viewOfDriver,
} from './schemas/driver.ts';
import { z } from 'zod';
import type { ShopRoutesPorts } from './shop-ports.ts';

const TAG = 'drivers';
const KIND = 'driver';

const loggedOut = z.strictObject({ loggedOut: z.literal(true) }).meta({ id: 'LoggedOut' });

export function driverRoutes(app: FastifyInstance, ports: ShopRoutesPorts): void {
  signUpRoute(app, ports);
  loginRoutes(app, ports);
  readRoutes(app, ports);
  statusRoute(app, ports, 'suspend', 'suspended');
  statusRoute(app, ports, 'reinstate', 'active');
}

function signUpRoute(app: FastifyInstance, { drivers, journal, now }: ShopRoutesPorts): void {
  route(app, {
    method: 'POST',
    path: '/v1/drivers',
    operationId: 'signUpDriver',
    tag: TAG,
    summary: 'Sign up as a driver',
    scope: 'public',
    audited: true,
    body: newDriver,
    response: { 201: driverView },
    errors: ['driver_exists', 'store_unavailable'],
    examples: { body: { email: 'li@example.com', password: 'correct horse battery', name: 'Li' } },
    handle: async ({ body, change, audit, address }) => {
      const waitS = drivers.signUpWaitS(address);
      if (waitS > 0) return problem('too_many_requests', {}, waitS);
      const row = await drivers.rowFor(body, now());
      const answer = await change(async (tx) => {
        const inserted = await tx
          .insertInto('drivers')
          .values(row)
          .onConflict((conflict) => conflict.column('email').doNothing())
          .executeTakeFirst();
        if (Number(inserted.numInsertedOrUpdatedRows ?? 0) !== 1) {
          return licensingProblem('driver_exists', { param: '/email' });
        }
        audit({ target: { kind: KIND, id: row.id }, after: { id: row.id, email: row.email } });
        return { status: 201, body: viewOfDriver(row) };
      });
      if ('status' in answer) journal.record('info', 'driver_signed_up', { driver: row.id, address });
      return answer;
    },
  });
}

function loginRoutes(app: FastifyInstance, { store, drivers, sessions, journal }: ShopRoutesPorts): void {
  route(app, {
    method: 'POST',
    path: '/v1/drivers/login',
    operationId: 'logInDriver',
    tag: TAG,
    summary: 'Log in as a driver',
    scope: 'public',
    audited: true,
    refusalsAudited: true,
    body: driverLogin,
    response: { 200: sessionView },
    errors: ['login_wrong', 'driver_suspended', 'logins_busy', 'store_unavailable'],
    handle: async ({ body: { email, password }, audit, address }) => {
      const login = await drivers.logIn(email, password, address);
      if (!login.ok) {
        const { reason } = login;
        journal.recordSampled(address, 'warn', 'driver_login_refused', { reason, address });
        if (reason === 'too_many_requests') return problem(reason, {}, login.retryAfterS);
        if (reason === 'logins_busy') return licensingProblem(reason, {}, login.retryAfterS);
        return licensingProblem(reason);
      }
      const { driver } = login;
      const { id, token, expiresAtMs } = await store.write((tx) => sessions.open(tx, driver.id));
      audit({ target: { kind: KIND, id: driver.id }, after: { session: id } });
      return { status: 200, body: { token, expiresAt: timeOf(expiresAtMs), driver: viewOfDriver(driver) } };
    },
  });

  route(app, {
    method: 'POST',
    path: '/v1/drivers/logout',
    operationId: 'logOutDriver',
    tag: TAG,
    summary: 'End this session, or all of the driver',
    scope: 'garage:use',
    // The answer to a repetition would be that the session is over.
    idempotent: false,
    body: logout,
    response: { 200: loggedOut },
    errors: [],
    handle: ({ actor, body, request, change, audit }) =>
      change(async (tx) => {
        const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
        await sessions.end(tx, actor.id, token, body.all);
        audit({ target: { kind: KIND, id: actor.id } });
        return { status: 200, body: { loggedOut: true } };
      }),
  });
}

function readRoutes(app: FastifyInstance, { store }: ShopRoutesPorts): void {
  route(app, {
    method: 'GET',
    path: '/v1/drivers/me',
    operationId: 'getOwnDriver',
    tag: TAG,
    summary: 'Show the driver who asks',
    scope: 'garage:use',
    response: { 200: driverView },
    errors: ['driver_not_found'],
    handle: async ({ actor }) => {
      const row = await store.db
        .selectFrom('drivers')
        .selectAll()
        .where('id', '=', actor.id)
        .executeTakeFirst();
      if (row === undefined) return licensingProblem('driver_not_found');
      return { status: 200, body: viewOfDriver(row) };
    },
  });

  route(app, {
    method: 'GET',
    path: '/v1/drivers',
    operationId: 'listDrivers',
    tag: TAG,
    summary: 'List drivers',
    scope: 'drivers:read',
    operatorsOnly: true,
    query: driverFilters,
    response: { 200: driverList },
    errors: [],
    handle: async ({ query: { email, ...request } }) => {
      let rows = store.db.selectFrom('drivers').selectAll();
      if (email !== undefined) rows = rows.where('email', '=', email.toLowerCase());
      return pageAnswer(await pageBy(rows, request), viewOfDriver);
    },
  });
}

function statusRoute(
  app: FastifyInstance,
  { now }: ShopRoutesPorts,
  verb: 'suspend' | 'reinstate',
  status: 'suspended' | 'active',
): void {
  route(app, {
    method: 'POST',
    path: `/v1/drivers/{id}/${verb}`,
    operationId: `${verb}Driver`,
    tag: TAG,
    summary: verb === 'suspend' ? 'Keep a driver out, whose sessions work no more' : 'Let a driver in again',
    scope: 'drivers:write',
    operatorsOnly: true,
    params: idParams,
    response: { 200: driverView },
    errors: ['driver_not_found'],
    handle: ({ params: { id }, change, audit }) =>
      change(async (tx) => {
        const row = await tx
          .updateTable('drivers')
          .set({ status, updated_at: now() })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) return licensingProblem('driver_not_found');
        audit({ target: { kind: KIND, id }, after: { status } });
        return { status: 200, body: viewOfDriver(row) };
      }),
  });
}
