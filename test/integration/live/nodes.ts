// Nodes that share a Redis: within the test's process, or in a process of their own that can be killed.

import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { LIVE_SCRIPTS } from '../../../caster/accounts/live/live-scripts.ts';
import type { SlotClaim, SlotScope, SlotVerdict } from '../../../caster/accounts/live/live-state.ts';
import { RedisLiveState } from '../../../caster/accounts/live/redis-live-state.ts';
import { RedisConnection } from '../../../platform/bus/redis-connection.ts';
import type { Told } from './node-process.ts';

export const claim = (sessionId: string, ...scopes: readonly SlotScope[]): SlotClaim => ({
  sessionId,
  scopes,
});
export const refuse = (key: string, max: number): SlotScope => ({ key, max, onFull: 'refuse' });
export const replace = (key: string, max: number): SlotScope => ({ key, max, onFull: 'replace' });
export const count = (key: string, max: number): SlotScope => ({ key, max, onFull: 'count' });

export interface Loss {
  readonly sessionId: string;
  readonly by: string;
}

/** A node in this process, with what it has lost. */
export class LocalNode {
  readonly redis: RedisConnection;
  readonly live: RedisLiveState;
  readonly losses: Loss[] = [];

  constructor(url: string) {
    this.redis = new RedisConnection(url, { scripts: LIVE_SCRIPTS });
    this.live = new RedisLiveState(this.redis, `node-${randomUUID()}`);
    this.live.onLost((sessionId, by) => this.losses.push({ sessionId, by }));
  }

  async close(): Promise<void> {
    await this.live.close();
    this.redis.close();
  }
}

/** A node in a process of its own. */
export class RemoteNode {
  readonly #process: ChildProcess;
  readonly #answers = new Map<number, (verdict: SlotVerdict) => void>();
  readonly losses: Loss[] = [];
  #asked = 0;

  private constructor(url: string) {
    this.#process = fork(path.join(import.meta.dirname, 'node-process.ts'), [url, `node-${randomUUID()}`]);
    this.#process.on('message', (told: Told) => {
      if (told.kind === 'lost') this.losses.push({ sessionId: told.sessionId, by: told.by });
      if (told.kind === 'verdict') this.#answers.get(told.ask)?.(told.verdict);
    });
  }

  static async start(url: string): Promise<RemoteNode> {
    const node = new RemoteNode(url);
    // Its first message says that it is ready.
    await once(node.#process, 'message');
    return node;
  }

  take(claimed: SlotClaim): Promise<SlotVerdict> {
    const ask = this.#asked++;
    return new Promise((resolve) => {
      this.#answers.set(ask, resolve);
      this.#process.send({ ask, claim: claimed });
    });
  }

  /** Its kernel takes in what comes, but nothing of it is read or answered. */
  pause(): void {
    this.#process.kill('SIGSTOP');
  }

  continue(): void {
    this.#process.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await exited;
  }
}
