// Devices: listed, shown, changed, blocked, unbound, forgotten. They are bound in device-bind-routes.ts.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Actor } from '../../platform/http/actor.ts';
import { pageAnswer } from '../../platform/http/list-answer.ts';
import { route } from '../../platform/http/route.ts';
import { deleted, idParams, storePageQuery } from '../../platform/http/schemas.ts';
import type { PageRequest } from '../../platform/store/page.ts';
import type { Transaction } from '../../platform/store/sql.ts';
import type { DevicesTable, Tables } from '../../platform/store/tables.ts';
import { bindDevices } from '../accounts/bulk/bind-devices.ts';
import { findApp } from '../accounts/records/app-records.ts';
import { scanOfDevices } from '../accounts/records/device-filter.ts';
import { findDevice, unbindDevice } from '../accounts/records/device-records.ts';
import { scanPage } from '../accounts/records/scan-page.ts';
import { casterProblem } from './caster-error-codes.ts';
import type { CasterRoutesPorts } from './ports.ts';
import { deviceChange, deviceFilters, deviceList, deviceView, viewOfDevice } from './schemas/device.ts';

const TAG = 'devices';
const { appId: _appId, ...filtersOfApp } = deviceFilters;

export function deviceRoutes(app: FastifyInstance, ports: CasterRoutesPorts): void {
  const { store, bus } = ports;

  async function list(actor: Actor, query: PageRequest & z.output<z.ZodObject<typeof deviceFilters>>) {
    const { appId, customerId } = query;
    if (appId !== undefined && (await findApp(store, store.db, actor, appId)) === undefined) {
      return casterProblem('app_not_found', { param: 'appId' });
    }
    const isForeign =
      actor.customerId !== null && customerId !== undefined && customerId !== actor.customerId;
    const scan = scanOfDevices(store, {
      appId,
      customerId: actor.customerId ?? customerId,
      deviceIds: query.deviceId,
      accountIds: isForeign ? [] : query.accountId,
      status: query.status,
      isBound: query.bound,
    });
    return pageAnswer(await scanPage(store.db, scan, query), viewOfDevice);
  }

  route(app, {
    method: 'GET',
    path: '/v1/devices',
    operationId: 'listDevices',
    tag: TAG,
    summary: 'List devices',
    description: 'A page may be short although hasMore is true, as in GET /v1/accounts.',
    scope: 'devices:read',
    query: z.strictObject({ ...storePageQuery, ...deviceFilters }),
    response: { 200: deviceList },
    errors: ['app_not_found'],
    handle: ({ actor, query }) => list(actor, query),
  });

  route(app, {
    method: 'GET',
    path: '/v1/apps/{id}/devices',
    operationId: 'listDevicesOfApp',
    tag: TAG,
    summary: 'List the devices of an app',
    scope: 'devices:read',
    params: idParams,
    query: z.strictObject({ ...storePageQuery, ...filtersOfApp }),
    response: { 200: deviceList },
    errors: ['app_not_found'],
    handle: ({ actor, params, query }) => list(actor, { ...query, appId: params.id }),
  });

  route(app, {
    method: 'GET',
    path: '/v1/devices/{id}',
    operationId: 'getDevice',
    tag: TAG,
    summary: 'Show a device',
    scope: 'devices:read',
    params: idParams,
    response: { 200: deviceView },
    errors: ['device_not_found'],
    handle: async ({ actor, params }) => {
      const row = await findDevice(store, store.db, actor, params.id);
      return row === undefined ? casterProblem('device_not_found') : { status: 200, body: viewOfDevice(row) };
    },
  });

  changeRoute(app, ports, {
    method: 'PATCH',
    path: '/v1/devices/{id}',
    operationId: 'updateDevice',
    summary: 'Bind a device, or give it an account for good',
    body: deviceChange,
    errors: ['account_not_found', 'account_of_other_app', 'account_bound'],
    act: async (tx, device, { bound, accountId }) => {
      if (bound === false) return await unbindDevice(tx, device, Date.now());
      if (bound === undefined && accountId === undefined) return device;
      const asked = [{ deviceId: device.device_id, accountId }];
      const app = { id: device.app_id, customer_id: device.customer_id };
      const [result] = await bindDevices(store, tx, asked, { app, nowMs: Date.now() });
      if (result!.ok) return result!.device;
      // A device that is there takes no room.
      if (result!.code === 'devices_full') throw new Error('a known device was counted');
      return { problem: casterProblem(result!.code, { param: '/accountId' }) };
    },
  });

  changeRoute(app, ports, {
    method: 'POST',
    path: '/v1/devices/{id}/unbind',
    operationId: 'unbindDevice',
    summary: 'Unbind a device from its app and its account; it stays known',
    body: nothing,
    errors: [],
    act: (tx, device) => unbindDevice(tx, device, Date.now()),
  });

  statusRoute(app, ports, 'block', 'blocked', 'Block a device: it is let in no more, and its streams end');
  statusRoute(app, ports, 'unblock', 'active', 'Let a blocked device in again');

  route(app, {
    method: 'DELETE',
    path: '/v1/devices/{id}',
    operationId: 'deleteDevice',
    tag: TAG,
    summary: 'Forget a device',
    description: 'One that is not bound comes back by itself at its next login.',
    scope: 'devices:write',
    params: idParams,
    response: { 200: deleted },
    errors: ['device_not_found'],
    handle: async ({ actor, params: { id }, change, audit }) => {
      let accountId = null as string | null;
      const answer = await change(async (tx) => {
        const row = await findDevice(store, tx, actor, id);
        if (row === undefined) return casterProblem('device_not_found');
        accountId = row.account_id;
        await unbindDevice(tx, row, Date.now());
        await tx.deleteFrom('devices').where('id', '=', id).execute();
        audit({ target: { kind: 'device', id }, customerId: row.customer_id, before: viewOfDevice(row) });
        return { status: 200, body: { id, deleted: true } };
      });
      if ('status' in answer) {
        bus.publish({ kind: 'device', id });
        if (accountId !== null) bus.publish({ kind: 'account', id: accountId });
      }
      return answer;
    },
  });
}

