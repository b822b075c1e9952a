// What a mountpoint needs to know of whoever receives it.

import type { Epoch } from './epoch.ts';

export interface Subscriber {
  /** Its place in the mountpoint's dense list; -1 while it is in none. Written by the list alone. */
  subscriberIndex: number;
  /** Must not change the list of subscribers before it returns. */
  deliver(epoch: Epoch): void;
}
