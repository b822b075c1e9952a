// Packages: made, their content received, listed, shown. Content that is there is there for good: other bytes are another
// version.

import type { FastifyInstance } from 'fastify';
import { PACKAGE_BYTES_MAX } from '../../config/limits.ts';
import { type Actor, visible } from '../../platform/http/actor.ts';
import { listAnswer } from '../../platform/http/list-answer.ts';
import { type Problem, problem } from '../../platform/http/problem.ts';
import { UPLOAD_TYPE, uploadOf } from '../../platform/http/read-bodies.ts';
import { route } from '../../platform/http/route.ts';
import { idParams } from '../../platform/http/schemas.ts';
import { newId } from '../../platform/store/id.ts';
import { pageBy } from '../../platform/store/page.ts';
import type { Kysely } from '../../platform/store/sql.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { PackagesTable } from '../../platform/store/tables/ota-tables.ts';
import { compareVersions } from '../entitlements/version.ts';
import { textOfCompatibility } from '../ota/compatibility.ts';
import type { Received } from '../ota/package-files.ts';
import { licensingProblem } from './licensing-error-codes.ts';
import type { LicensingRoutesPorts } from './ports.ts';
import {
  contentQuery,
  newPackage,
  packageFilters,
  packageList,
  packageView,
  viewOfPackage,
} from './schemas/package.ts';

const TAG = 'packages';
const KIND = 'package';

