// Devices are bound to an app here, by list or as CSV: all at once, or as a job that tells of each row.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ROWS_BODY_BYTES_MAX } from '../../config/limits.ts';
import { problemOf } from '../../platform/http/problem.ts';
import { route } from '../../platform/http/route.ts';
import { flagText, idParams } from '../../platform/http/schemas.ts';
import type { DevicesTable } from '../../platform/store/tables.ts';
import { readAppQuota } from '../accounts/app-policy.ts';
import { bindInPieces, type RefusedDevice } from '../accounts/bulk/bind-in-pieces.ts';
import { bindingWork } from '../accounts/bulk/binding-work.ts';
import { findApp } from '../accounts/records/app-records.ts';
import { countOfApp } from '../accounts/records/count-rows.ts';
import { REFUSAL_REASONS } from '../accounts/refusal-reason.ts';
import { casterProblem } from './caster-error-codes.ts';
import { devicesOfCsv } from './device-csv.ts';
import type { CasterRoutesPorts } from './ports.ts';
import { boundDevices, devicesToBind } from './schemas/device.ts';
import { jobView, viewOfJob } from './schemas/job.ts';

const FAULTS_TOLD_MAX = 100;

export function deviceBindRoutes(app: FastifyInstance, { store, bus, jobs }: CasterRoutesPorts): void {
  route(app, {
    method: 'POST',
    path: '/v1/apps/{id}/devices',
    operationId: 'bindDevices',
    tag: 'devices',
    summary: 'Bind devices to an app, and to accounts of it where wanted',
    description:
      'JSON, or text/csv with a header line deviceId,accountId (accountId may be left out). Known devices are bound ' +
      'again, so the same call may be repeated. All of them or none; with job=true every row on its own, with its ' +
      'result in GET /v1/jobs/{id}/rows.',
    scope: 'devices:write',
    params: idParams,
    query: z.strictObject({ job: flagText.optional() }),
    body: devicesToBind,
    csv: devicesOfCsv,
    bodyBytesMax: ROWS_BODY_BYTES_MAX,
    response: { 200: boundDevices, 202: jobView },
    errors: [
      'app_not_found',
      'account_not_found',
      'account_of_other_app',
      'account_bound',
      'devices_full',
      'too_many_jobs',
    ],
    examples: { body: { devices: [{ deviceId: 'tractor-17' }] } },
    handle: async ({ actor, params: { id: appId }, query, body, change, audit }) => {
      const owner = await findApp(store, store.db, actor, appId);
      if (owner === undefined) return casterProblem('app_not_found');
      const { devices } = body;
      const note = { target: { kind: 'app', id: appId }, customerId: owner.customer_id };

      if (query.job === true) {
        const place = jobs.askForPlace(actor);
        if (place === undefined) return casterProblem('too_many_jobs', {}, 5);
        try {
          const request = { action: 'bindDevices', appId, devices: devices.length };
          let added: Parameters<typeof jobs.run>[0] | undefined;
          const answer = await change(async (tx) => {
            added = await jobs.add(tx, { kind: 'bindDevices', total: devices.length, request, actor });
            audit({ ...note, after: { ...request, job: added.id } });
            return { status: 202, body: viewOfJob(added) };
          });
          jobs.run(added!, bindingWork({ store, bus, app: owner, devices }), place);
          return answer;
        } finally {
          jobs.giveBack(place);
        }
      }

      const most = readAppQuota(owner.quota).devicesMax ?? Infinity;
      const roomNow = most - (await countOfApp(store.db, 'devices', appId));
      const binding = await bindInPieces(store, owner, devices, roomNow);
      if (!binding.ok) return refusal(binding.refused);
      for (const device of binding.devices) {
        bus.publish({ kind: 'device', id: device.id });
        if (device.account_id !== null) bus.publish({ kind: 'account', id: device.account_id });
      }
      audit({ ...note, after: { devices: devices.length } });
      return { status: 200, body: { object: 'list' as const, data: binding.devices.map(viewOf) } };
    },
  });
}

function viewOf({ id, device_id, account_id }: DevicesTable) {
  return { id, deviceId: device_id, accountId: account_id };
}

const DETAILS = {
  account_not_found: 'names no account',
  account_of_other_app: 'names an account of another app',
  account_bound: 'names an account that is bound to another device',
  devices_full: 'is one device too many for the app',
} as const satisfies Record<RefusedDevice['code'], string>;

function refusal(refused: readonly RefusedDevice[]) {
  const errors = refused.slice(0, FAULTS_TOLD_MAX).map(({ index, code }) => ({
    param: `/devices/${index}/${code === 'devices_full' ? 'deviceId' : 'accountId'}`,
    detail: DETAILS[code],
  }));
  const first = refused[0]!;
  const details = { detail: `${errors[0]!.param} ${errors[0]!.detail}`, param: errors[0]!.param, errors };
  if (first.code !== 'devices_full') return casterProblem(first.code, details);
  const { status, text, fix } = REFUSAL_REASONS.devices_full;
  return problemOf({ code: 'devices_full', status, title: text, fix }, details);
}
