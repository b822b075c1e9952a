// What all routes of one app share: who asks, how often, what is told to the audit log, and the table of operations.

import { type FastifyInstance } from 'fastify';
import { type Journal } from '../observe/journal.ts';
import { type Store } from '../store/store.ts';
import { type AuditLog } from './audit-log.ts';
import { type Caller } from './caller.ts';
import { type Catalog } from './catalog.ts';
import { type ChangePort } from './change-port.ts';
import { type Gate } from './gate.ts';
import { type IdempotencyKeys } from './idempotency.ts';
import { type AnyRouteSpec } from './route-spec.ts';

export interface Api {
  readonly journal: Journal;
  readonly store: Store;
  readonly changes: ChangePort;
  readonly gate: Gate;
  readonly audit: AuditLog;
  readonly idempotency: IdempotencyKeys;
  readonly catalog: Catalog;
  /** Every route that was added by `route`, in that order. */
  readonly operations: AnyRouteSpec[];
  /** True in tests: an answer that its schema does not describe is an error then. */
  readonly checksAnswers: boolean;
}

declare module 'fastify' {
  interface FastifyInstance {
    api: Api;
  }
  interface FastifyRequest {
    /** The body's bytes as they came; undefined where there is none. */
    rawBody: Buffer | undefined;
    caller: Caller;
  }
}

/** Gives an app what `route` needs. Once, before the first route. */
export function setApi(app: FastifyInstance, api: Api): void {
  app.decorate('api', api);
  app.decorateRequest('rawBody', undefined);
  app.decorateRequest('caller');
}
