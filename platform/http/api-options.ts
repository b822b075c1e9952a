// Makes what all routes share out of what the composition root gives.

import { type Journal } from '../observe/journal.ts';
import { type Store } from '../store/store.ts';
import { ApiKeyReader } from './api-key-reader.ts';
import { type Api } from './api.ts';
import { AuditLog } from './audit-log.ts';
import { catalogWith, type CodeRows } from './catalog.ts';
import { type ChangePort } from './change-port.ts';
import { Gate, type SessionReader } from './gate.ts';
import { IdempotencyKeys, type Sealer } from './idempotency.ts';
import { NO_RATE_LIMITS, RateLimits, type RateLimitSettings } from './rate-limits.ts';

export interface ApiOptions {
  readonly journal: Journal;
  readonly store: Store;
  readonly changes: ChangePort;
  /** Seals what an answer that is kept for its Idempotency-Key may hold. */
  readonly sealer: Sealer;
  readonly ownerKey: string;
  /** Of people who log in; nobody does where there is none. */
  readonly sessions?: SessionReader;
  /** Error codes of further catalogs. */
  readonly codes?: readonly CodeRows[];
  /** Asked per request, so that a reload may change them. None by default. */
  readonly rateLimits?: () => RateLimitSettings;
  /** True in tests: every answer is compared with the schema that describes it. */
  readonly checksAnswers?: boolean;
}

export function apiOf(options: ApiOptions): Api {
  const { journal, store, changes, sealer, ownerKey } = options;
  const catalog = catalogWith(options.codes ?? []);
  return {
    journal,
    store,
    changes,
    catalog,
    gate: new Gate({
      ownerKey,
      apiKeys: new ApiKeyReader(store, changes, journal),
      sessions: options.sessions,
      limits: new RateLimits(options.rateLimits ?? (() => NO_RATE_LIMITS)),
      journal,
    }),
    audit: new AuditLog(store),
    idempotency: new IdempotencyKeys(store, sealer),
    operations: [],
    checksAnswers: options.checksAnswers ?? false,
  };
}
