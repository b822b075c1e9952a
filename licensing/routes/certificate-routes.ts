// Certificates: listed, looked up, revoked.

import type { FastifyInstance } from 'fastify';
import { visible } from '../../platform/http/actor.ts';
import { pageAnswer } from '../../platform/http/list-answer.ts';
import { route } from '../../platform/http/route.ts';
import { idParams } from '../../platform/http/schemas.ts';
import { pageBy } from '../../platform/store/page.ts';
import { locked } from '../../platform/store/row-lock.ts';
import { stateOf } from '../pki/certificate-records.ts';
import { licensingProblem } from './licensing-error-codes.ts';
import type { LicensingRoutesPorts } from './ports.ts';
import {
  certificateFilters,
  certificateList,
  certificateView,
  revocation,
  viewOfCertificate,
} from './schemas/certificate.ts';

const TAG = 'certificates';

export function certificateRoutes(app: FastifyInstance, ports: LicensingRoutesPorts): void {
  const { store, office, bus, journal } = ports;

  route(app, {
    method: 'GET',
    path: '/v1/certificates',
    operationId: 'listCertificates',
    tag: TAG,
    summary: 'List certificates',
    scope: 'vehicles:read',
    query: certificateFilters,
    response: { 200: certificateList },
    errors: [],
    handle: async ({ actor, query: { vehicleId, customerId, serial, ...request } }) => {
      let rows = store.db.selectFrom('certificates').selectAll().where(visible(actor));
      if (vehicleId !== undefined) rows = rows.where('vehicle_id', '=', vehicleId);
      if (customerId !== undefined) rows = rows.where('customer_id', '=', customerId);
      if (serial !== undefined) rows = rows.where('serial', '=', serial);
      return pageAnswer(await pageBy(rows, request), (row) => viewOfCertificate(row, office.now()));
    },
  });

  route(app, {
    method: 'GET',
    path: '/v1/certificates/{id}',
    operationId: 'getCertificate',
    tag: TAG,
    summary: 'Look a certificate up by its certificate id',
    scope: 'vehicles:read',
    params: idParams,
    response: { 200: certificateView },
    errors: ['certificate_not_found'],
    handle: async ({ actor, params: { id } }) => {
      const query = store.db
        .selectFrom('certificates')
        .selectAll()
        .where('id', '=', id)
        .where(visible(actor));
      const row = await query.executeTakeFirst();
      if (row === undefined) return licensingProblem('certificate_not_found');
      return { status: 200, body: viewOfCertificate(row, office.now()) };
    },
  });

  route(app, {
    method: 'POST',
    path: '/v1/certificates/{id}/revoke',
    operationId: 'revokeCertificate',
    tag: TAG,
    summary: 'Revoke a certificate, for good and at once',
    scope: 'vehicles:write',
    params: idParams,
    body: revocation,
    response: { 200: certificateView },
    errors: ['certificate_not_found', 'certificate_already_revoked'],
    handle: async ({ actor, params: { id }, body: { reason }, change, audit, address }) => {
      const answer = await change(async (tx) => {
        const query = tx.selectFrom('certificates').selectAll().where('id', '=', id).where(visible(actor));
        const row = await locked(store.dialect, tx, query).executeTakeFirst();
        if (row === undefined) return licensingProblem('certificate_not_found');
        const nowMs = office.now();
        if (stateOf(row, nowMs) === 'revoked') return licensingProblem('certificate_already_revoked');
        const changed = { revoked_at: nowMs, revoked_reason: reason };
        await tx.updateTable('certificates').set(changed).where('id', '=', id).execute();
        const view = viewOfCertificate({ ...row, ...changed }, nowMs);
        const before = viewOfCertificate(row, nowMs);
        audit({ target: { kind: 'certificate', id }, customerId: row.customer_id, before, after: view });
        return { status: 200, body: view };
      });
      if ('status' in answer) {
        bus.publish({ kind: 'certificate', id });
        const { vehicleId: vehicle, serial } = answer.body;
        journal.record('info', 'certificate_revoked', { certificate: id, vehicle, serial, reason, address });
      }
      return answer;
    },
  });
}
