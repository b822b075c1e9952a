// Products: made, shown, changed, published, withdrawn. What was ordered keeps the product as it was.

import type { FastifyInstance } from 'fastify';
import { visible, type Actor } from '../../platform/http/actor.ts';
import { pageAnswer } from '../../platform/http/list-answer.ts';
import { problem, type Problem } from '../../platform/http/problem.ts';
import { route } from '../../platform/http/route.ts';
import { idParams } from '../../platform/http/schemas.ts';
import { validate } from '../../platform/http/validation.ts';
import { newId } from '../../platform/store/id.ts';
import { pageBy } from '../../platform/store/page.ts';
import { locked } from '../../platform/store/row-lock.ts';
import type { Kysely } from '../../platform/store/sql.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { ProductsTable } from '../../platform/store/tables/shop-tables.ts';
import { contentOf, type ProductContent, suits } from '../shop/product.ts';
import { visibleProducts, visibleVehicles } from '../shop/who-sees.ts';
import { licensingProblem } from './licensing-error-codes.ts';
import {
  newProduct,
  priceOfProduct,
  productChange,
  productFilters,
  productList,
  productView,
  viewOfProduct,
} from './schemas/product.ts';
import type { ShopRoutesPorts } from './shop-ports.ts';

const TAG = 'products';
const KIND = 'product';

export function productRoutes(app: FastifyInstance, ports: ShopRoutesPorts): void {
  readRoutes(app, ports);
  writeRoutes(app, ports);
  statusRoute(app, ports, 'publish', 'published');
  statusRoute(app, ports, 'withdraw', 'withdrawn');
}

function readRoutes(app: FastifyInstance, { store }: ShopRoutesPorts): void {
  route(app, {
    method: 'GET',
    path: '/v1/products',
    operationId: 'listProducts',
    tag: TAG,
    summary: 'List products; to drivers those that are sold',
    scope: 'products:read',
    query: productFilters,
    response: { 200: productList },
    errors: ['vehicle_not_found'],
    handle: async ({ actor, query: { customerId, status, vehicleId, ...request } }) => {
      let rows = store.db.selectFrom('products').selectAll().where(visibleProducts(actor));
      if (customerId !== undefined) rows = rows.where('customer_id', '=', customerId);
      if (status !== undefined) rows = rows.where('status', '=', status);
      if (vehicleId === undefined) return pageAnswer(await pageBy(rows, request), viewOfProduct);
      const vehicle = await store.db
        .selectFrom('vehicles')
        .selectAll()
        .where('id', '=', vehicleId)
        .where(visibleVehicles(actor))
        .executeTakeFirst();
      if (vehicle === undefined) return licensingProblem('vehicle_not_found', { param: 'vehicleId' });
      rows = rows.where('customer_id', 'is not distinct from', vehicle.customer_id);
      const page = await pageBy(rows, request);
      if (!page.ok) return pageAnswer(page, viewOfProduct);
      const fitting = page.rows.filter((row) => suits(contentOf(row), vehicleId));
      return pageAnswer({ ...page, rows: fitting }, viewOfProduct);
    },
  });

  route(app, {
    method: 'GET',
    path: '/v1/products/{id}',
    operationId: 'getProduct',
    tag: TAG,
    summary: 'Show a product',
    scope: 'products:read',
    params: idParams,
    response: { 200: productView },
    errors: ['product_not_found'],
    handle: async ({ actor, params: { id } }) => {
      const query = store.db.selectFrom('products').selectAll().where('id', '=', id);
      const row = await query.where(visibleProducts(actor)).executeTakeFirst();
      if (row === undefined) return licensingProblem('product_not_found');
      return { status: 200, body: viewOfProduct(row) };
    },
  });
}

