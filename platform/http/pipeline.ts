// One request on its way through an operation, after it was let in and its body was read: validation,
// Idempotency-Key, the handler, audit, answer.

import { type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Api } from './api.ts';
import { type Caller } from './caller.ts';
import { checkAnswer } from './answer-check.ts';
import { type AuditNote } from './audit-note.ts';
import { takesIdempotencyKey } from './common-codes.ts';
import { type Claim, type Claimed } from './idempotency.ts';
import { addressOf } from './peer-address.ts';
import { answerProblem, isProblem, problem, type Problem } from './problem.ts';
import { uploadOf } from './read-bodies.ts';
import {
  type Access,
  type Answer,
  type AnyRouteSpec,
  type FileAnswer,
  type Responses,
  type RouteSpec,
} from './route-spec.ts';
import { validate, type Validated } from './validation.ts';
import { ClaimLost, JSON_TYPE, Work } from './work.ts';

/** Answers, in whatever way; a bug rejects. */
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
): Promise<void> {
  const input = readInput(spec, request);
  if (!input.ok) {
    answerProblem(reply, input.problem);
    return;
  }
  const claimed = await claimKey(api, spec, request);
  if (claimed?.kind === 'claimed' || claimed === undefined) {
    send(spec, reply, await handle(api, spec, request, reply, input.values, claimed?.claim));
  } else if (claimed.kind === 'refused') {
    answerProblem(reply, claimed.problem);
  } else {
    const { status, type, body } = claimed.answer;
    reply.header('idempotent-replayed', 'true').code(status).type(type).send(body);
  }
}

/** Undefined where the request has no Idempotency-Key, or the operation takes none. */
async function claimKey(api: Api, spec: AnyRouteSpec, request: FastifyRequest): Promise<Claimed | undefined> {
  if (!takesIdempotencyKey(spec) || request.headers['idempotency-key'] === undefined) return undefined;
  return await api.idempotency.claim(request);
}

async function handle<
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
  values: InputValues,
  claim: Claim | undefined,
): Promise<Answer<Responses>> {
  const work = new Work(api, spec, request, claim);
  try {
    const answer = await spec.handle({
      // Validated by the very schemas that give the types.
      ...(values as { params: z.output<Params>; query: z.output<Query>; body: z.output<Body> }),
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
    return answer;
  } catch (error) {
    await work.abandon();
    if (error instanceof ClaimLost) return problem('idempotency_in_progress', {}, 1);
    throw error;
  }
}

function whoAsks(caller: Caller): object {
  switch (caller.kind) {
    case 'actor':
      return { actor: caller.actor };
    case 'nobody':
      return {};
  }
}

function send(spec: AnyRouteSpec, reply: FastifyReply, answer: Answer<Responses>): void {
  if (isProblem(answer)) {
    // Who let the caller in has said it for the other schemes.
    if (answer.problem.status === 401) reply.header('www-authenticate', 'RC1-HMAC-SHA256');
    answerProblem(reply, answer);
  } else if ('streaming' in answer) {
    // The handler has answered.
  } else if (isFile(answer)) {
    const { name, content, isShown = false } = answer.file;
    reply
      .header('content-disposition', `${isShown ? 'inline' : 'attachment'}; filename="${name}"`)
      .type(spec.file?.contentType ?? 'application/octet-stream')
      .send(content);
  } else {
    reply.code(answer.status).type(JSON_TYPE).send(JSON.stringify(answer.body));
  }
}

function isFile(answer: object): answer is FileAnswer {
  return 'file' in answer;
}

type InputValues = Readonly<Record<'params' | 'query' | 'body', unknown>>;

type Input =
  { readonly ok: true; readonly values: InputValues } | { readonly ok: false; readonly problem: Problem };

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
  if (spec.upload !== undefined) {
    if (uploadOf(request) !== undefined) return { ok: true, value: undefined };
    const detail = `send the file as ${spec.upload.contentType}`;
    return { ok: false, problem: problem('unsupported_media_type', { detail }) };
  }
  const isCsv = request.headers['content-type']?.toLowerCase().startsWith('text/csv') === true;
  if (isCsv && typeof given === 'string') {
    if (spec.csv === undefined || spec.body === undefined) {
      return { ok: false, problem: problem('unsupported_media_type') };
    }
    return validate('body', spec.body, spec.csv(given));
  }
  return validate('body', spec.body ?? NOTHING_TAKEN, given);
}
