// Who changed what, kept for good: entries are only ever added. Secrets never get in. Refused attempts are noted too,
// as far as one actor may fill the log with them.

import { type FastifyRequest } from 'fastify';
import { AUDIT_JSON_LENGTH_MAX, AUDIT_REFUSALS_PER_MINUTE_MAX } from '../../config/limits.ts';
import { newId } from '../store/id.ts';
import { type Kysely } from '../store/sql.ts';
import { type Store } from '../store/store.ts';
import { type AuditEntriesTable, type Tables } from '../store/tables.ts';
import { type Actor } from './actor.ts';
import { type AuditNote } from './audit-note.ts';
import { isAudited, type AuditedSpec } from './common-codes.ts';
import { MinuteCounter } from './minute-counter.ts';
import { addressOf } from './peer-address.ts';
import { type Problem } from './problem.ts';
import { redacted } from './redaction.ts';
import { type AnyRouteSpec } from './route-spec.ts';

type AskedOf = AuditedSpec & Pick<AnyRouteSpec, 'operationId' | 'tag' | 'refusalsAudited'>;

export class AuditLog {
  readonly #store: Store;
  readonly #refusals = new MinuteCounter();

  constructor(store: Store) {
    this.#store = store;
  }

  /** What a change told of itself; by its operation and id alone where it told nothing. */
  async write(
    db: Kysely<Tables>,
    spec: AskedOf,
    request: FastifyRequest,
    notes: readonly AuditNote[],
  ): Promise<void> {
    const told = notes.length > 0 ? notes : [{ target: targetOf(spec, request) }];
    await db
      .insertInto('audit_entries')
      .values(told.map((note) => entryOf(spec, request, note)))
      .execute();
  }

  /** Somebody known tried to change something and was refused, or somebody unknown where the operation keeps that. */
  async refused(
    spec: AskedOf,
    request: FastifyRequest,
    { problem }: Problem,
    [told]: readonly AuditNote[] = [],
  ): Promise<void> {
    if (!isAudited(spec)) return;
    const actor = actorOf(request);
    const isKept =
      spec.refusalsAudited === true
        ? problem.status < 500
        : actor !== undefined && [403, 404, 409].includes(problem.status);
    if (!isKept) return;
    const who = actor?.id ?? addressOf(request);
    if (this.#refusals.count(who, AUDIT_REFUSALS_PER_MINUTE_MAX)?.ok === false) return;
    const note = { target: told?.target ?? targetOf(spec, request), after: { refused: problem.code } };
    await this.#store.db
      .insertInto('audit_entries')
      .values(entryOf(spec, request, note))
      .execute();
  }
}

function actorOf({ caller }: FastifyRequest): Actor | undefined {
  return caller.kind === 'actor' ? caller.actor : undefined;
}

function targetOf(spec: AskedOf, request: FastifyRequest): AuditNote['target'] {
  const { id } = request.params as { readonly id?: string };
  return { kind: spec.tag, id: (id ?? '').slice(0, 64) };
}

function entryOf(spec: AskedOf, request: FastifyRequest, note: AuditNote): AuditEntriesTable {
  const actor = actorOf(request);
  return {
    id: newId('aud'),
    customer_id: note.customerId === undefined ? actor?.customerId || null : note.customerId,
    at: Date.now(),
    actor: actor?.id ?? 'nobody',
    role: actor?.role ?? '',
    action: note.action ?? spec.operationId,
    target_kind: note.target.kind,
    target_id: note.target.id,
    before: jsonOf(note.before),
    after: jsonOf(note.after),
    address: addressOf(request),
    request_id: request.id,
  };
}

function jsonOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  const text = JSON.stringify(redacted(value));
  // A cut text would be no JSON.
  return text.length <= AUDIT_JSON_LENGTH_MAX ? text : JSON.stringify({ tooLong: text.length });
}
