// Finds out who asks, and whether he may, before the body is read: by the owner key, an API key or a session. Of a
// request that an app signed only that there is a signature: whoever answers it proves that, with all else that it
// decides.

import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Journal } from '../observe/journal.ts';
import { isOwnerKey } from '../secrets/owner-key.ts';
import { OWNER, type Actor } from './actor.ts';
import { NOBODY, type Caller } from './caller.ts';
import { type ApiKeyReader } from './api-key-reader.ts';
import { addressOf } from './peer-address.ts';
import { problem, type Problem } from './problem.ts';
import { type RateLimits } from './rate-limits.ts';
import { mayDo } from './roles.ts';
import { type Access, type AnyRouteSpec } from './route-spec.ts';

export type Admitted =
  | { readonly ok: true; readonly caller: Caller }
  /** `caller` is who was refused, where that is known. */
  | { readonly ok: false; readonly caller: Caller; readonly problem: Problem };

/** Knows the tokens of people who log in, as `apiKeys` knows keys. */
export interface SessionReader {
  reads(presented: string): boolean;
  actorOf(presented: string): Promise<Actor | Problem>;
}

export interface GateOptions {
  readonly ownerKey: string;
  readonly apiKeys: ApiKeyReader;
  readonly sessions?: SessionReader | undefined;
  readonly limits: RateLimits;
  readonly journal: Journal;
}

/** What a route needs; `operatorsOnly` keeps a customer's own keys out. */
export type Needs = Pick<AnyRouteSpec, 'scope' | 'operatorsOnly'>;

export class Gate {
  readonly #options: GateOptions;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  async admit(needs: Needs, request: FastifyRequest, reply: FastifyReply): Promise<Admitted> {
    const { limits } = this.#options;
    const address = addressOf(request);
    const early = limits.ofAddress(address, reply);
    if (early !== undefined) return { ok: false, problem: early, caller: NOBODY };
    const { scope } = needs;
    if (scope === 'public') return { ok: true, caller: NOBODY };
    if (scope === 'app') {
      if (request.headers.authorization !== undefined) return { ok: true, caller: NOBODY };
      return this.#notKnown(request, reply, scope, problem('authentication_required', APP_HINT));
    }
    const actor = await this.#actorOf(request, address);
    if ('problem' in actor) return this.#notKnown(request, reply, scope, actor);
    const limited = actor.kind === 'owner' ? undefined : limits.ofKey(actor.id, reply);
    const refusal = limited ?? refusalOf(actor, scope, needs.operatorsOnly ?? false);
    const caller: Caller = { kind: 'actor', actor };
    return refusal === undefined ? { ok: true, caller } : { ok: false, problem: refusal, caller };
  }

  async #actorOf(request: FastifyRequest, address: string): Promise<Actor | Problem> {
    const { ownerKey, apiKeys, sessions } = this.#options;
    const presented = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (presented === undefined) return problem('authentication_required');
    if (isOwnerKey(presented, ownerKey)) return OWNER;
    if (sessions?.reads(presented) === true) return await sessions.actorOf(presented);
    return await apiKeys.actorOf(presented, address);
  }

  #notKnown(request: FastifyRequest, reply: FastifyReply, scope: Access, refusal: Problem): Admitted {
    return { ok: false, problem: this.#told(request, reply, scope, refusal), caller: NOBODY };
  }

  /** Logs a refusal, and gives what is answered. */
  #told(request: FastifyRequest, reply: FastifyReply, scope: Access, refusal: Problem): Problem {
    const address = addressOf(request);
    const { code, status } = refusal.problem;
    this.#options.journal.recordSampled(address, 'warn', 'http_refused', {
      reason: code,
      address,
      path: request.routeOptions.url,
      requestId: request.id,
    });
    if (status !== 401) return refusal;
    // Who presents nothing guesses nothing.
    const limited =
      code === 'authentication_required' ? undefined : this.#options.limits.failed(address, reply);
    if (limited !== undefined) return limited;
    reply.header('www-authenticate', scope === 'app' ? 'RC1-HMAC-SHA256' : 'Bearer realm="rovercast"');
    return refusal;
  }
}

const APP_HINT = { detail: 'sign the request with the app’s secret: Authorization: RC1-HMAC-SHA256 …' };

function refusalOf(actor: Actor, scope: Access, operatorsOnly: boolean): Problem | undefined {
  if (scope !== 'public' && scope !== 'key' && scope !== 'app' && !mayDo(actor.role, scope)) {
    return problem('insufficient_scope', {
      detail: `this needs the scope ${scope}; the key is ${actor.role}`,
    });
  }
  return operatorsOnly && actor.customerId !== null ? problem('operators_only') : undefined;
}
