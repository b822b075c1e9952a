// Reads server-sent events (WHATWG HTML §9.2) from text in any pieces. Pure: it neither connects nor waits.

export interface StreamEvent {
  /** `message` where the stream names none. */
  readonly type: string;
  readonly data: string;
  /** The id in force, empty where there was none. */
  readonly id: string;
}

/** A line longer than this is no event of ours; it is dropped. */
const LINE_CHARS_MAX = 1_048_576;

export class EventStreamReader {
  readonly #onEvent: (event: StreamEvent) => void;
  #line = '';
  #afterCr = false;
  #type = '';
  #data: string[] = [];
  /** The last `id` line, which only counts once its event is whole. */
  #nextId = '';
  #id = '';
  #retryMs: number | undefined;

  constructor(onEvent: (event: StreamEvent) => void) {
    this.#onEvent = onEvent;
  }

  /** To be sent as Last-Event-ID after a drop; empty before the first. */
  get lastEventId(): string {
    return this.#id;
  }

  /** How long the server wants a reader to wait before it comes back. */
  get retryMs(): number | undefined {
    return this.#retryMs;
  }

  push(text: string): void {
    const whole = this.#afterCr && text.startsWith('\n') ? text.slice(1) : text;
    this.#afterCr = text.endsWith('\r');
    const lines = (this.#line + whole).split(/\r\n|\r|\n/);
    this.#line = lines.pop()!.slice(0, LINE_CHARS_MAX);
    for (const line of lines) this.#takeLine(line);
  }

  /** The connection is gone: half an event is none, the id stays. */
  reset(): void {
    this.#line = '';
    this.#afterCr = false;
    this.#type = '';
    this.#data = [];
    this.#nextId = this.#id;
  }

  #takeLine(line: string): void {
    if (line === '') {
      this.#dispatch();
      return;
    }
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    switch (name) {
      case 'event':
        this.#type = value;
        return;
      case 'data':
        this.#data.push(value);
        return;
      case 'id':
        if (!value.includes('\0')) this.#nextId = value;
        return;
      case 'retry':
        if (/^\d+$/.test(value)) this.#retryMs = Number(value);
    }
  }

  #dispatch(): void {
    this.#id = this.#nextId;
    const event = {
      type: this.#type === '' ? 'message' : this.#type,
      data: this.#data.join('\n'),
      id: this.#id,
    };
    const isEmpty = this.#data.length === 0;
    this.#type = '';
    this.#data = [];
    if (!isEmpty) this.#onEvent(event);
  }
}