const nothing = z.strictObject({});
function statusRoute(
  app: FastifyInstance,
  ports: CasterRoutesPorts,
  name: 'block' | 'unblock',
  status: DevicesTable['status'],
  summary: string,
): void {
  changeRoute(app, ports, {
    method: 'POST',
    path: `/v1/devices/{id}/${name}`,
    operationId: `${name}Device`,
    summary,
    body: nothing,
    errors: [],
    act: async (tx, device) => {
      await tx.updateTable('devices').set({ status }).where('id', '=', device.id).execute();
      return { ...device, status };
    },
  });
}

interface ChangeRoute<Body extends z.ZodType> {
  readonly method: 'PATCH' | 'POST';
  readonly path: `/${string}`;
  readonly operationId: string;
  readonly summary: string;
  readonly body: Body;
  readonly errors: readonly string[];
  readonly act: (
    tx: Transaction<Tables>,
    device: DevicesTable,
    body: z.output<Body>,
  ) => Promise<DevicesTable | { readonly problem: ReturnType<typeof casterProblem> }>;
}

function changeRoute<Body extends z.ZodType>(
  app: FastifyInstance,
  { store, bus }: CasterRoutesPorts,
  { act, errors, ...spec }: ChangeRoute<Body>,
): void {
  route(app, {
    ...spec,
    tag: TAG,
    scope: 'devices:write',
    params: idParams,
    response: { 200: deviceView },
    errors: ['device_not_found', ...errors],
    handle: async ({ actor, params: { id }, body, change, audit }) => {
      const accounts = new Set<string>();
      const answer = await change(async (tx) => {
        const row = await findDevice(store, tx, actor, id);
        if (row === undefined) return casterProblem('device_not_found');
        const after = await act(tx, row, body);
        if ('problem' in after) return after.problem;
        for (const accountId of [row.account_id, after.account_id])
          if (accountId !== null) accounts.add(accountId);
        const [before, view] = [viewOfDevice(row), viewOfDevice(after)];
        audit({ target: { kind: 'device', id }, customerId: row.customer_id, before, after: view });
        return { status: 200, body: view };
      });
      if ('status' in answer) {
        bus.publish({ kind: 'device', id });
        for (const accountId of accounts) bus.publish({ kind: 'account', id: accountId });
      }
      return answer;
    },
  });
}
