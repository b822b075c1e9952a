// A process that opens connections and reads what comes, without looking at it: `reader-process.ts PORT COUNT`. It ends
// when all of them have ended.

import { connect } from 'node:net';

const [port, count] = process.argv.slice(2).map(Number);
const buffer = Buffer.allocUnsafeSlow(256 * 1024);

for (let index = 0; index < count!; index++) {
  connect({ host: '127.0.0.1', port: port!, onread: { buffer, callback: () => true } }).on(
    'error',
    () => undefined,
  );
}
