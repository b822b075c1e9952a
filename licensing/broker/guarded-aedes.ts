// aedes with the guard in front: it is given only packets that were read and may be sent. Which client may do what is not
// said here, so that suites for brokers in general can run against the same thing.

import { Aedes, type AedesOptions, type Client, type Connection } from 'aedes';
import { type ParsedPacket, partsOf } from './aedes-parts.ts';
import { type GuardRules, PacketGuard } from './packet-guard.ts';
import type { PacketFault } from './packet-reader.ts';
import { registerInTurn } from './register-in-turn.ts';

export interface GuardedOptions<Refusal extends string> {
  readonly aedes: AedesOptions;
  readonly rules: GuardRules<Refusal>;
  /** The return code of a CONNACK that says this, 0 where there is none. */
  readonly connackOf: (reason: PacketFault | Refusal) => number;
}

/** The error that a client ends with where it broke a rule. */
export class RuleBroken extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}

export interface GuardedAedes {
  readonly aedes: Aedes;
  /** Takes a connection over. */
  take(connection: Connection): Client;
}

const CONNACK_HEAD = [0x20, 2, 0];

export async function openGuardedAedes<Refusal extends string>({
  aedes: options,
  rules,
  connackOf,
}: GuardedOptions<Refusal>): Promise<GuardedAedes> {
  const aedes = await Aedes.createBroker(options);
  registerInTurn(aedes);
  return {
    aedes,
    take(connection) {
      const client = aedes.handle(connection);
      const { _parser: parser } = partsOf(client);
      const guard = new PacketGuard(rules);
      const parse = parser.parse.bind(parser);
      parser.prependListener('packet', keepEachFilter);
      const fail = (error: Error): void => void partsOf(client).emit('error', error);
      parser.parse = (bytes) => {
        const passed = guard.take(bytes);
        try {
          for (const packet of passed.packets) parse(packet);
        } catch (error) {
          // Whatever a packet does to aedes, it must not do to the other vehicles.
          fail(error instanceof Error ? error : new Error(String(error)));
          return 0;
        }
        if (!passed.ok) {
          const broken = new RuleBroken(passed.reason);
          const code = passed.isConnect ? connackOf(passed.reason) : 0;
          if (code === 0) fail(broken);
          else connection.write(Buffer.from([...CONNACK_HEAD, code]), () => fail(broken));
        }
        return 0;
      };
      return client;
    },
  };
}

/**
 * aedes puts a shorter list in the place of one that names a filter twice, and answers by that: here the list stays, so
 * that each has its return code [MQTT-3.8.4-5]. Of the same filter the last one counts.
 */
function keepEachFilter(packet: ParsedPacket): void {
  if (packet.cmd !== 'subscribe') return;
  const { subscriptions } = packet;
  Object.defineProperty(packet, 'subscriptions', { get: () => subscriptions, set: () => undefined });
}
