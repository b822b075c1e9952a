// Adds one operation to the HTTP interface: validated, authorized, limited, audited and documented by what its spec
// says. There is no other way to add one below /v1.

import { type FastifyInstance, type RouteHandlerMethod } from 'fastify';
import { type z } from 'zod';
import { HTTP_BODY_BYTES_MAX } from '../../config/limits.ts';
import { type Api } from './api.ts';
import { commonCodes } from './common-codes.ts';
import { schemaOf } from './openapi-operation.ts';
import { answerRequest } from './pipeline.ts';
import { answerProblem } from './problem.ts';
import { type Access, type AnyRouteSpec, type Responses, type RouteSpec } from './route-spec.ts';

export function route<
  const Of extends Responses,
  const Needed extends Access,
  Params extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
>(app: FastifyInstance, spec: RouteSpec<Params, Query, Body, Of, Needed>): void {
  const { api } = app;
  checkSpec(api, spec);
  api.operations.push(spec);
  // The plug-in that documents routes sees those that come after it.
  app.after(() => {
    app.route({
      ...documented(spec),
      // A stream would go on behind it.
      exposeHeadRoute: spec.method === 'GET' && (spec.file === undefined || spec.answersHead === true),
      bodyLimit: spec.bodyBytesMax ?? HTTP_BODY_BYTES_MAX,
      config: { takesUpload: spec.upload !== undefined },
      // Before the body is read.
      onRequest: async (request, reply) => {
        const admitted = await api.gate.admit(spec, request, reply);
        request.caller = admitted.caller;
        if (admitted.ok) return undefined;
        await api.audit.refused(spec, request, admitted.problem);
        return answerProblem(reply, admitted.problem);
      },
      // Gives no promise: the library would wait for the end of every answer.
      handler: (request, reply) => {
        answerRequest(api, spec, request, reply).catch((error: unknown) => reply.send(error));
      },
    });
  });
}

/**
 * For health and metrics: whoever asks in whatever way is answered, so that no limit and no strictness makes a living
 * process look dead.
 */
export function plainRoute(
  app: FastifyInstance,
  spec: Omit<AnyRouteSpec, 'plain' | 'method' | 'scope' | 'tag'>,
  handler: RouteHandlerMethod,
): void {
  const { api } = app;
  const whole: AnyRouteSpec = { ...spec, method: 'GET', scope: 'public', tag: 'health', plain: true };
  checkSpec(api, whole);
  api.operations.push(whole);
  app.after(() => {
    app.route({ ...documented(whole), handler });
  });
}

function documented(spec: AnyRouteSpec) {
  return {
    method: spec.method,
    url: spec.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    schema: schemaOf(spec),
    // Only documented by it: validation is ours, and an answer is written as it is.
    validatorCompiler: () => (value: unknown) => ({ value }),
    serializerCompiler: () => (value: unknown) => JSON.stringify(value),
  };
}

/** Bugs of a spec, told at the start. */
function checkSpec({ catalog, operations }: Api, spec: AnyRouteSpec): void {
  if (operations.some(({ operationId }) => operationId === spec.operationId)) {
    throw new Error(`two operations are called ${spec.operationId}`);
  }
  for (const code of [...commonCodes(spec), ...spec.errors]) {
    if (!catalog.has(code)) throw new Error(`${spec.operationId} answers ${code}, which no catalog has`);
  }
}
