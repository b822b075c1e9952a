// Sends vehicles what waits for them in the store, in its order, as much as may be under way at a time, and forgets what
// they acknowledge.

import { BROKER_IN_FLIGHT_MAX } from '../../config/limits.ts';
import { partsOf } from './aedes-parts.ts';
import type { BrokerStore, KeptDown } from './broker-store.ts';
import { downTopic, hears } from './topics.ts';
import type { DownKind } from './vehicle-line.ts';
import type { Session } from './vehicle-session.ts';

/** As many as two bytes can say, without zero. */
const MESSAGE_IDS = 65_535;

export class DownSender {
  readonly #store: BrokerStore;

  constructor(store: BrokerStore) {
    this.#store = store;
  }

  /** Sends what waits for it and what it hears, as much as may be under way. */
  pump(session: Session): void {
    const { client, vehicleId, inFlight } = session;
    while (session.isReady && !client.closed && inFlight.size < BROKER_IN_FLIGHT_MAX) {
      const down = this.#store.nextDown(vehicleId, session.cursor);
      if (down === undefined) return;
      const messageId = (down.id % MESSAGE_IDS) + 1;
      const flying = inFlight.get(messageId);
      if (flying !== undefined && flying !== down.id) return;
      session.cursor = down.id;
      const qos = flying === undefined ? qosOf(session, down.kind) : undefined;
      if (qos !== undefined) this.#send(session, down, { qos, messageId });
    }
  }

  #send(
    { client, vehicleId, inFlight }: Session,
    down: KeptDown,
    { qos, messageId }: { readonly qos: 0 | 1; readonly messageId: number },
  ): void {
    const message = {
      ...({ cmd: 'publish', topic: downTopic(vehicleId, down.kind), payload: down.body } as const),
      ...({ retain: false, brokerId: null } as const),
      ...{ qos, dup: qos === 1 && down.sent === 1 },
    };
    if (qos === 0) {
      partsOf(client).deliver0(message, () => this.#later(this.#store.removeDown(down.id)));
      return;
    }
    inFlight.set(messageId, down.id);
    if (down.sent === 0) this.#later(this.#store.setSent(down.id));
    partsOf(client).deliverQoS({ ...message, messageId }, () => undefined);
  }

  /** The vehicle has acknowledged this one. */
  acked(session: Session, messageId: number): void {
    const id = session.inFlight.get(messageId);
    if (id === undefined) return;
    session.inFlight.delete(messageId);
    this.#later(this.#store.removeDown(id));
    this.pump(session);
  }

  /** Where it fails, the message comes once more: no harm, and the next write that somebody waits for tells of the disk. */
  #later(write: Promise<unknown>): void {
    write.catch(() => undefined);
  }
}

function qosOf({ client, vehicleId }: Session, kind: DownKind): 0 | 1 | undefined {
  let best: 0 | 1 | undefined;
  for (const [filter, { qos }] of Object.entries(partsOf(client).subscriptions)) {
    if (!hears(vehicleId, filter, kind)) continue;
    if (qos > 0) return 1;
    best = 0;
  }
  return best;
}
