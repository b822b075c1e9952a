// Lets in only who may: the hook for routes that answer in their own way, not by a spec.

import { type onRequestAsyncHookHandler } from 'fastify';
import { type Needs } from './gate.ts';
import { answerProblem } from './problem.ts';

/** An `onRequest` hook: it answers before a body is read. */
export function gateHook(needs: Needs): onRequestAsyncHookHandler {
  return async (request, reply) => {
    const admitted = await request.server.api.gate.admit(needs, request, reply);
    request.caller = admitted.caller;
    return admitted.ok ? undefined : answerProblem(reply, admitted.problem);
  };
}
