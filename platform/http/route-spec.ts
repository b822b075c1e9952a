// What a route says of itself: enough to validate, authorize, limit, audit and document it. What it does is `handle`.

import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Readable } from 'node:stream';
import { type z } from 'zod';
import { type Transaction } from '../store/sql.ts';
import { type Tables } from '../store/tables.ts';
import { type Actor } from './actor.ts';
import { type AuditNote } from './audit-note.ts';
import { type ErrorCode } from './error-codes.ts';
import { type Problem } from './problem.ts';
import { type UPLOAD_TYPE } from './read-bodies.ts';
import { type Scope } from './roles.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * A scope of roles.ts; `public` asks for nothing, `key` for any key whatever its role, `app` for a request signed with
 * RC1, which `handle` proves by the request's bytes (request.rawBody).
 */
export type Access = Scope | 'public' | 'key' | 'app';

/** Status -> what the body is then. Status 200 to 299 only; errors are in `errors`. */
export type Responses = Readonly<Record<number, z.ZodType>>;

/** A file instead of JSON, where the route has `file`. */
export interface FileAnswer {
  readonly file: {
    readonly name: string;
    readonly content: Readable | string;
    /** True where a browser shows it, under the Content-Security-Policy that the handler sets; else it is saved. */
    readonly isShown?: true;
  };
}

export type JsonAnswer<Of extends Responses> = {
  [Status in keyof Of & number]: { readonly status: Status; readonly body: z.input<Of[Status]> };
}[keyof Of & number];

/** The handler has the response to itself: a stream that goes on (reply.hijack()). */
export interface StreamAnswer {
  readonly streaming: true;
}

export type Answer<Of extends Responses> = JsonAnswer<Of> | FileAnswer | StreamAnswer | Problem;

export type WhoAsks<Needed extends Access> = Needed extends 'public' | 'app'
  ? object
  : { readonly actor: Actor };

export interface RequestContext<Params, Query, Body, Of extends Responses> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly requestId: string;
  /** Of the peer, behind whatever trusted proxy. */
  readonly address: string;
  /** Tells the audit log what was changed; what a change does not tell is noted by its operation and its id. */
  readonly audit: (note: AuditNote) => void;
  /**
   * A transaction with all that belongs to it: the change, its audit entries, and the answer under its
   * Idempotency-Key. A problem as answer rolls it back. `body` awaits nothing but `tx`, and may be run again.
   */
  readonly change: <Given extends Answer<Of>>(
    body: (tx: Transaction<Tables>) => Promise<Given>,
  ) => Promise<Given>;
}

export interface RouteSpec<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Of extends Responses,
  Needed extends Access,
> {
  readonly method: Method;
  /** As OpenAPI writes it: `/v1/apps/{id}`. */
  readonly path: `/${string}`;
  readonly operationId: string;
  readonly tag: string;
  /** One line, without a full stop. */
  readonly summary: string;
  readonly description?: string;
  readonly scope: Needed;
  /** True where a customer's own key may never do it, whatever its role. */
  readonly operatorsOnly?: boolean;
  /** Strict objects (z.strictObject). A query parameter comes as text; schemas.ts has what turns it into more. */
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  /** Reads a body of text/csv into what `body` then validates. */
  readonly csv?: (text: string) => unknown;
  /**
   * The body is a file of this kind instead of JSON, of whatever size: `handle` reads it by uploadOf (read-bodies.ts) as
   * it comes in, and holds it to a size of its own.
   */
  readonly upload?: { readonly contentType: typeof UPLOAD_TYPE; readonly description: string };
  /** Bytes of the body; HTTP_BODY_BYTES_MAX where nothing is said. */
  readonly bodyBytesMax?: number;
  readonly response: Of;
  /** The route may answer a file or a stream of this kind. */
  readonly file?: { readonly contentType: string; readonly description: string };
  /** True where `handle` answers HEAD as well, of a file that it sends by itself. */
  readonly answersHead?: true;
  /** What it answers besides what every route may: codes of error-codes.ts, or of a further catalog. */
  readonly errors: readonly (ErrorCode | (string & {}))[];
  /** Whether an Idempotency-Key is taken. A POST takes one where nothing is said. */
  readonly idempotent?: boolean;
  /** False where it is no change that an administrator makes. Everything but GET and `app` is, where nothing is said. */
  readonly audited?: boolean;
  /** True where the audit log keeps every refusal, whoever asked: attempts to get in. */
  readonly refusalsAudited?: true;
  /** Shown in the reference: of the body, and of the answer by status. */
  readonly examples?: { readonly body?: unknown; readonly response?: Readonly<Record<number, unknown>> };
  readonly handle: (
    context: RequestContext<z.output<Params>, z.output<Query>, z.output<Body>, NoInfer<Of>> & WhoAsks<Needed>,
  ) => Promise<Answer<NoInfer<Of>>> | Answer<NoInfer<Of>>;
}

/** A spec whose types no longer matter: for the table of operations, the reference, the tests. */
export type AnyRouteSpec = Omit<RouteSpec<z.ZodType, z.ZodType, z.ZodType, Responses, Access>, 'handle'> & {
  /** Added by `plainRoute`. */
  readonly plain?: true;
};
