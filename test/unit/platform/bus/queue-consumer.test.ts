// Tests consumers of queues, by a queue that answers when the test says so.

import { expect, test } from 'vitest';
import { Consumer, type TakenEntry } from '../../../../platform/bus/queue-consumer.ts';

test('what was taken while the consumer stopped is not handed on', async () => {
  const taken = Promise.withResolvers<{ entries: TakenEntry[]; nextInMs: undefined }>();
  const handled: string[] = [];
  const backend = {
    take: () => taken.promise,
    hold: () => Promise.resolve(),
    done: () => Promise.resolve(),
    later: () => Promise.resolve(),
  };
  const handler = ({ id }: { readonly id: string }): Promise<void> => {
    handled.push(id);
    return Promise.resolve();
  };
  const consumer = new Consumer(backend, { topic: 'things', taker: 'me' }, handler, {
    ports: { onDead: () => Promise.resolve() },
  });
  await consumer.stop();
  taken.resolve({ entries: [{ id: 'a', body: '', place: '1', tries: 1 }], nextInMs: undefined });
  await new Promise(setImmediate);
  expect(handled).toEqual([]);
});
