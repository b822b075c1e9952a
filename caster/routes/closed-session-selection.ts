// What a request asks of closed sessions, as the store is asked for it.

import type { z } from 'zod';
import type { Actor } from '../../platform/http/actor.ts';
import type { ClosedSessionFilter } from '../accounts/records/session-filter.ts';
import type { closedSessionFilters } from './schemas/session.ts';

export type AskedClosedSessions = z.output<z.ZodObject<typeof closedSessionFilters>>;

/** A customer who asks for another's sessions gets none. */
export function closedSessionFilterOf(
  actor: Pick<Actor, 'customerId'>,
  { endedAfter, endedBefore, customerId, ...asked }: AskedClosedSessions,
): ClosedSessionFilter {
  return {
    ...asked,
    customerId: ownOf(actor, customerId),
    endedAfterMs: endedAfter,
    endedBeforeMs: endedBefore,
  };
}

const NOBODY = '';

/** The customer whose rows are asked for; undefined for all. */
export function ownOf(
  { customerId }: Pick<Actor, 'customerId'>,
  asked: string | undefined,
): string | undefined {
  if (customerId === null) return asked;
  return asked === undefined || asked === customerId ? customerId : NOBODY;
}
