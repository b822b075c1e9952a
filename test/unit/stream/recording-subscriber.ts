// A rover that takes everything and keeps it.

import { type Epoch } from '../../../caster/stream/epoch.ts';
import { type Subscriber } from '../../../caster/stream/subscriber.ts';

export class RecordingSubscriber implements Subscriber {
  subscriberIndex = -1;
  readonly epochs: Epoch[] = [];

  deliver(epoch: Epoch): void {
    this.epochs.push(epoch);
  }
}
