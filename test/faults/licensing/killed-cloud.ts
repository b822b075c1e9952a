// A cloud that is killed and comes back: the whole program on the same ports, with the same data, and its queue in a Redis
// that keeps what it has on the disk. Who asks it waits until it is back, and asks again.

import { type CasterProcess, OWNER_KEY, startCasterProcess } from '../../support/caster-process.ts';
import { until } from '../until.ts';

export interface KilledCloudOptions {
  readonly dataDir: string;
  readonly redisUrl: string;
  readonly webhookSecret: string;
}

export interface CloudAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Answers that say to come again. */
const AGAIN: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);

export class KilledCloud {
  readonly #options: KilledCloudOptions;
  #ports: Readonly<Record<string, string>> = {};
  #running: Promise<CasterProcess>;

  private constructor(options: KilledCloudOptions) {
    this.#options = options;
    this.#running = this.#start();
  }

  static async start(options: KilledCloudOptions): Promise<KilledCloud> {
    const cloud = new KilledCloud(options);
    const { http, mqtts, mqttsToken } = (await cloud.#running).ready;
    cloud.#ports = {
      ROVERCAST_HTTP_PORT: String(http),
      ROVERCAST_MQTTS_PORT: String(mqtts),
      ROVERCAST_MQTTS_TOKEN_PORT: String(mqttsToken),
    };
    return cloud;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#ports['ROVERCAST_HTTP_PORT']}`;
  }

  /** Resolves once it answers again. */
  async kill(): Promise<void> {
    this.#running = this.#running.then(async (before) => {
      await before.kill();
      return await this.#start();
    });
    await this.#running;
  }

  async stop(): Promise<void> {
    await (await this.#running).stop();
  }

  /** One try; undefined where no answer came. */
  async try(
    at: string,
    body: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<CloudAnswer | undefined> {
    const all = { 'content-type': 'application/json', ...headers };
    try {
      const answer = await fetch(`${this.url}${at}`, { method: 'POST', headers: all, body });
      return { status: answer.status, body: await answer.json() };
    } catch {
      return undefined;
    }
  }

  /** As often as it takes to be answered with good or with what is the asker’s fault. */
  async post(
    at: string,
    body: () => string,
    headers: () => Readonly<Record<string, string>> = () => ({}),
  ): Promise<CloudAnswer> {
    let answer: CloudAnswer | undefined;
    await until(
      async () => {
        await this.#running;
        answer = await this.try(at, body(), { authorization: `Bearer ${OWNER_KEY}`, ...headers() });
        return answer !== undefined && !AGAIN.has(answer.status);
      },
      () => `${at} is answered (${answer?.status})`,
      60_000,
    );
    return answer!;
  }

  async #start(): Promise<CasterProcess> {
    const { dataDir, redisUrl, webhookSecret } = this.#options;
    return await startCasterProcess({
      config: {
        listen: { publicHost: '127.0.0.1' },
        live: { url: redisUrl },
        licensing: { payments: { test: true, testWebhookSecret: webhookSecret } },
        api: { requestsPerMinutePerKey: 0 },
      },
      env: {
        ROVERCAST_MQTTS_PORT: '0',
        ROVERCAST_MQTTS_TOKEN_PORT: '0',
        ROVERCAST_DATA_DIR: dataDir,
        ...this.#ports,
      },
    });
  }
}
