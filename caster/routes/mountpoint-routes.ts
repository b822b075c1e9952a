// Mountpoints: those of the store made, changed and deleted, those of the configuration file shown beside them.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type Actor, visible } from '../../platform/http/actor.ts';
import { listAnswer } from '../../platform/http/list-answer.ts';
import { problem } from '../../platform/http/problem.ts';
import { route } from '../../platform/http/route.ts';
import { deleted, idParams, idText, many, storePageQuery } from '../../platform/http/schemas.ts';
import { newId } from '../../platform/store/id.ts';
import { oneOf } from '../../platform/store/one-of.ts';
import { pageBy } from '../../platform/store/page.ts';
import { locked } from '../../platform/store/row-lock.ts';
import type { Kysely } from '../../platform/store/sql.ts';
import type { Store } from '../../platform/store/store.ts';
import { violatedKey } from '../../platform/store/store-error.ts';
import type { MountpointsTable, Tables } from '../../platform/store/tables.ts';
import type { BaseHealth } from '../accounts/base-health.ts';
import { readMountpointSettings, sourcePasswordContext } from '../accounts/mountpoint-settings.ts';
import { casterProblem } from './caster-error-codes.ts';
import { merge } from './merge.ts';
import { ownerFor } from './owner.ts';
import type { CasterRoutesPorts } from './ports.ts';
import {
  changedMountpoint,
  CONFIG_ID_PREFIX,
  mountpointChange,
  mountpointList,
  mountpointNow,
  mountpointView,
  newMountpoint,
  viewNow,
  viewOfConfigMountpoint,
  viewOfMountpoint,
} from './schemas/mountpoint.ts';

const TAG = 'mountpoints';
const NAME_TAKEN = { param: '/name' } as const;
/** Of the part of the list that the configuration file makes: a number of its entries is behind. */
const CONFIG_CURSOR = /^configuration\.(\d{1,6})$/;

