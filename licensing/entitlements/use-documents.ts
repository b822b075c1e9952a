// What vehicles and cloud say to each other of uses.

import { z } from 'zod';
import { UPLINK_HEAD } from '../grants/format/documents.ts';

/** Up: `uses`. */
export const useReportDocument = z.looseObject({
  ...UPLINK_HEAD,
  typ: z.literal('uses'),
  partNumber: z.string().min(1).max(200),
  leaseId: z.string().min(1).max(64),
  /** Of the lease, since it began. */
  used: z.int().min(0),
  counter: z.int().min(1),
  /** SHA-256 of the report before, hex; empty in the first. */
  prevHash: z.string().regex(/^(?:[0-9a-f]{64})?$/),
});
export type UseReportDocument = z.infer<typeof useReportDocument>;

/** Down: `uses`, signed by the grant key of the vehicle's algorithm. */
export interface UsesTaken {
  readonly v: 1;
  readonly typ: 'uses_taken';
  readonly vin: string;
  readonly leaseId: string;
  /** Of the last report that was taken. */
  readonly counter: number;
}
