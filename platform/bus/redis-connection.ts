// The process's connection to Redis: two sockets, since one that listens to channels takes no other command. It is up
// while both answer; it reconnects by itself and for ever. Nothing waits in it while it is down, and nothing is sent
// twice: whoever asks learns that there is no answer, and decides.

import { Redis, type RedisOptions } from 'ioredis';
import {
  LIVE_ANSWER_MS_MAX,
  REDIS_BACKOFF_MS_MAX,
  REDIS_BACKOFF_MS_MIN,
  REDIS_CONNECT_MS_MAX,
  REDIS_PING_MS,
  REDIS_SILENT_MS_MAX,
} from '../../config/limits.ts';
import { RedisConnector } from './redis-connector.ts';
import type { RedisScript } from './redis-script.ts';
import { parseRedisUrl, type RedisAddress } from './redis-url.ts';

export interface RedisState {
  readonly isUp: boolean;
  /** What keeps it down, or kept it down last; never with a secret. */
  readonly problem: string | undefined;
  /** Times that it came up. */
  readonly ups: number;
}

export class RedisConnection {
  readonly #commands: Redis;
  readonly #channels: Redis;
  readonly #scripts: readonly RedisScript[];
  readonly #listeners = new Map<string, (text: string) => void>();
  readonly #onUp: (() => void)[] = [];
  readonly #onDown: ((problem: string) => void)[] = [];
  readonly #pings: NodeJS.Timeout;
  #commandsReady = false;
  #channelsReady = false;
  /** A question has had no answer for too long, and nothing has been answered since. */
  #isSilent = false;
  #isUp = false;
  #isClosed = false;
  #problem: string | undefined;
  #ups = 0;

