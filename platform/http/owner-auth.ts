// Lets only the owner in: a hook for the routes that need the owner key.

import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Journal } from '../observe/journal.ts';
import { isOwnerKey } from '../secrets/owner-key.ts';
import { addressOf } from './peer-address.ts';
import { sendProblem } from './problem.ts';

export type AuthHook = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>;

/** An `onRequest` hook: it answers before a body is read. */
export function ownerOnly(ownerKey: string, journal: Journal): AuthHook {
  // Async, as the library takes an answer from a hook only then.
  return async (request, reply) => {
    const presented = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (presented !== undefined && isOwnerKey(presented, ownerKey)) return undefined;
    const code = presented === undefined ? 'authentication_required' : 'key_invalid';
    const address = addressOf(request);
    journal.recordSampled(address, 'warn', 'http_refused', {
      reason: code,
      address,
      path: request.routeOptions.url,
      requestId: request.id,
    });
    reply.header('www-authenticate', 'Bearer realm="rovercast"');
    return sendProblem(reply, code);
  };
}
