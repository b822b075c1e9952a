// One connection for each client id [MQTT-3.1.4-2], which aedes 1.2.0 forgets where things happen at the same time: it
// counts a client as gone when another one of its id goes, registers one that has left while it waited, and lets two in
// that waited for the same. Here the next one comes in when the one before has ended, wholly, and only if it is still there.

import type { Aedes, Client } from 'aedes';
import { registryOf } from './aedes-parts.ts';

export function registerInTurn(aedes: Aedes): void {
  const registry = registryOf(aedes);
  const unregister = registry.unregisterClient.bind(aedes);
  /** By client id, in the order they came. */
  const waiting = new Map<string, Client[]>();
  registry.registerClient = (client) => {
    if (client.closed) return;
    const current = registry.clients[client.id];
    if (current === undefined) {
      registry._finishRegisterClient(client);
      return;
    }
    waiting.set(client.id, [...(waiting.get(client.id) ?? []), client]);
    current.close();
  };
  registry.unregisterClient = (client) => {
    if (registry.clients[client.id] !== client) return;
    unregister(client);
    const next = waiting.get(client.id) ?? [];
    waiting.delete(client.id);
    for (const one of next) registry.registerClient(one);
  };
}
