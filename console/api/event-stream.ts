// Server-sent events with a key in the header, which EventSource cannot send (WHATWG HTML §9.2): the
// connection that comes back with Last-Event-ID.

import { presentedKey } from './credentials.ts';
import { type Message, MessageReader } from './message-reader.ts';

/** One event as docs/events.md has it. */
export interface LiveEvent {
  readonly id: number;
  readonly time: string;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly event: string;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}

export type StreamState = 'connecting' | 'live' | 'away' | 'refused';

interface StateHandler {
  readonly onState: (state: StreamState) => void;
}

export interface EventHandlers extends StateHandler {
  readonly onEvents: (events: readonly LiveEvent[]) => void;
}

export interface StreamHandlers extends StateHandler {
  readonly onMessages: (messages: readonly Message[]) => void;
}

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
/** The server shows a sign of life more often than that. */
const SILENCE_MAX_MS = 45_000;

/** Follows the events of `topics`, from the first that the server still has, until the function that it gives is called. */
export function followEvents(topics: readonly string[], { onEvents, onState }: EventHandlers): () => void {
  const query = new URLSearchParams(topics.map((topic): [string, string] => ['topics', topic]));
  const onMessages = (messages: readonly Message[]): void => {
    const events = messages.filter(({ type }) => type === 'message').map(({ data }) => data);
    if (events.length > 0) onEvents(events.map((data) => JSON.parse(data) as LiveEvent));
  };
  return followStream(`/v1/events?${query.toString()}`, { onMessages, onState }, '0');
}

/**
 * Follows the stream at `address` until the function that it gives is called, while the page is seen: by HTTP/1.1 a browser
 * opens six connections to one server, for all its tabs, and seven streams would leave none for requests.
 */
export function followStream(address: string, handlers: StreamHandlers, firstId?: string): () => void {
  const ending = new AbortController();
  const reader = new MessageReader();
  reader.lastId = firstId;
  void keepFollowing(address, handlers, reader, ending.signal);
  return () => ending.abort();
}

async function keepFollowing(
  address: string,
  handlers: StreamHandlers,
  reader: MessageReader,
  ended: AbortSignal,
): Promise<void> {
  let waitMs = FIRST_WAIT_MS;
  while (await untilSeen(ended)) {
    handlers.onState('connecting');
    const outcome = await followOnce(address, handlers, reader, ended);
    if (outcome === 'refused') {
      handlers.onState('refused');
      return;
    }
    if (isHidden() || ended.aborted) continue;
    handlers.onState('away');
    waitMs = outcome === 'was_live' ? FIRST_WAIT_MS : Math.min(waitMs * 2, LONGEST_WAIT_MS);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

const isHidden = (): boolean => document.visibilityState === 'hidden';

/** Calls back at each change of whether the page is seen, and at the end; the function it gives ends that. */
function onSight(ended: AbortSignal, listener: () => void): () => void {
  document.addEventListener('visibilitychange', listener);
  ended.addEventListener('abort', listener);
  return () => {
    document.removeEventListener('visibilitychange', listener);
    ended.removeEventListener('abort', listener);
  };
}

/** Resolves to false at the end instead. */
function untilSeen(ended: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (isHidden() && !ended.aborted) return;
      unwatch();
      resolve(!ended.aborted);
    };
    const unwatch = onSight(ended, look);
    look();
  });
}

async function followOnce(
  address: string,
  handlers: StreamHandlers,
  reader: MessageReader,
  ended: AbortSignal,
): Promise<'was_live' | 'never_live' | 'refused'> {
  const silence = new AbortController();
  const leave = new AbortController();
  const unwatch = onSight(ended, () => (isHidden() || ended.aborted) && leave.abort());
  let isLive = false;
  try {
    const response = await fetch(address, {
      headers: {
        authorization: `Bearer ${presentedKey() ?? ''}`,
        ...(reader.lastId === undefined ? {} : { 'last-event-id': reader.lastId }),
      },
      ...{ cache: 'no-store', credentials: 'omit' },
      signal: AbortSignal.any([leave.signal, silence.signal]),
    });
    if (response.status === 401 || response.status === 403) return 'refused';
    if (!response.ok || response.body === null) return 'never_live';
    isLive = true;
    reader.begin();
    handlers.onState('live');
    await readAll(response.body, handlers, reader, silence);
  } catch {
    // The connection broke, or was ended: what was had so far stands.
  } finally {
    unwatch();
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
      if (messages.length > 0) handlers.onMessages(messages);
    }
  } finally {
    clearTimeout(watch);
  }
}
