// The reasons of admission as errors of HTTP: the same code, the same status, the same advice. The composition root adds
// them to the catalog.

import type { CodeRows } from '../../platform/http/catalog.ts';
import { type Problem, problemOf } from '../../platform/http/problem.ts';
import type { Refusal } from '../accounts/admission.ts';
import { REFUSAL_REASONS, type RefusalReason } from '../accounts/refusal-reason.ts';

export const REFUSAL_CODES = Object.keys(REFUSAL_REASONS) as RefusalReason[];

export const REFUSAL_ERRORS: CodeRows = Object.fromEntries(
  REFUSAL_CODES.map((code) => [code, rowOf(code)] as const),
);

function rowOf(code: RefusalReason) {
  const { status, text, fix } = REFUSAL_REASONS[code];
  return { status, title: text, fix };
}

/** What a refused device is told: the reason, and never what only the operator may know. */
export function refusalProblem({ reason, retryAfterS }: Refusal): Problem {
  return problemOf({ code: reason, ...rowOf(reason) }, {}, retryAfterS);
}
