// In tests: an answer that the operation does not describe is a bug of the description or of the answer.

import { commonCodes } from './common-codes.ts';
import { isProblem } from './problem.ts';
import { type AnyRouteSpec } from './route-spec.ts';

export function checkAnswer(spec: AnyRouteSpec, answer: object): void {
  const { operationId } = spec;
  if (isProblem(answer)) {
    const { code } = answer.problem;
    const known: readonly string[] = [...spec.errors, ...commonCodes(spec)];
    if (!known.includes(code))
      throw new Error(`${operationId} answers ${code}, which its errors do not name`);
    return;
  }
  if ('file' in answer || 'streaming' in answer) {
    if (spec.file === undefined) throw new Error(`${operationId} answers a file, which it does not say`);
    return;
  }
  const { status, body } = answer as { readonly status: number; readonly body: unknown };
  const schema = spec.response[status];
  if (schema === undefined) throw new Error(`${operationId} answers ${status}, which it does not describe`);
  const parsed = schema.safeParse(body);
  if (parsed.success) return;
  const faults = parsed.error.issues.map(({ path, message }) => `/${path.join('/')}: ${message}`);
  throw new Error(`${operationId} answers what its schema does not describe: ${faults.join('; ')}`);
}
