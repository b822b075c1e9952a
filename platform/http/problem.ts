// Error answers as application/problem+json (RFC 9457), made from the table of codes. Nothing of the program's inside
// (stack, path, library's sentence) may be in them.

import { type FastifyReply } from 'fastify';
import { ERROR_CODES, type ErrorCode } from './error-codes.ts';

export interface ProblemDetails {
  /** What is wrong with this very request. */
  readonly detail?: string;
  /** The query parameter or header that it is about. */
  readonly param?: string;
}

export interface ProblemBody extends ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly fix: string;
  /** The request's id. */
  readonly instance: string;
}

/** Some programs look for the charset, although JSON is always UTF-8. */
export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

export function problemBody(code: ErrorCode, requestId: string, details: ProblemDetails = {}): ProblemBody {
  const { title, status, fix } = ERROR_CODES[code];
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
  const body = problemBody(code, reply.request.id, details);
  return reply.code(body.status).type(PROBLEM_TYPE).send(JSON.stringify(body));
}