export function packageRoutes(app: FastifyInstance, ports: LicensingRoutesPorts): void {
  const { store, packages } = ports;

  route(app, {
    method: 'POST',
    path: '/v1/packages',
    operationId: 'createPackage',
    tag: TAG,
    summary: 'Make a package; its content follows',
    scope: 'packages:write',
    body: newPackage,
    response: { 201: packageView },
    errors: ['customer_not_found', 'package_exists'],
    examples: {
      body: { partNumber: 'adas.lane', version: '1.4.0', compatibility: { vehicleIdPrefixes: ['LSVAA'] } },
    },
    handle: ({ actor, body, change, audit }) =>
      change(async (tx) => {
        const customerId = body.customerId === undefined ? actor.customerId : body.customerId;
        if (!(await mayBeFor(tx, actor, customerId)))
          return problem('customer_not_found', { param: '/customerId' });
        const others = await tx
          .selectFrom('packages')
          .select('version')
          .where('part_number', '=', body.partNumber)
          .where('customer_id', customerId === null ? 'is' : '=', customerId)
          .execute();
        // 1.4 and 1.4.0 are the same version.
        if (others.some(({ version }) => compareVersions(version, body.version) === 0))
          return licensingProblem('package_exists');
        const row: PackagesTable = {
          id: newId('pkg'),
          customer_id: customerId,
          part_number: body.partNumber,
          version: body.version,
          min_version_from: body.minVersionFrom,
          compatibility: textOfCompatibility(body.compatibility),
          notes: body.notes,
          ...{ state: 'awaiting_content', length: null, sha256: null, content_at: null },
          created_at: Date.now(),
        };
        await tx.insertInto('packages').values(row).execute();
        const view = viewOfPackage(row, 0);
        audit({ target: { kind: KIND, id: row.id }, customerId, after: view });
        return { status: 201, body: view };
      }),
  });

  route(app, {
    method: 'GET',
    path: '/v1/packages',
    operationId: 'listPackages',
    tag: TAG,
    summary: 'List packages',
    scope: 'packages:read',
    query: packageFilters,
    response: { 200: packageList },
    errors: [],
    handle: async ({ actor, query: { partNumber, customerId, ...request } }) => {
      let rows = store.db.selectFrom('packages').selectAll().where(visible(actor));
      if (partNumber !== undefined) rows = rows.where('part_number', '=', partNumber);
      if (customerId !== undefined) rows = rows.where('customer_id', '=', customerId);
      const page = await pageBy(rows, request);
      if (!page.ok) return problem('invalid_cursor', { param: 'cursor' });
      const views = page.rows.map(async (row) => viewOfPackage(row, await receivedOf(row)));
      return listAnswer(await Promise.all(views), page.nextCursor);
    },
  });

  route(app, {
    method: 'GET',
    path: '/v1/packages/{id}',
    operationId: 'getPackage',
    tag: TAG,
    summary: 'Show a package',
    scope: 'packages:read',
    params: idParams,
    response: { 200: packageView },
    errors: ['package_not_found'],
    handle: async ({ actor, params: { id } }) => {
      const row = await find(store.db, actor, id);
      if (row === undefined) return licensingProblem('package_not_found');
      return { status: 200, body: viewOfPackage(row, await receivedOf(row)) };
    },
  });

  route(app, {
    method: 'PUT',
    path: '/v1/packages/{id}/content',
    operationId: 'putPackageContent',
    tag: TAG,
    summary: 'Give a package its content, at once or piece by piece',
    description:
      'A request may take 15 s. What came before it broke off stays: go on at receivedBytes. The same content again is answered as the first time, and takes the place of a file that is lost or damaged.',
    scope: 'packages:write',
    params: idParams,
    query: contentQuery,
    upload: { contentType: UPLOAD_TYPE, description: 'The content, or a piece of it' },
    response: { 200: packageView },
    errors: [
      'package_not_found',
      'package_content_final',
      'package_content_running',
      'package_content_broken_off',
      'package_offset_wrong',
      'package_content_empty',
      'package_too_large',
      'package_disk_full',
      'package_digest_wrong',
    ],
    handle: async ({ actor, params: { id }, query: { offset, more, sha256 }, request, change, audit }) => {
      const row = await find(store.db, actor, id);
      if (row === undefined) return licensingProblem('package_not_found');
      const received = await packages.receive(id, uploadOf(request)!, { offset, isLast: !more });
      if (received.kind === 'partial') {
        audit({
          target: { kind: KIND, id },
          customerId: row.customer_id,
          after: { receivedBytes: received.receivedBytes },
        });
        return { status: 200, body: viewOfPackage(row, received.receivedBytes) };
      }
      if (received.kind !== 'whole') return refusalOf(received);
      if (sha256 !== undefined && sha256 !== received.sha256) {
        await packages.discard(id);
        return licensingProblem('package_digest_wrong');
      }
      if (row.sha256 !== null) {
        if (row.sha256 !== received.sha256) {
          await packages.discard(id);
          return licensingProblem('package_content_final');
        }
        // What is in its place may be lost or damaged.
        await packages.keep(id, received.sha256);
        return { status: 200, body: viewOfPackage(row, 0) };
      }
      await packages.keep(id, received.sha256);
      return await change(async (tx) => {
        const { length, sha256: hash } = received;
        const done = { state: 'ready', length, sha256: hash, content_at: Date.now() } as const;
        const changed = tx.updateTable('packages').set(done).where('id', '=', id);
        const { numUpdatedRows } = await changed.where('sha256', 'is', null).executeTakeFirst();
        if (numUpdatedRows === 0n) return licensingProblem('package_content_final');
        const view = viewOfPackage({ ...row, ...done }, 0);
        audit({
          target: { kind: KIND, id },
          customerId: row.customer_id,
          before: viewOfPackage(row, 0),
          after: view,
        });
        return { status: 200, body: view };
      });
    },
  });

  function receivedOf(row: PackagesTable): Promise<number> | number {
    return row.state === 'ready' ? 0 : packages.receivedBytes(row.id);
  }
}

function refusalOf(received: Exclude<Received, { readonly kind: 'whole' | 'partial' }>): Problem {
  switch (received.kind) {
    case 'busy':
      return licensingProblem('package_content_running');
    case 'broken_off':
      return licensingProblem('package_content_broken_off');
    case 'wrong_offset':
      return licensingProblem('package_offset_wrong', {
        param: 'offset',
        detail: `${received.receivedBytes} bytes have come so far`,
      });
    case 'empty':
      return licensingProblem('package_content_empty');
    case 'too_large':
      return licensingProblem('package_too_large', { detail: `at most ${PACKAGE_BYTES_MAX} bytes` });
    case 'disk_full':
      return licensingProblem('package_disk_full');
  }
}

async function find(db: Kysely<Tables>, actor: Actor, id: string): Promise<PackagesTable | undefined> {
  return await db
    .selectFrom('packages')
    .selectAll()
    .where('id', '=', id)
    .where(visible(actor))
    .executeTakeFirst();
}

async function mayBeFor(db: Kysely<Tables>, actor: Actor, customerId: string | null): Promise<boolean> {
  if (customerId === actor.customerId) return true;
  if (actor.customerId !== null) return false;
  const found = await db.selectFrom('customers').select('id').where('id', '=', customerId).executeTakeFirst();
  return found !== undefined;
}