export function mountpointRoutes(app: FastifyInstance, ports: CasterRoutesPorts): void {
  const { store, bus, secrets, configuration, sessions } = ports;

  /** Of the base of each mountpoint, as of now. */
  function healthNow(): (mountpoint: string) => BaseHealth | undefined {
    const bases = new Map<string, string>();
    for (const { id, role, mountpoint } of sessions.all()) if (role === 'base') bases.set(mountpoint, id);
    return (mountpoint) => {
      const id = bases.get(mountpoint);
      return id === undefined ? undefined : sessions.health(id);
    };
  }

  route(app, {
    method: 'POST',
    path: '/v1/mountpoints',
    operationId: 'createMountpoint',
    tag: TAG,
    summary: 'Make a mountpoint; a base can push to it at once',
    scope: 'mountpoints:write',
    body: newMountpoint,
    response: { 201: mountpointView },
    errors: ['customer_not_found', 'mountpoint_name_taken', 'nearest_for_operator'],
    examples: { body: { name: 'HILL', sourcePassword: 'choose-your-own', country: 'DEU' } },
    handle: async ({ actor, body, change, audit }) => {
      const { name, sourcePassword, customerId, ...settings } = body;
      if (isBeyond(actor, settings)) return casterProblem('nearest_for_operator', { param: '/nearest' });
      if (configuration.mountpoints().some((mountpoint) => mountpoint.name === name)) {
        return casterProblem('mountpoint_name_taken', {
          ...NAME_TAKEN,
          detail: 'the configuration file has it',
        });
      }
      const id = newId('mnt');
      try {
        const answer = await change(async (tx) => {
          const owner = await ownerFor(tx, actor, customerId);
          if (!owner.ok) return owner.problem;
          const nowMs = Date.now();
          const row: MountpointsTable = {
            id,
            customer_id: owner.customerId,
            name,
            settings: JSON.stringify(settings),
            source_password_sealed:
              sourcePassword === undefined ? null : secrets.seal(sourcePassword, sourcePasswordContext(id)),
            created_at: nowMs,
            updated_at: nowMs,
          };
          await tx.insertInto('mountpoints').values(row).execute();
          const view = viewOfMountpoint(row);
          audit({ target: { kind: 'mountpoint', id }, customerId: row.customer_id, after: view });
          return { status: 201, body: view };
        });
        if ('status' in answer) bus.publish({ kind: 'mountpoint', id });
        return answer;
      } catch (error) {
        if (violatedKey(error) === 'mountpoints.name')
          return casterProblem('mountpoint_name_taken', NAME_TAKEN);
        throw error;
      }
    },
  });

  route(app, {
    method: 'GET',
    path: '/v1/mountpoints',
    operationId: 'listMountpoints',
    tag: TAG,
    summary: 'List mountpoints; those of the configuration file come last, by name',
    scope: 'mountpoints:read',
    query: z.strictObject({
      ...storePageQuery,
      customerId: idText.optional(),
      name: many(z.string().max(100)),
      source: z.enum(['api', 'configuration']).optional().meta({ description: 'Where it is changed' }),
    }),
    response: { 200: mountpointList },
    errors: [],
    handle: async ({ actor, query: { customerId, name, source, ...request } }) => {
      const fromFile =
        source === 'api' || customerId !== undefined
          ? []
          : configuration
              .mountpoints()
              .filter((mountpoint) => name === undefined || name.includes(mountpoint.name))
              .toSorted((a, b) => (a.name < b.name ? -1 : 1));
      const behind = behindOf(request.cursor);
      const isOfFile = behind !== undefined || source === 'configuration';
      if (isOfFile && behind === undefined && request.cursor !== undefined) {
        return problem('invalid_cursor', { param: 'cursor' });
      }
      let rows = store.db.selectFrom('mountpoints').selectAll().where(visible(actor));
      if (customerId !== undefined) rows = rows.where('customer_id', '=', customerId);
      if (name !== undefined) rows = rows.where(oneOf(store.dialect, 'name', name));
      const page = isOfFile
        ? ({ ok: true, rows: [], nextCursor: null } as const)
        : await pageBy(rows, request);
      if (!page.ok) return problem(page.reason, { param: 'cursor' });
      const health = healthNow();
      const data = page.rows.map((row) => viewNow(viewOfMountpoint(row), health));
      if (page.nextCursor !== null) return listAnswer(data, page.nextCursor);
      const from = behind ?? 0;
      const room = request.limit - data.length;
      const shown = fromFile.slice(from, from + room).map(viewOfConfigMountpoint);
      data.push(...shown.map((view) => viewNow(view, health)));
      return listAnswer(data, from + room < fromFile.length ? cursorOf(from + room) : null);
    },
  });

  route(app, {
    method: 'GET',
    path: '/v1/mountpoints/{id}',
    operationId: 'getMountpoint',
    tag: TAG,
    summary: 'Show a mountpoint',
    scope: 'mountpoints:read',
    params: idParams,
    response: { 200: mountpointNow },
    errors: ['mountpoint_not_found'],
    handle: async ({ actor, params: { id } }) => {
      const ofFile = configuration.mountpoints().find(({ name }) => `${CONFIG_ID_PREFIX}${name}` === id);
      if (ofFile !== undefined)
        return { status: 200, body: viewNow(viewOfConfigMountpoint(ofFile), healthNow()) };
      const row = await findMountpoint(store, store.db, actor, id);
      return row === undefined
        ? casterProblem('mountpoint_not_found')
        : { status: 200, body: viewNow(viewOfMountpoint(row), healthNow()) };
    },
  });

  route(app, {
    method: 'PATCH',
    path: '/v1/mountpoints/{id}',
    operationId: 'updateMountpoint',
    tag: TAG,
    summary: 'Change a mountpoint; its base and rovers follow within a second',
    scope: 'mountpoints:write',
    params: idParams,
    body: mountpointChange,
    response: { 200: mountpointView },
    errors: ['mountpoint_not_found', 'mountpoint_in_configuration', 'nearest_for_operator'],
    handle: async ({ actor, params: { id }, body, change, audit }) => {
      if (id.startsWith(CONFIG_ID_PREFIX)) return ofFileProblem(ports, id);
      const answer = await change(async (tx) => {
        const row = await findMountpoint(store, tx, actor, id);
        if (row === undefined) return casterProblem('mountpoint_not_found');
        const { sourcePassword, ...settings } = body;
        if (isBeyond(actor, settings)) return casterProblem('nearest_for_operator', { param: '/nearest' });
        const current = {
          ...readMountpointSettings(row.settings),
          // Its text is nobody's business here, only whether there is one.
          ...(row.source_password_sealed === null ? {} : { sourcePassword: 'kept' }),
        };
        const merged = merge(changedMountpoint, current, { ...settings, sourcePassword });
        if (!merged.ok) return merged.problem;
        const { sourcePassword: _kept, ...after } = merged.value;
        const changed = {
          settings: JSON.stringify(after),
          source_password_sealed:
            typeof sourcePassword === 'string'
              ? secrets.seal(sourcePassword, sourcePasswordContext(id))
              : sourcePassword === null
                ? null
                : row.source_password_sealed,
          updated_at: Date.now(),
        };
        await tx.updateTable('mountpoints').set(changed).where('id', '=', id).execute();
        const [before, view] = [viewOfMountpoint(row), viewOfMountpoint({ ...row, ...changed })];
        audit({
          target: { kind: 'mountpoint', id },
          customerId: row.customer_id,
          before,
          after: { ...view, isSourcePasswordNew: sourcePassword !== undefined },
        });
        return { status: 200, body: view };
      });
      if ('status' in answer) bus.publish({ kind: 'mountpoint', id });
      return answer;
    },
  });

  route(app, {
    method: 'DELETE',
    path: '/v1/mountpoints/{id}',
    operationId: 'deleteMountpoint',
    tag: TAG,
    summary: 'Delete a mountpoint; its base and rovers are disconnected',
    scope: 'mountpoints:write',
    params: idParams,
    response: { 200: deleted },
    errors: ['mountpoint_not_found', 'mountpoint_in_configuration'],
    handle: async ({ actor, params: { id }, change, audit }) => {
      if (id.startsWith(CONFIG_ID_PREFIX)) return ofFileProblem(ports, id);
      const answer = await change(async (tx) => {
        const row = await findMountpoint(store, tx, actor, id);
        if (row === undefined) return casterProblem('mountpoint_not_found');
        await tx.deleteFrom('mountpoints').where('id', '=', id).execute();
        const before = viewOfMountpoint(row);
        audit({ target: { kind: 'mountpoint', id }, customerId: row.customer_id, before });
        return { status: 200, body: { id, deleted: true } };
      });
      if ('status' in answer) bus.publish({ kind: 'mountpoint', id });
      return answer;
    },
  });
}

