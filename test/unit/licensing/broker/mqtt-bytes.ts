// MQTT 3.1.1 packets put together byte by byte, right or wrong as a test wants them, without the library of the broker.

export function text(value: string | Uint8Array): number[] {
  const bytes = typeof value === 'string' ? [...Buffer.from(value)] : [...value];
  return [bytes.length >> 8, bytes.length & 0xff, ...bytes];
}

export function packet(first: number, ...body: readonly number[]): Buffer {
  const length: number[] = [];
  let rest = body.length;
  do {
    length.push((rest % 128) + (rest >= 128 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.from([first, ...length, ...body]);
}

/** `flags` is the whole byte; `payload` what follows the keep-alive. */
export function connect(flags: number, ...payload: readonly number[]): Buffer {
  return packet(0x10, ...text('MQTT'), 4, flags, 0, 60, ...payload);
}

export const CLEAN = 0x02;

export function publish(
  topic: string | Uint8Array,
  options: { first?: number; id?: number; body?: string } = {},
): Buffer {
  const { first = 0x32, id = 1, body = '{}' } = options;
  const numbered = (first & 6) === 0 ? [] : [id >> 8, id & 0xff];
  return packet(first, ...text(topic), ...numbered, ...Buffer.from(body));
}

export function subscribe(
  filters: readonly (string | Uint8Array)[],
  options: { first?: number; id?: number; qos?: number } = {},
): Buffer {
  const { first = 0x82, id = 1, qos = 1 } = options;
  return packet(first, id >> 8, id & 0xff, ...filters.flatMap((filter) => [...text(filter), qos]));
}

export function unsubscribe(
  filters: readonly string[],
  options: { first?: number; id?: number } = {},
): Buffer {
  const { first = 0xa2, id = 1 } = options;
  return packet(first, id >> 8, id & 0xff, ...filters.flatMap((filter) => text(filter)));
}

/** PUBACK and its like. */
export function ack(first: number, id = 1): Buffer {
  return packet(first, id >> 8, id & 0xff);
}