function writeRoutes(app: FastifyInstance, { store, now }: ShopRoutesPorts): void {
  route(app, {
    method: 'POST',
    path: '/v1/products',
    operationId: 'createProduct',
    tag: TAG,
    summary: 'Make a product, as a draft that nobody sees until it is published',
    scope: 'products:write',
    body: newProduct,
    response: { 201: productView },
    errors: ['customer_not_found', 'correction_app_not_found'],
    examples: {
      body: {
        names: { en: 'Lane keeping, a year', zh: '车道保持(一年)' },
        partNumber: 'LANE-KEEP',
        version: '1.4.0',
        validSeconds: 31_536_000,
        functions: [{ id: 'lane-keep', names: { en: 'Lane keeping', zh: '车道保持' } }],
        priceMicros: 99_000_000,
        currency: 'EUR',
      },
    },
    handle: ({ actor, body, change, audit }) =>
      change(async (tx) => {
        const { customerId: asked, partNumber, priceMicros, currency, ...content } = body;
        const owner = await ownerOf(tx, actor, asked);
        if (!owner.ok) return problem('customer_not_found', { param: '/customerId' });
        const refused = await appProblem(tx, content, owner.customerId);
        if (refused !== undefined) return refused;
        const nowMs = now();
        const row: ProductsTable = {
          id: newId('prd'),
          customer_id: owner.customerId,
          status: 'draft',
          part_number: partNumber,
          content: JSON.stringify(content satisfies ProductContent),
          price_micros: String(priceMicros),
          currency,
          created_at: nowMs,
          updated_at: nowMs,
        };
        await tx.insertInto('products').values(row).execute();
        const view = viewOfProduct(row);
        audit({ target: { kind: KIND, id: row.id }, customerId: row.customer_id, after: view });
        return { status: 201, body: view };
      }),
  });

  route(app, {
    method: 'PATCH',
    path: '/v1/products/{id}',
    operationId: 'updateProduct',
    tag: TAG,
    summary: 'Change a product; what was ordered stays as it was',
    scope: 'products:write',
    params: idParams,
    body: productChange,
    response: { 200: productView },
    errors: ['product_not_found', 'correction_app_not_found'],
    handle: ({ actor, params: { id }, body, change, audit }) =>
      change(async (tx) => {
        const query = tx.selectFrom('products').selectAll().where('id', '=', id).where(visible(actor));
        const row = await locked(store.dialect, tx, query).executeTakeFirst();
        if (row === undefined) return licensingProblem('product_not_found');
        const { priceMicros = Number(row.price_micros), currency = row.currency, ...given } = body;
        const price = validate('body', priceOfProduct, { priceMicros, currency });
        if (!price.ok) return price.problem;
        const content: ProductContent = { ...contentOf(row), ...stated(given) };
        const refused = await appProblem(tx, content, row.customer_id);
        if (refused !== undefined) return refused;
        const changed: ProductsTable = {
          ...row,
          content: JSON.stringify(content),
          price_micros: String(priceMicros),
          currency,
          updated_at: now(),
        };
        await tx.updateTable('products').set(changed).where('id', '=', id).execute();
        const [before, after] = [viewOfProduct(row), viewOfProduct(changed)];
        audit({ target: { kind: KIND, id }, customerId: row.customer_id, before, after });
        return { status: 200, body: after };
      }),
  });
}

function statusRoute(
  app: FastifyInstance,
  { store, now }: ShopRoutesPorts,
  verb: 'publish' | 'withdraw',
  status: 'published' | 'withdrawn',
): void {
  route(app, {
    method: 'POST',
    path: `/v1/products/{id}/${verb}`,
    operationId: `${verb}Product`,
    tag: TAG,
    summary:
      verb === 'publish' ? 'Sell a product from now on' : 'Sell a product no more; what was sold stays',
    scope: 'products:write',
    params: idParams,
    response: { 200: productView },
    errors: ['product_not_found'],
    handle: ({ actor, params: { id }, change, audit }) =>
      change(async (tx) => {
        const query = tx.selectFrom('products').selectAll().where('id', '=', id).where(visible(actor));
        const row = await locked(store.dialect, tx, query).executeTakeFirst();
        if (row === undefined) return licensingProblem('product_not_found');
        const changed = { ...row, status, updated_at: now() };
        await tx.updateTable('products').set(changed).where('id', '=', id).execute();
        const [before, after] = [viewOfProduct(row), viewOfProduct(changed)];
        audit({ target: { kind: KIND, id }, customerId: row.customer_id, before, after });
        return { status: 200, body: after };
      }),
  });
}

async function ownerOf(
  tx: Kysely<Tables>,
  actor: Actor,
  asked: string | null | undefined,
): Promise<{ readonly ok: true; readonly customerId: string | null } | { readonly ok: false }> {
  const customerId = asked ?? actor.customerId;
  if (customerId === actor.customerId) return { ok: true, customerId };
  if (actor.customerId !== null) return { ok: false };
  const query = tx.selectFrom('customers').select('id').where('id', '=', customerId);
  return (await query.executeTakeFirst()) === undefined ? { ok: false } : { ok: true, customerId };
}

/** The app that lends the correction service must be of whoever sells the product. */
async function appProblem(
  tx: Kysely<Tables>,
  { correction }: Pick<ProductContent, 'correction'>,
  customerId: string | null,
): Promise<Problem | undefined> {
  if (correction === null) return undefined;
  const found = await tx
    .selectFrom('apps')
    .select('id')
    .where('id', '=', correction.appId)
    .where('customer_id', 'is not distinct from', customerId)
    .executeTakeFirst();
  return found === undefined ? licensingProblem('correction_app_not_found', APP_PARAM) : undefined;
}

const APP_PARAM = { param: '/correction/appId' };

/** Without what is undefined, which would otherwise hide what there is. */
function stated<Value extends object>(
  value: Value,
): { [Name in keyof Value]?: Exclude<Value[Name], undefined> } {
  // Exactly the entries that the type keeps.
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as never;
}