/** A `tx` locks the row where others write beside it. */
async function findMountpoint(
  { dialect }: Pick<Store, 'dialect'>,
  db: Kysely<Tables>,
  actor: Actor,
  id: string,
): Promise<MountpointsTable | undefined> {
  const query = db.selectFrom('mountpoints').selectAll().where('id', '=', id).where(visible(actor));
  return await locked(dialect, db, query).executeTakeFirst();
}

function ofFileProblem({ configuration }: CasterRoutesPorts, id: string) {
  const isThere = configuration.mountpoints().some(({ name }) => `${CONFIG_ID_PREFIX}${name}` === id);
  return casterProblem(isThere ? 'mountpoint_in_configuration' : 'mountpoint_not_found');
}

function behindOf(cursor: string | undefined): number | undefined {
  const parts = CONFIG_CURSOR.exec(Buffer.from(cursor ?? '', 'base64url').toString('latin1'));
  return parts === null ? undefined : Number(parts[1]);
}

function cursorOf(behind: number): string {
  return Buffer.from(`configuration.${behind}`).toString('base64url');
}

/** A mountpoint that gives the nearest base gives away those of everybody. */
function isBeyond({ customerId }: Actor, { nearest }: { readonly nearest?: unknown }): boolean {
  return customerId !== null && nearest !== undefined && nearest !== null;
}
