// One reader of `GET /v1/events`: opens the stream, hands on events, and knows where to go on after a drop. It uses
// Node's plain HTTP: fetch refuses a list of ports, such as 10080, that operators do use.

import { get as getPlain, type IncomingMessage } from 'node:http';
import { get as getSecure } from 'node:https';
import { errorCode, errorText, type Failure } from '../failure.ts';
import { problemText } from '../problem-text.ts';
import { harmless } from '../terminal.ts';
import { EventStreamReader } from './event-stream-reader.ts';

export interface FollowPlan {
  readonly url: URL;
  /** Goes into a header and nowhere else. */
  readonly key: string;
  /** Where to begin; empty for what happens from now on. */
  readonly lastEventId: string;
  readonly onOpen: () => void;
  /** An event's data. */
  readonly onEvent: (data: string) => void;
  /** Events were lost. */
  readonly onGap: () => void;
}

export interface FollowEnd {
  /** Undefined where the stream just ended. */
  readonly failure: Failure | undefined;
  /** Waiting does not mend it. */
  readonly isFinal: boolean;
}

const RETRY_MS_DEFAULT = 2000;
const RETRY_MS_MAX = 60_000;
/** A connection that shows no life for this long is dead; the caster shows some every fifteen seconds. */
const SILENCE_MS_MAX = 60_000;
const CONNECT_MS_MAX = 10_000;
const ANSWER_CHARS_MAX = 4096;

export class EventFollower {
  hasWorked = false;
  readonly #plan: FollowPlan;
  readonly #reader: EventStreamReader;

  constructor(plan: FollowPlan) {
    this.#plan = plan;
    this.#reader = new EventStreamReader(({ type, data }) => {
      if (type === 'gap') plan.onGap();
      else if (type === 'message') plan.onEvent(data);
    });
  }

  /** How long to wait before the next attempt, as the caster wishes. */
  get retryMs(): number {
    return Math.min(this.#reader.retryMs ?? RETRY_MS_DEFAULT, RETRY_MS_MAX);
  }

  /** Follows until the stream ends, breaks or the signal is aborted; never rejects. */
  async run(signal: AbortSignal): Promise<FollowEnd> {
    const watch = new AbortController();
    let timer = setTimeout(() => watch.abort(), CONNECT_MS_MAX);
    try {
      const response = await this.#open(AbortSignal.any([signal, watch.signal]));
      if (response.statusCode !== 200) return await refusalOf(response, this.#plan.url);
      this.hasWorked = true;
      this.#plan.onOpen();
      const decoder = new TextDecoder();
      this.#reader.reset();
      for await (const bytes of response as AsyncIterable<Buffer>) {
        clearTimeout(timer);
        timer = setTimeout(() => watch.abort(), SILENCE_MS_MAX);
        this.#reader.push(decoder.decode(bytes, { stream: true }));
      }
      return { failure: undefined, isFinal: false };
    } catch (error) {
      return { failure: this.#failureOf(error, watch.signal.aborted), isFinal: false };
    } finally {
      clearTimeout(timer);
    }
  }

  async #open(signal: AbortSignal): Promise<IncomingMessage> {
    const { url, key, lastEventId } = this.#plan;
    const position = this.#reader.lastEventId === '' ? lastEventId : this.#reader.lastEventId;
    const headers = {
      accept: 'text/event-stream',
      authorization: `Bearer ${key}`,
      ...(position === '' ? {} : { 'last-event-id': position }),
    };
    const get = url.protocol === 'https:' ? getSecure : getPlain;
    return new Promise((resolve, reject) => {
      get(url, { headers, signal, agent: false }, resolve).on('error', reject);
    });
  }

  #failureOf(error: unknown, isSilent: boolean): Failure {
    const { origin } = this.#plan.url;
    if (isSilent) {
      return {
        code: 'connection_timeout',
        message: `${origin} gives no sign of life`,
        fix: 'check address and network',
      };
    }
    if (errorCode(error) === 'ECONNREFUSED') {
      const fix = 'check that the caster runs, and its HTTP port; --url names another';
      return { code: 'connection_refused', message: `nothing listens at ${origin}`, fix };
    }
    const message = `the connection to ${origin} broke: ${errorText(error)}`;
    return { code: 'connection_failed', message, fix: 'check address and network' };
  }
}

/** What an answer other than a stream means. */
async function refusalOf(response: IncomingMessage, url: URL): Promise<FollowEnd> {
  const status = response.statusCode ?? 0;
  let body = '';
  for await (const bytes of response as AsyncIterable<Buffer>) {
    body += bytes.toString();
    if (body.length > ANSWER_CHARS_MAX) break;
  }
  const words = `the caster says: ${status} ${harmless(problemText(body))}`.trim();
  if (status === 401 || status === 403) {
    const fix =
      'compare it with owner.key in the data folder of that caster, or with its ROVERCAST_OWNER_KEY';
    return { failure: { code: 'key_refused', message: `the key is refused; ${words}`, fix }, isFinal: true };
  }
  const message = `no events at ${url.origin}; ${words}`;
  const fix = status === 404 ? 'check that --url is the HTTP port of a Rovercast' : 'try again later';
  return { failure: { code: 'events_unavailable', message, fix }, isFinal: status < 500 && status !== 429 };
}
