// Idempotency-Key: a request that is repeated with the same key within IDEMPOTENCY_KEPT_MS does its work once, and
// gets the same answer each time.
//
//             claim()                      settle()
//   (no row) ─────────▶ under way (no status) ─────────▶ answered ──▶ replayed until it is old
//      ▲                  │ release(): it failed           │
//      └──────────────────┘                                └─▶ another body: refused
//
// A claim is renewed while its request is under way; one whose process ended is free after IDEMPOTENCY_ABANDONED_MS.
// `settle` within the transaction of the change makes sure that of two that hold the same claim only one commits.

import { createHash } from 'node:crypto';
import { type FastifyRequest } from 'fastify';
import { IDEMPOTENCY_ABANDONED_MS, IDEMPOTENCY_KEPT_MS } from '../../config/limits.ts';
import { type Kysely } from '../store/sql.ts';
import { type Store } from '../store/store.ts';
import { type Tables } from '../store/tables.ts';
import { problem, type Problem } from './problem.ts';

export interface StoredAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export interface Claim {
  readonly id: string;
  /** Tells this claim from a later one of the same key; when it was last renewed. */
  readonly atMs: number;
}

export type Claimed =
  | { readonly kind: 'claimed'; readonly claim: Claim }
  | { readonly kind: 'replay'; readonly answer: StoredAnswer }
  | { readonly kind: 'refused'; readonly problem: Problem };

/** Answers may hold secrets that are shown once: they rest sealed. */
export interface Sealer {
  seal(text: string, context: string): string;
  open(sealed: string, context: string): string | undefined;
}

const KEY = /^[\x21-\x7e]{1,255}$/;

export class IdempotencyKeys {
  readonly #store: Store;
  readonly #sealer: Sealer;

  constructor(store: Store, sealer: Sealer) {
    this.#store = store;
    this.#sealer = sealer;
  }

  async claim(request: FastifyRequest): Promise<Claimed> {
    const key = request.headers['idempotency-key'];
    if (typeof key !== 'string' || !KEY.test(key)) return refusal('invalid_parameter', KEY_FORM);
    const path = request.url.split('?', 1)[0]!;
    const id = hash(ownerOf(request), request.method, path, key);
    const requestHash = hash(request.url, request.rawBody ?? '');
    const atMs = Date.now();
    const { db } = this.#store;
    const inserted = await db
      .insertInto('idempotency_keys')
      .values({ id, request_hash: requestHash, status: null, response: null, created_at: atMs })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .executeTakeFirst();
    if (Number(inserted.numInsertedOrUpdatedRows ?? 0) === 1) return { kind: 'claimed', claim: { id, atMs } };
    const row = await db.selectFrom('idempotency_keys').selectAll().where('id', '=', id).executeTakeFirst();
    if (row === undefined) return inProgress();
    const ageMs = atMs - row.created_at;
    const isOver = row.status === null ? ageMs > IDEMPOTENCY_ABANDONED_MS : ageMs > IDEMPOTENCY_KEPT_MS;
    if (isOver) return await this.#takeOver(id, requestHash, row.created_at, atMs);
    if (row.request_hash !== requestHash) return refusal('idempotency_key_reused', {});
    if (row.status === null || row.response === null) return inProgress();
    const opened = this.#sealer.open(row.response, id);
    // Sealed under another master key. The work is done all the same, and must not be done again.
    if (opened === undefined) return refusal('idempotency_key_reused', ANSWER_LOST);
    const { type, body } = JSON.parse(opened) as { type: string; body: string };
    return { kind: 'replay', answer: { status: row.status, type, body } };
  }

  /** False where another request has taken the claim over: then nothing of this one may last. */
  async settle(
    db: Kysely<Tables>,
    { id, atMs }: Claim,
    { status, type, body }: StoredAnswer,
  ): Promise<boolean> {
    const updated = await db
      .updateTable('idempotency_keys')
      .set({ status, response: this.#sealer.seal(JSON.stringify({ type, body }), id) })
      .where('id', '=', id)
      .where('created_at', '=', atMs)
      .where('status', 'is', null)
      .executeTakeFirst();
    return Number(updated.numUpdatedRows) === 1;
  }

  /** The claim from now on, of a request that takes long; undefined where another has taken it over. */
  async renew({ id, atMs }: Claim): Promise<Claim | undefined> {
    const nowMs = Math.max(Date.now(), atMs + 1);
    const updated = await this.#store.db
      .updateTable('idempotency_keys')
      .set({ created_at: nowMs })
      .where('id', '=', id)
      .where('created_at', '=', atMs)
      .where('status', 'is', null)
      .executeTakeFirst();
    return Number(updated.numUpdatedRows) === 1 ? { id, atMs: nowMs } : undefined;
  }

  /** The request did nothing that lasts. */
  async release({ id, atMs }: Claim): Promise<void> {
    await this.#store.db
      .deleteFrom('idempotency_keys')
      .where('id', '=', id)
      .where('created_at', '=', atMs)
      .where('status', 'is', null)
      .execute();
  }

  /** Deletes what is older than it must be kept. To be called now and then. */
  async sweep(nowMs = Date.now()): Promise<void> {
    await this.#store.db
      .deleteFrom('idempotency_keys')
      .where('created_at', '<', nowMs - IDEMPOTENCY_KEPT_MS)
      .execute();
  }

  async #takeOver(id: string, requestHash: string, ofMs: number, atMs: number): Promise<Claimed> {
    const updated = await this.#store.db
      .updateTable('idempotency_keys')
      .set({ request_hash: requestHash, status: null, response: null, created_at: atMs })
      .where('id', '=', id)
      .where('created_at', '=', ofMs)
      .executeTakeFirst();
    return Number(updated.numUpdatedRows) === 1 ? { kind: 'claimed', claim: { id, atMs } } : inProgress();
  }
}

const KEY_FORM = {
  param: 'Idempotency-Key',
  detail: 'Idempotency-Key must be 1 to 255 printable ASCII characters without space',
};

const ANSWER_LOST = { detail: 'the request was answered, but its answer can no longer be read' };

function refusal(code: 'invalid_parameter' | 'idempotency_key_reused', details: object): Claimed {
  return { kind: 'refused', problem: problem(code, details) };
}

function inProgress(): Claimed {
  return { kind: 'refused', problem: problem('idempotency_in_progress', {}, 1) };
}

/** Operations that nobody known may call take no key. */
function ownerOf({ caller }: FastifyRequest): string {
  return caller.kind === 'actor' ? caller.actor.id : '';
}

function hash(...parts: readonly (string | Buffer)[]): string {
  const digest = createHash('sha256');
  // The length in front keeps two parts from being read as two others.
  for (const part of parts) digest.update(`${part.length}:`).update(part);
  return digest.digest('hex');
}
