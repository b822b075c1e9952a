// A base and many rovers as a scenario holds them: each in processes of their own, so that what the caster uses can be
// told from what they use.

import path from 'node:path';
import { startPeer, stopChild } from '../children.ts';
import { Conversation } from './conversation.ts';
import type {
  BaseLogin,
  FromBase,
  FromRovers,
  Logins,
  PushOrder,
  Reception,
  RoverGroup,
  ToBase,
  ToRovers,
} from './peer-messages.ts';
import type { StreamPlan } from './stream-plan.ts';

/** Rovers of one process: a process may open 20,000 descriptors where the limit is low. */
const ROVERS_PER_PROCESS_MAX = 18_000;
const LOGIN_LIMIT_MS = 60_000;
const ANSWER_LIMIT_MS = 30_000;
/** How long the last rovers may take for what the base has pushed. */
const ARRIVAL_LIMIT_MS = 5000;

export class Base {
  readonly #talk: Conversation<ToBase, FromBase>;

  private constructor(talk: Conversation<ToBase, FromBase>) {
    this.#talk = talk;
  }

  /** Throws with the caster's words where it is not let in. */
  static async connect(plan: StreamPlan, login: BaseLogin): Promise<Base> {
    const file = path.join(import.meta.dirname, 'base-process.ts');
    const talk = new Conversation<ToBase, FromBase>(startPeer(file));
    talk.tell({ type: 'plan', plan });
    const { ok, reply } = await talk.ask({ type: 'connect', login }, 'answered', ANSWER_LIMIT_MS);
    if (!ok) throw new Error(`the base was not let in: ${reply}`);
    return new Base(talk);
  }

  /** When the last piece of each epoch was written. */
  async push(order: PushOrder): Promise<Float64Array> {
    const durationMs = order.epochCount * order.intervalMs;
    const { sentMs } = await this.#talk.ask({ type: 'push', order }, 'pushed', durationMs + ANSWER_LIMIT_MS);
    return sentMs;
  }

  async close(): Promise<void> {
    await stopChild(this.#talk.child);
  }
}

/** What most groups have in common. */
export const PLAIN_GROUP = {
  tls: false,
  dialect: 'v1',
  firstNumber: 0,
  loginsPerS: 4000,
  joinsLate: false,
  deafCount: 0,
  ownAddresses: false,
} as const satisfies Partial<RoverGroup>;

export class Swarm {
  readonly #talk: Conversation<ToRovers, FromRovers>;
  logins: Logins | undefined;

  private constructor(talk: Conversation<ToRovers, FromRovers>) {
    this.#talk = talk;
  }

  /** A process without rovers yet; starting one takes time that no figure should hold. */
  static start(plan: StreamPlan): Swarm {
    const file = path.join(import.meta.dirname, 'rover-process.ts');
    const talk = new Conversation<ToRovers, FromRovers>(startPeer(file));
    talk.tell({ type: 'plan', plan });
    return new Swarm(talk);
  }

  /** Resolves when each rover has its reply; throws where not all were let in. */
  async connect(group: RoverGroup): Promise<Logins> {
    const logins = await this.tryConnect(group);
    const { up, refused, failed, firstRefusal, firstFailure } = logins;
    if (up !== group.count) {
      const rest = `${refused} refused (${firstRefusal}), ${failed} failed (${firstFailure})`;
      throw new Error(`only ${up} of ${group.count} rovers were let in: ${rest}`);
    }
    return logins;
  }

  /** As `connect`, for those who expect refusals. */
  async tryConnect(group: RoverGroup): Promise<Logins> {
    if (group.count > ROVERS_PER_PROCESS_MAX) {
      throw new Error(`a process opens at most ${ROVERS_PER_PROCESS_MAX} rovers`);
    }
    const { logins } = await this.#talk.ask({ type: 'connect', group }, 'answered', LOGIN_LIMIT_MS);
    return logins;
  }

  /** Waits until all who read have the whole plan, for a few seconds; then tells what became of them. */
  async receive(sentMs: Float64Array): Promise<Reception> {
    await this.#talk.ask({ type: 'awaitComplete' }, 'complete', ARRIVAL_LIMIT_MS).catch(() => undefined);
    const answer = await this.#talk.ask({ type: 'tell', sentMs }, 'received', ANSWER_LIMIT_MS);
    return answer.reception;
  }

  async hangUp(): Promise<void> {
    await this.#talk.ask({ type: 'hangUp' }, 'gone', ANSWER_LIMIT_MS);
  }

  async close(): Promise<void> {
    await stopChild(this.#talk.child);
  }
}
