// A rover that takes everything and keeps it; it never opens its lane.

import { type Epoch } from '../../../caster/stream/epoch.ts';
import { type Subscriber } from '../../../caster/stream/subscriber.ts';

export class RecordingSubscriber implements Subscriber {
  subscriberIndex = -1;
  readonly epochs: Epoch[] = [];

  joined(): void {
    return;
  }

  leaving(): void {
    return;
  }

  deliver(epoch: Epoch): void {
    this.epochs.push(epoch);
  }

  resume(): void {
    throw new Error('there is no lane to go on from');
  }
}
