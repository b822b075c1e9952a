// How well a base does, as lists show it: what its worker has told last, and what is wrong with it now.

import type { StreamHealthSnapshot } from '../rtcm/health/stream-health.ts';
import type { MessageFacts } from '../rtcm/station-facts.ts';

/** What is wrong with a base now. */
export const BASE_FAULTS = ['silent', 'incomplete', 'constellation_lost', 'clock_wrong'] as const;
export type BaseFault = (typeof BASE_FAULTS)[number];

export interface BaseHealth {
  readonly faults: readonly BaseFault[];
  readonly silentMs: number;
  /** Since the session's start. */
  readonly crcErrors: number;
  readonly stream: StreamHealthSnapshot;
  /** Of the RTCM messages that are still coming, by their number. */
  readonly messages: readonly MessageFacts[];
}
