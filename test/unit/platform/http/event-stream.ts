// Reads server-sent events over a real connection, by the rules of WHATWG HTML §9.2.6 and independent of what writes them.

import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { AUTHORIZATION } from './app-under-test.ts';

export interface Message {
  readonly type: string;
  readonly id: string;
  readonly data: string;
}

export class EventStream {
  readonly response: IncomingMessage;
  readonly messages: Message[] = [];
  readonly comments: string[] = [];
  #text = '';
  #lastId = '';
  #waiting: (() => void)[] = [];

  /** Resolves when the head of the answer is there. */
  static open(
    origin: string,
    {
      path = '/v1/events',
      query = '',
      headers = {},
    }: { path?: string; query?: string; headers?: Record<string, string> } = {},
  ): Promise<EventStream> {
    return new Promise((resolve, reject) => {
      get(`${origin}${path}${query}`, { headers: { ...AUTHORIZATION, ...headers }, agent: false })
        .on('response', (response) => resolve(new EventStream(response)))
        .on('error', reject);
    });
  }

  constructor(response: IncomingMessage) {
    this.response = response;
    response.setEncoding('utf8');
    response.on('data', (text: string) => this.#take(text));
    // A stream that the server cuts off ends with an error here.
    response.on('error', () => undefined);
  }

  /** Resolves once this many messages are there. */
  async until(count: number): Promise<Message[]> {
    while (this.messages.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.messages;
  }

  /** Resolves once the server has ended the stream, or cut it off. */
  async end(): Promise<void> {
    if (!this.response.closed) await once(this.response, 'close');
  }

  /** What the messages carry. */
  events(): Record<string, unknown>[] {
    return this.messages.map(({ data }) => JSON.parse(data) as Record<string, unknown>);
  }

  #take(text: string): void {
    this.#text += text;
    const blocks = this.#text.split('\n\n');
    this.#text = blocks.pop() ?? '';
    for (const block of blocks) this.#takeBlock(block);
    for (const resume of this.#waiting.splice(0)) resume();
  }

  #takeBlock(block: string): void {
    let type = 'message';
    const data: string[] = [];
    for (const line of block.split('\n')) {
      const colon = line.indexOf(':');
      const [name, value] = [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
      if (name === '') this.comments.push(value);
      else if (name === 'event') type = value;
      else if (name === 'data') data.push(value);
      else if (name === 'id') this.#lastId = value;
    }
    if (data.length > 0) this.messages.push({ type, id: this.#lastId, data: data.join('\n') });
  }
}
