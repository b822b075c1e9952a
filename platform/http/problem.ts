// Error answers as application/problem+json (RFC 9457), made from the table of codes. Nothing of the program's inside
// (stack, path, library's sentence) may be in them.

import { type FastifyReply } from 'fastify';
import { ERROR_CODES, type ErrorCode, type ErrorRow } from './error-codes.ts';

/** One of several things that are wrong. */
export interface Fault {
  /** JSON pointer into the body, or the name of a query parameter, path parameter or header. */
  readonly param: string;
  readonly detail: string;
}

export interface ProblemDetails {
  /** What is wrong with this very request. */
  readonly detail?: string;
  /** What it is about, as in Fault. */
  readonly param?: string;
  /** Every fault, where there may be many. */
  readonly errors?: readonly Fault[];
}

/** What a handler answers where it cannot do what was asked. */
export interface Problem {
  readonly problem: ErrorRow & { readonly code: string };
  readonly details: ProblemDetails;
  /** Seconds after which it is worth trying again. */
  readonly retryAfterS?: number | undefined;
}

export function problem(code: ErrorCode, details: ProblemDetails = {}, retryAfterS?: number): Problem {
  return problemOf({ code, ...ERROR_CODES[code] }, details, retryAfterS);
}

/** The same by a row of another catalog, one that the composition root has made known (`codes` of createHttpApp). */
export function problemOf(
  row: ErrorRow & { readonly code: string },
  details: ProblemDetails = {},
  retryAfterS?: number,
): Problem {
  return { problem: row, details, retryAfterS };
}

export function isProblem(answer: object): answer is Problem {
  return 'problem' in answer;
}

export interface ProblemBody extends ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly fix: string;
  /** The request's id. */
  readonly instance: string;
}

/** Some programs look for the charset, although JSON is always UTF-8. */
export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

export function problemBody({ problem: row, details }: Problem, requestId: string): ProblemBody {
  const { code, title, status, fix } = row;
  return {
    type: `urn:rovercast:error:${code}`,
    title,
    status,
    code,
    ...details,
    fix,
    instance: requestId,
  };
}

/** Answers with the error; the caller returns what this returns. */
export function sendProblem(reply: FastifyReply, code: ErrorCode, details?: ProblemDetails): FastifyReply {
  return answerProblem(reply, problem(code, details));
}

export function answerProblem(reply: FastifyReply, answer: Problem): FastifyReply {
  const body = problemBody(answer, reply.request.id);
  if (answer.retryAfterS !== undefined) reply.header('retry-after', String(answer.retryAfterS));
  return reply.code(body.status).type(PROBLEM_TYPE).send(JSON.stringify(body));
}
