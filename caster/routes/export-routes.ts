// Whole lists as CSV, written while they are read, oldest first. docs/api.md says how cells are written.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Actor } from '../../platform/http/actor.ts';
import { route } from '../../platform/http/route.ts';
import type { Scope } from '../../platform/http/roles.ts';
import type { AccountRow } from '../accounts/records/account-filter.ts';
import { scanOfAccounts } from '../accounts/records/account-filter.ts';
import { findApp } from '../accounts/records/app-records.ts';
import { scanOfDevices } from '../accounts/records/device-filter.ts';
import { allRows, type Scan } from '../accounts/records/scan-page.ts';
import { scanOfClosedSessions } from '../accounts/records/session-filter.ts';
import type { Tables } from '../../platform/store/tables.ts';
import { accountFilterOf } from './account-selection.ts';
import { casterProblem } from './caster-error-codes.ts';
import { closedSessionFilterOf, ownOf } from './closed-session-selection.ts';
import type { Cell } from './csv.ts';
import { csvFile } from './csv-file.ts';
import type { CasterRoutesPorts } from './ports.ts';
import { accountFilters, viewOfAccount } from './schemas/account.ts';
import { deviceFilters, viewOfDevice } from './schemas/device.ts';
import { closedSessionFilters, viewOfClosedSession } from './schemas/session.ts';

const ROWS_AT_ONCE = 200;

const ACCOUNT_COLUMNS = [
  'id',
  'appId',
  'customerId',
  'username',
  'status',
  'state',
  'serviceSpecId',
  'billingPlanId',
  'activatedAt',
  'validUntil',
  'boundDeviceId',
  'held',
  'lastLoginAt',
  'note',
  'createdAt',
] as const;
const PASSWORD_COLUMNS = ['id', 'username', 'password'] as const;
const DEVICE_COLUMNS = [
  'id',
  'appId',
  'customerId',
  'deviceId',
  'status',
  'bound',
  'accountId',
  'lastAccountId',
  'lastSeenAt',
  'createdAt',
] as const;
const SESSION_COLUMNS = [
  'id',
  'customerId',
  'role',
  'mountpoint',
  'account',
  'accountId',
  'appId',
  'device',
  'address',
  'userAgent',
  'ntripVersion',
  'tls',
  'startedAt',
  'endedAt',
  'durationMs',
  'reason',
  'bytes',
  'epochs',
  'frames',
  'epochsDropped',
  'framesDropped',
  'unacknowledgedBytes',
] as const;

export function exportRoutes(app: FastifyInstance, ports: CasterRoutesPorts): void {
  const { store, passwords } = ports;

  exportRoute(app, ports, {
    name: 'accounts',
    operationId: 'exportAccounts',
    summary: 'Accounts as CSV, without passwords',
    scope: 'accounts:read',
    query: z.strictObject(accountFilters),
    columns: ACCOUNT_COLUMNS,
    scanOf: (actor, query) => scanOfAccounts(store, accountFilterOf(actor, query), Date.now(), 'id'),
    cellsOf: (row) => cells(ACCOUNT_COLUMNS, viewOfAccount(row)),
  });

  exportRoute(app, ports, {
    name: 'account-passwords',
    operationId: 'exportAccountPasswords',
    summary: 'User names and passwords as CSV; a chosen password is not known and left empty',
    scope: 'accounts:secrets',
    isSecret: true,
    query: z.strictObject(accountFilters),
    columns: PASSWORD_COLUMNS,
    scanOf: (actor, query) => scanOfAccounts(store, accountFilterOf(actor, query), Date.now(), 'id'),
    cellsOf: (row: AccountRow) => [
      row.id,
      row.username,
      row.password_hash === null ? passwords.derived(row.id, row.password_version) : null,
    ],
  });

  exportRoute(app, ports, {
    name: 'devices',
    operationId: 'exportDevices',
    summary: 'Devices as CSV',
    scope: 'devices:read',
    query: z.strictObject(deviceFilters),
    columns: DEVICE_COLUMNS,
    scanOf: (actor, query) =>
      scanOfDevices(store, {
        appId: query.appId,
        customerId: ownOf(actor, query.customerId),
        deviceIds: query.deviceId,
        accountIds: query.accountId,
        status: query.status,
        isBound: query.bound,
      }),
    cellsOf: (row) => cells(DEVICE_COLUMNS, viewOfDevice(row)),
  });

  exportRoute(app, ports, {
    name: 'closed-sessions',
    operationId: 'exportClosedSessions',
    summary: 'Sessions that have ended as CSV',
    scope: 'sessions:read',
    query: z.strictObject(closedSessionFilters),
    columns: SESSION_COLUMNS,
    scanOf: (actor, query) => scanOfClosedSessions(store, closedSessionFilterOf(actor, query)),
    cellsOf: (row) => cells(SESSION_COLUMNS, viewOfClosedSession(row)),
  });
}

interface ExportRoute<Query extends z.ZodType, Table extends keyof Tables, Row extends { id: string }> {
  readonly name: string;
  readonly operationId: string;
  readonly summary: string;
  readonly scope: Scope;
  /** Whoever reads it is in the audit log. */
  readonly isSecret?: true;
  readonly query: Query;
  readonly columns: readonly string[];
  readonly scanOf: (actor: Actor, query: z.output<Query>) => Scan<Table, Row>;
  readonly cellsOf: (row: Row) => readonly Cell[];
}

function exportRoute<Query extends z.ZodType, Table extends keyof Tables, Row extends { id: string }>(
  app: FastifyInstance,
  { store }: CasterRoutesPorts,
  {
    name,
    operationId,
    summary,
    scope,
    isSecret,
    query: schema,
    columns,
    scanOf,
    cellsOf,
  }: ExportRoute<Query, Table, Row>,
): void {
  route(app, {
    method: 'GET',
    path: `/v1/exports/${name}.csv`,
    operationId,
    tag: 'exports',
    summary,
    scope,
    query: schema,
    response: {},
    file: { contentType: 'text/csv; charset=utf-8', description: columns.join(',') },
    errors: ['app_not_found'],
    audited: isSecret ?? false,
    handle: async ({ actor, query, audit }) => {
      const { appId } = query as { readonly appId?: string };
      if (appId !== undefined && (await findApp(store, store.db, actor, appId)) === undefined) {
        return casterProblem('app_not_found', { param: 'appId' });
      }
      audit({ target: { kind: 'export', id: name }, after: { query } });
      const scan = scanOf(actor, query);
      async function* pages() {
        for await (const rows of allRows(store.db, scan, ROWS_AT_ONCE)) yield rows.map(cellsOf);
      }
      return csvFile(`${name}.csv`, columns, pages());
    },
  });
}

function cells<View extends object>(columns: readonly (keyof View)[], view: View): Cell[] {
  // Views are flat: texts, numbers, flags and null.
  return columns.map((column) => view[column] as Cell);
}
