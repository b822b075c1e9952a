// What one request does while it is under way: its change of the store, with the audit entries and the answer under its
// Idempotency-Key in the same transaction where there is one, and else right after it.

import { type FastifyRequest } from 'fastify';
import { type Transaction } from '../store/sql.ts';
import { type Tables } from '../store/tables.ts';
import { type Api } from './api.ts';
import { type AuditNote } from './audit-note.ts';
import { isAudited } from './common-codes.ts';
import { type Claim, type StoredAnswer } from './idempotency.ts';
import { KeptClaim } from './kept-claim.ts';
import { isProblem, PROBLEM_TYPE, problemBody } from './problem.ts';
import { type AnyRouteSpec } from './route-spec.ts';

/** Another request with the same Idempotency-Key took this one for dead, and does its work. */
export class ClaimLost extends Error {}

/** Rolls a transaction back whose answer is a problem. */
class RolledBack extends Error {
  readonly answer: object;

  constructor(answer: object) {
    super('rolled back');
    this.answer = answer;
  }
}

/** What one request has done so far, and what is still to be written of it. */
export class Work {
  readonly #api: Api;
  readonly #spec: AnyRouteSpec;
  readonly #request: FastifyRequest;
  readonly #claim: KeptClaim | undefined;
  #notes: AuditNote[] = [];
  #isNoted = false;
  #isSettled = false;

  constructor(api: Api, spec: AnyRouteSpec, request: FastifyRequest, claim: Claim | undefined) {
    this.#api = api;
    this.#spec = spec;
    this.#request = request;
    this.#claim = claim === undefined ? undefined : new KeptClaim(api.idempotency, claim);
  }

  note(note: AuditNote): void {
    this.#notes.push(note);
  }

  async change<Given extends object>(body: (tx: Transaction<Tables>) => Promise<Given>): Promise<Given> {
    const notesBefore = this.#notes;
    const { audit, idempotency, store } = this.#api;
    const claim = await this.#claim?.stop();
    try {
      const answer = await store.write(async (tx) => {
        // The body may be run again: what it told the first time did not happen.
        this.#notes = [...notesBefore];
        const given = await body(tx);
        if (isProblem(given)) throw new RolledBack(given);
        if (isAudited(this.#spec)) await audit.write(tx, this.#spec, this.#request, this.#notes);
        if (claim !== undefined && !('file' in given || 'streaming' in given)) {
          const stored = toStored(given as { status: number; body: unknown });
          if (!(await idempotency.settle(tx, claim, stored))) throw new ClaimLost();
        }
        return given;
      });
      this.#isNoted = true;
      this.#isSettled = true;
      return answer;
    } catch (error) {
      this.#notes = notesBefore;
      // The very answer that the body gave.
      if (error instanceof RolledBack) return error.answer as Given;
      throw error;
    }
  }

  /** Writes what `change` has not. */
  async finish(answer: object): Promise<void> {
    const { audit, idempotency, store } = this.#api;
    if (isAudited(this.#spec) && !this.#isNoted) {
      if (isProblem(answer)) await audit.refused(this.#spec, this.#request, answer, this.#notes);
      else await audit.write(store.db, this.#spec, this.#request, this.#notes);
    }
    const claim = await this.#claim?.stop();
    if (claim === undefined || this.#isSettled || 'file' in answer || 'streaming' in answer) return;
    if (isProblem(answer) && isPassing(answer.problem.status)) {
      await this.abandon();
      return;
    }
    const stored = isProblem(answer)
      ? {
          status: answer.problem.status,
          type: PROBLEM_TYPE,
          body: JSON.stringify(problemBody(answer, this.#request.id)),
        }
      : toStored(answer as { status: number; body: unknown });
    if (!(await idempotency.settle(store.db, claim, stored))) throw new ClaimLost();
  }

  /** It did nothing that lasts: its Idempotency-Key may be used again at once. */
  async abandon(): Promise<void> {
    const claim = await this.#claim?.stop();
    if (claim === undefined || this.#isSettled) return;
    // A store that is away must not hide why the request failed; the claim runs out by itself.
    await this.#api.idempotency.release(claim).catch(() => undefined);
  }
}

/** Who is told to come again with the same Idempotency-Key must not be given the same answer then. */
function isPassing(status: number): boolean {
  return status >= 500 || status === 429;
}

export const JSON_TYPE = 'application/json; charset=utf-8';

function toStored({ status, body }: { readonly status: number; readonly body: unknown }): StoredAnswer {
  return { status, type: JSON_TYPE, body: JSON.stringify(body) };
}
