// One request on its way through an operation, after it was let in and its body was read: signature, validation,
// Idempotency-Key, the handler, audit, answer.

import { type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Transaction } from '../store/sql.ts';
import { type Tables } from '../store/tables.ts';
import { type Api, type Caller } from './api.ts';
import { checkAnswer } from './answer-check.ts';
import { type AuditNote } from './audit-note.ts';
import { isAudited, takesIdempotencyKey } from './common-codes.ts';
import { type Claim } from './idempotency.ts';
import { addressOf } from './peer-address.ts';
import { answerProblem, isProblem, problem, PROBLEM_TYPE, problemBody, type Problem } from './problem.ts';
import {
  type Access,
  type Answer,
  type AnyRouteSpec,
  type FileAnswer,
  type Responses,
  type RouteSpec,
} from './route-spec.ts';
import { validate, type Validated } from './validation.ts';

export async function answerRequest<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Of extends Responses,
  Needed extends Access,
>(
  api: Api,
  spec: RouteSpec<Params, Query, Body, Of, Needed>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (spec.scope === 'app') {
    const signed = await api.gate.checkSignature(request, reply);
    if (!signed.ok) return answerProblem(reply, signed.problem);
    request.caller = signed.caller;
  }
  const input = readInput(spec, request);
  if (!input.ok) return answerProblem(reply, input.problem);

  let claim: Claim | undefined;
  if (takesIdempotencyKey(spec) && request.headers['idempotency-key'] !== undefined) {
    const claimed = await api.idempotency.claim(request);
    if (claimed.kind === 'refused') return answerProblem(reply, claimed.problem);
    if (claimed.kind === 'replay') {
      const { status, type, body } = claimed.answer;
      return reply.header('idempotent-replayed', 'true').code(status).type(type).send(body);
    }
    ({ claim } = claimed);
  }
  const work = new Work(api, spec, request, claim);
  try {
    const answer = await spec.handle({
      // Validated by the very schemas that give the types.
      ...(input.values as { params: z.output<Params>; query: z.output<Query>; body: z.output<Body> }),
      request,
      reply,
      requestId: request.id,
      address: addressOf(request),
      audit: (note: AuditNote) => work.note(note),
      change: (body) => work.change(body),
      ...whoAsks(request.caller),
    } as Parameters<typeof spec.handle>[0]);
    if (api.checksAnswers) checkAnswer(spec, answer);
    await work.finish(answer);
    return send(spec, reply, answer);
  } catch (error) {
    await work.abandon();
    if (error instanceof ClaimLost) return answerProblem(reply, problem('idempotency_in_progress', {}, 1));
    throw error;
  }
}

function whoAsks(caller: Caller): object {
  switch (caller.kind) {
    case 'actor':
      return { actor: caller.actor };
    case 'app':
      return { app: caller.app };
    case 'nobody':
      return {};
  }
}

/** Another request with the same Idempotency-Key took this one for dead, and does its work. */
class ClaimLost extends Error {}

/** Rolls a transaction back whose answer is a problem. */
class RolledBack extends Error {
  readonly answer: object;

  constructor(answer: object) {
    super('rolled back');
    this.answer = answer;
  }
}

/** What one request has done so far, and what is still to be written of it. */
class Work {
  readonly #api: Api;
  readonly #spec: AnyRouteSpec;
  readonly #request: FastifyRequest;
  readonly #claim: Claim | undefined;
  #notes: AuditNote[] = [];
  #isNoted = false;
  #isSettled = false;

  constructor(api: Api, spec: AnyRouteSpec, request: FastifyRequest, claim: Claim | undefined) {
    this.#api = api;
    this.#spec = spec;
    this.#request = request;
    this.#claim = claim;
  }

  note(note: AuditNote): void {
    this.#notes.push(note);
  }

  async change<Given extends object>(body: (tx: Transaction<Tables>) => Promise<Given>): Promise<Given> {
    const notesBefore = this.#notes;
    const { audit, idempotency, store } = this.#api;
    try {
      const answer = await store.write(async (tx) => {
        // The body may be run again: what it told the first time did not happen.
        this.#notes = [...notesBefore];
        const given = await body(tx);
        if (isProblem(given)) throw new RolledBack(given);
        if (isAudited(this.#spec)) await audit.write(tx, this.#spec, this.#request, this.#notes);
        if (this.#claim !== undefined && !('file' in given)) {
          const stored = toStored(given as { status: number; body: unknown });
          if (!(await idempotency.settle(tx, this.#claim, stored))) throw new ClaimLost();
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
      if (isProblem(answer)) await audit.refused(this.#spec, this.#request, answer);
      else await audit.write(store.db, this.#spec, this.#request, this.#notes);
    }
    if (this.#claim === undefined || this.#isSettled || 'file' in answer) return;
    if (isProblem(answer) && answer.problem.status >= 500) {
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
    await idempotency.settle(store.db, this.#claim, stored);
  }

  /** It did nothing that lasts: its Idempotency-Key may be used again at once. */
  async abandon(): Promise<void> {
    if (this.#claim === undefined || this.#isSettled) return;
    // A store that is away must not hide why the request failed; the claim runs out by itself.
    await this.#api.idempotency.release(this.#claim).catch(() => undefined);
  }
}

const JSON_TYPE = 'application/json; charset=utf-8';

function toStored({ status, body }: { readonly status: number; readonly body: unknown }) {
  return { status, type: JSON_TYPE, body: JSON.stringify(body) };
}

function send(spec: AnyRouteSpec, reply: FastifyReply, answer: Answer<Responses>): FastifyReply {
  if (isProblem(answer)) return answerProblem(reply, answer);
  if (isFile(answer)) {
    const { name, content } = answer.file;
    return reply
      .header('content-disposition', `attachment; filename="${name}"`)
      .type(spec.file?.contentType ?? 'application/octet-stream')
      .send(content);
  }
  return reply.code(answer.status).type(JSON_TYPE).send(JSON.stringify(answer.body));
}

function isFile(answer: object): answer is FileAnswer {
  return 'file' in answer;
}

type Input =
  | { readonly ok: true; readonly values: Readonly<Record<'params' | 'query' | 'body', unknown>> }
  | { readonly ok: false; readonly problem: Problem };

const NOTHING_TAKEN = z.strictObject({});

function readInput(spec: AnyRouteSpec, request: FastifyRequest): Input {
  const params = validate('params', spec.params ?? NOTHING_TAKEN, request.params);
  if (!params.ok) return params;
  const query = validate('query', spec.query ?? NOTHING_TAKEN, request.query);
  if (!query.ok) return query;
  const body = readBody(spec, request);
  if (!body.ok) return body;
  return { ok: true, values: { params: params.value, query: query.value, body: body.value } };
}

function readBody(spec: AnyRouteSpec, request: FastifyRequest): Validated {
  // Fastify gives undefined where no body came; then everything that must be given is missing.
  const given = request.body ?? {};
  if (spec.method === 'GET') return { ok: true, value: undefined };
  if (typeof given === 'string') {
    if (spec.csv === undefined || spec.body === undefined) {
      return { ok: false, problem: problem('unsupported_media_type') };
    }
    return validate('body', spec.body, spec.csv(given));
  }
  return validate('body', spec.body ?? NOTHING_TAKEN, given);
}
