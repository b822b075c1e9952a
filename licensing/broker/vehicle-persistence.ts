// What aedes asks a persistence for, as far as vehicles need it: their subscriptions and the ids of QoS 2 messages are
// written through to the store. What waits for a vehicle is none of aedes' business (vehicle-broker.ts sends it), and
// nothing is ever retained.

import { createRequire } from 'node:module';
import type { BrokerStore } from './broker-store.ts';

interface ClientName {
  readonly id: string;
}

interface Subscription {
  readonly topic: string;
  readonly qos: 0 | 1 | 2;
}

interface Numbered {
  readonly messageId?: number;
}

/** The part of aedes' own persistence in memory that stays as it is; its package has no types for the class. */
interface MemoryPersistence {
  addSubscriptions(client: ClientName, added: readonly Subscription[]): Promise<void>;
  removeSubscriptions(client: ClientName, filters: readonly string[]): Promise<void>;
  cleanSubscriptions(client: ClientName): Promise<void>;
}

const Memory = createRequire(import.meta.url)(
  'aedes-persistence/asyncPersistence.js',
) as new () => MemoryPersistence;

export class VehiclePersistence extends Memory {
  readonly #store: BrokerStore;
  /** A vehicle has acknowledged the message of this id. */
  readonly #onAck: (client: ClientName, messageId: number) => void;

  constructor(store: BrokerStore, onAck: (client: ClientName, messageId: number) => void) {
    super();
    this.#store = store;
    this.#onAck = onAck;
  }

  /** To be called before the broker takes connections. */
  async load(): Promise<void> {
    for (const { vehicleId, filter, qos } of this.#store.subscriptions()) {
      await super.addSubscriptions({ id: vehicleId }, [{ topic: filter, qos }]);
    }
  }

  override async addSubscriptions(client: ClientName, added: readonly Subscription[]): Promise<void> {
    await this.#store.addSubscriptions(
      client.id,
      added.map(({ topic, qos }) => ({ filter: topic, qos })),
    );
    await super.addSubscriptions(client, added);
  }

  override async removeSubscriptions(client: ClientName, filters: readonly string[]): Promise<void> {
    await this.#store.removeSubscriptions(client.id, filters);
    await super.removeSubscriptions(client, filters);
  }

  override async cleanSubscriptions(client: ClientName): Promise<void> {
    await this.#store.clearSubscriptions(client.id);
    await super.cleanSubscriptions(client);
  }

  outgoingUpdate(): Promise<void> {
    return Promise.resolve();
  }

  outgoingClearMessageId(client: ClientName, { messageId = 0 }: Numbered): Promise<undefined> {
    this.#onAck(client, messageId);
    return Promise.resolve(undefined);
  }

  /** The uplink was stored, with its id, before aedes asks (authorizePublish). */
  incomingGetPacket({ id }: ClientName, { messageId = 0 }: Numbered): Promise<Numbered> {
    return this.#store.hasReceived(id, messageId)
      ? Promise.resolve({ messageId })
      : Promise.reject(new Error('no such packet'));
  }

  incomingStorePacket(): Promise<void> {
    return Promise.resolve();
  }

  async incomingDelPacket({ id }: ClientName, { messageId = 0 }: Numbered): Promise<void> {
    await this.#store.removeReceived(id, messageId);
  }

  async cleanIncoming({ id }: ClientName): Promise<void> {
    await this.#store.clearReceived(id);
  }
}
