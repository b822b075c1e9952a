// Server-sent events with a key in the header, which EventSource cannot send (WHATWG HTML §9.2): the reader of the bytes,
// and the connection that comes back with Last-Event-ID.

import { presentedKey } from './credentials.ts';

/** One event as docs/events.md has it. */
export interface LiveEvent {
  readonly id: number;
  readonly time: string;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly event: string;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}

export interface Message {
  readonly type: string;
  readonly data: string;
}

/** Takes text as it comes, in whatever pieces, and gives the messages that are whole. */
export class MessageReader {
  #rest = '';
  /** Of the last message; for Last-Event-ID. */
  lastId: string | undefined;

  take(text: string): Message[] {
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    return blocks.flatMap((block) => this.#messageOf(block));
  }

  #messageOf(block: string): Message[] {
    let type = 'message';
    const data: string[] = [];
    for (const line of block.split('\n')) {
      const [, name = '', value = ''] = /^(\w*): ?(.*)$/.exec(line) ?? [];
      if (name === 'data') data.push(value);
      else if (name === 'event') type = value;
      else if (name === 'id') this.lastId = value;
    }
    return data.length === 0 ? [] : [{ type, data: data.join('\n') }];
  }
}

export type StreamState = 'connecting' | 'live' | 'away' | 'refused';

export interface StreamHandlers {
  readonly onEvents: (events: readonly LiveEvent[]) => void;
  readonly onState: (state: StreamState) => void;
  /** Events between the last one and now are gone: whatever was made of them has to be read anew. */
  readonly onGap: () => void;
}

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
/** The server shows a sign of life more often than that. */
const SILENCE_MAX_MS = 45_000;

/** Follows the events of `topics` until the function that it gives is called. */
export function followEvents(topics: readonly string[], handlers: StreamHandlers): () => void {
  const ending = new AbortController();
  const reader = new MessageReader();
  reader.lastId = '0';
  void keepFollowing(topics, handlers, reader, ending.signal);
  return () => ending.abort();
}

async function keepFollowing(
  topics: readonly string[],
  handlers: StreamHandlers,
  reader: MessageReader,
  ended: AbortSignal,
): Promise<void> {
  let waitMs = FIRST_WAIT_MS;
  do {
    handlers.onState('connecting');
    const outcome = await followOnce(topics, handlers, reader, ended);
    if (outcome === 'refused') {
      handlers.onState('refused');
      return;
    }
    handlers.onState('away');
    waitMs = outcome === 'was_live' ? FIRST_WAIT_MS : Math.min(waitMs * 2, LONGEST_WAIT_MS);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  } while (!ended.aborted);
}

async function followOnce(
  topics: readonly string[],
  handlers: StreamHandlers,
  reader: MessageReader,
  ended: AbortSignal,
): Promise<'was_live' | 'never_live' | 'refused'> {
  const silence = new AbortController();
  let isLive = false;
  try {
    const query = new URLSearchParams(topics.map((topic): [string, string] => ['topics', topic]));
    const response = await fetch(`/v1/events?${query.toString()}`, {
      headers: {
        authorization: `Bearer ${presentedKey() ?? ''}`,
        ...(reader.lastId === undefined ? {} : { 'last-event-id': reader.lastId }),
      },
      ...{ cache: 'no-store', credentials: 'omit' },
      signal: AbortSignal.any([ended, silence.signal]),
    });
    if (response.status === 401 || response.status === 403) return 'refused';
    if (!response.ok || response.body === null) return 'never_live';
    isLive = true;
    handlers.onState('live');
    await readAll(response.body, handlers, reader, silence);
  } catch {
    // The connection broke, or was ended: what was had so far stands.
  }
  return isLive ? 'was_live' : 'never_live';
}

async function readAll(
  body: ReadableStream<Uint8Array>,
  handlers: StreamHandlers,
  reader: MessageReader,
  silence: AbortController,
): Promise<void> {
  const decoder = new TextDecoder();
  const bytes = body.getReader();
  let watch = setTimeout(() => silence.abort(), SILENCE_MAX_MS);
  try {
    for (;;) {
      const { done, value } = await bytes.read();
      if (done) return;
      clearTimeout(watch);
      watch = setTimeout(() => silence.abort(), SILENCE_MAX_MS);
      const messages = reader.take(decoder.decode(value, { stream: true }));
      if (messages.some(({ type }) => type === 'gap')) handlers.onGap();
      const events = messages.filter(({ type }) => type === 'message').map(({ data }) => data);
      if (events.length > 0) handlers.onEvents(events.map((data) => JSON.parse(data) as LiveEvent));
    }
  } finally {
    clearTimeout(watch);
  }
}