  /**
   * Throws where the URL is none of Redis. `scripts` are known to Redis before it is up, so that they keep their order
   * from the first on. `ca`: PEM of the authority that signed the server's certificate.
   */
  constructor(
    url: string,
    { scripts = [], ca }: { readonly scripts?: readonly RedisScript[]; readonly ca?: string } = {},
  ) {
    const address = parseRedisUrl(url);
    if (address === undefined) throw new Error('not a URL of Redis');
    const options = optionsFor(address, ca);
    this.#scripts = scripts;
    this.#commands = new Redis(options);
    this.#channels = new Redis(options);
    this.#commands.on('ready', () => void this.#loadAll());
    this.#channels.on('ready', () => void this.#subscribeAll());
    this.#channels.on('message', (channel, text) => this.#listeners.get(channel)?.(text));
    this.#commands.on('close', () => this.#fall({ commandsReady: false }));
    this.#channels.on('close', () => this.#fall({ channelsReady: false }));
    for (const client of [this.#commands, this.#channels]) {
      // Of the error only its text: its other properties hold what was sent, a password among it.
      client.on('error', (error: Error) => (this.#problem = error.message));
    }
    this.#pings = setInterval(() => this.#ping(), REDIS_PING_MS);
    this.#pings.unref();
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get state(): RedisState {
    return { isUp: this.#isUp, problem: this.#problem, ups: this.#ups };
  }

  /** Rejects where Redis is away, goes away, or refuses; whether the script has run is then unknown. */
  async eval(script: RedisScript, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    try {
      return await this.#ask(() => this.#commands.evalsha(script.sha, keys.length, ...keys, ...args));
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return await this.#ask(() => this.#commands.eval(script.lua, keys.length, ...keys, ...args));
    }
  }

  /** Rejects as `eval` does. */
  async publish(channel: string, text: string): Promise<void> {
    await this.#ask(() => this.#commands.publish(channel, text));
  }

  /** One listener a channel; called before the connection is up, it misses nothing from the first `onUp` on. */
  async subscribe(channel: string, listener: (text: string) => void): Promise<void> {
    this.#listeners.set(channel, listener);
    if (this.#channelsReady) await this.#channels.subscribe(channel).catch(() => undefined);
  }

  /** Called each time it comes up, and for the first time at once where it is up already. */
  onUp(listener: () => void): void {
    this.#onUp.push(listener);
    if (this.#isUp) listener();
  }

  onDown(listener: (problem: string) => void): void {
    this.#onDown.push(listener);
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#pings);
    this.#commands.disconnect();
    this.#channels.disconnect();
    this.#fall({ commandsReady: false, channelsReady: false });
  }

  /** Watches over one question. Redis answers in order: while one waits too long, so does everything behind it. */
  async #ask<Answer>(send: () => Promise<Answer>): Promise<Answer> {
    let isAnswered = false;
    // An own stall must not look like one of Redis: what has come in meanwhile is read before the verdict.
    const look = (): unknown => setImmediate(() => isAnswered || this.#noticeSilence());
    const timer = setTimeout(look, LIVE_ANSWER_MS_MAX);
    try {
      const answer = await send();
      this.#noticeAnswer();
      return answer;
    } catch (error) {
      // An error that Redis sends is an answer, too.
      if (isReplyError(error)) this.#noticeAnswer();
      throw error;
    } finally {
      isAnswered = true;
      clearTimeout(timer);
    }
  }

  #noticeSilence(): void {
    if (this.#isSilent || !this.#commandsReady) return;
    this.#isSilent = true;
    this.#problem = `no answer within ${LIVE_ANSWER_MS_MAX} ms`;
    this.#look();
  }

  #noticeAnswer(): void {
    if (!this.#isSilent) return;
    this.#isSilent = false;
    this.#look();
  }

  async #loadAll(): Promise<void> {
    // Where one is refused, `eval` hears of it.
    const loads = this.#scripts.map(({ lua }) => this.#commands.script('LOAD', lua));
    const broken = (await Promise.allSettled(loads)).some(isConnectionLost);
    if (broken) return;
    this.#isSilent = false;
    this.#commandsReady = true;
    this.#look();
  }

  async #subscribeAll(): Promise<void> {
    let channels: readonly string[] = [];
    try {
      // Somebody may have come to listen while the others were subscribed.
      while (channels.length < this.#listeners.size) {
        channels = [...this.#listeners.keys()];
        await this.#channels.subscribe(...channels);
      }
    } catch {
      return;
    }
    this.#channelsReady = true;
    this.#look();
  }

  #fall({ commandsReady = this.#commandsReady, channelsReady = this.#channelsReady }): void {
    this.#commandsReady = commandsReady;
    this.#channelsReady = channelsReady;
    this.#look();
  }

  #look(): void {
    const isUp = this.#commandsReady && this.#channelsReady && !this.#isSilent && !this.#isClosed;
    if (isUp === this.#isUp) return;
    this.#isUp = isUp;
    if (isUp) {
      this.#ups++;
      for (const listener of this.#onUp) listener();
    } else {
      for (const listener of this.#onDown) listener(this.#problem ?? 'the connection was closed');
    }
  }

  /** Where nothing else is asked, this is what notices a silent Redis or a dead network. */
  #ping(): void {
    if (this.#commandsReady) this.#ask(() => this.#commands.ping()).catch(() => undefined);
    if (this.#channelsReady) this.#channels.ping().catch(() => undefined);
  }
}

const isReplyError = (error: unknown): boolean => error instanceof Error && error.name === 'ReplyError';

const isConnectionLost = (result: PromiseSettledResult<unknown>): boolean =>
  result.status === 'rejected' && !isReplyError(result.reason);

function optionsFor(
  address: RedisAddress,
  ca: string | undefined,
): RedisOptions & { replyMapping: 'legacy' } {
  const { host, port, isTls, database, username, password } = address;
  return {
    host,
    port,
    db: database,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(isTls && { tls: ca === undefined ? {} : { ca } }),
    Connector: RedisConnector,
    // Every server and every service in front of one speaks this one.
    protocol: 2,
    replyMapping: 'legacy',
    connectionName: 'rovercast',
    disableClientInfo: true,
    connectTimeout: REDIS_CONNECT_MS_MAX,
    socketTimeout: REDIS_SILENT_MS_MAX,
    retryStrategy: (attempt) => {
      const delayMs = Math.min(REDIS_BACKOFF_MS_MIN * 2 ** (attempt - 1), REDIS_BACKOFF_MS_MAX);
      // Nodes that lost Redis together do not come back together.
      return delayMs * (0.5 + Math.random() / 2);
    },
    // What was under way when the connection broke is answered with an error at once.
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    // After a change of roles the old primary is still there, and must be left for the new one.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  };
}
