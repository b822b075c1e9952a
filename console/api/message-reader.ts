// The text of a stream of server-sent events, message by message (WHATWG HTML §9.2.6).

export interface Message {
  readonly type: string;
  readonly data: string;
}

/** Takes text as it comes, in whatever pieces, and gives the messages that are whole. */
export class MessageReader {
  #rest = '';
  /** Of the last message; for Last-Event-ID. */
  lastId: string | undefined;

  /** Another connection begins: of a message that the last one broke off, nothing counts. */
  begin(): void {
    this.#rest = '';
  }

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
