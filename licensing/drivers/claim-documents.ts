// What a vehicle sends to get a code, and what it is answered.

import { z } from 'zod';
import { UPLINK_HEAD } from '../grants/format/documents.ts';

/** Up: `claim`, signed by the vehicle's key. */
export const claimCodeWanted = z.looseObject({
  ...UPLINK_HEAD,
  typ: z.literal('claim_code_wanted'),
  requestId: z.string().min(1).max(200),
});

/** Down: `claim`, signed by the grant key of the vehicle's algorithm. */
export interface ClaimCode {
  readonly v: 1;
  readonly typ: 'claim_code';
  readonly vin: string;
  readonly requestId: string;
  readonly code: string;
  /** Seconds since 1970. */
  readonly expiresAt: number;
}
