// Consumes a topic, says what it has in hand, and never gets done with it.

import { openQueue, type QueuePlace } from './queue-under-test.ts';

const [place = '', topic = ''] = process.argv.slice(2);
const { queue } = await openQueue(JSON.parse(place) as QueuePlace);
queue.consume(topic, ({ body }) => {
  process.stdout.write(`${body}\n`);
  return new Promise(() => undefined);
});
setInterval(() => undefined, 1000);
