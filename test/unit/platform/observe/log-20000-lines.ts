// Logs 20,000 lines to its standard error and says on standard output how many of them were lost. With `slowly` it
// lets the reader keep up.

import { writeSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createLog } from '../../../../platform/observe/log.ts';

const log = createLog({ level: 'info', node: 'node-1' });
const slowly = process.argv[2] === 'slowly';
for (let n = 0; n < 20_000; n++) {
  const fields = { n, filler: 'x'.repeat(80) };
  log.write({ time: '2026-11-22T00:00:00.000Z', level: 'info', event: 'line_logged', fields });
  while (slowly && process.stderr.writableLength > 0) await nextTurn();
}
// Failed writes are told a turn later.
await nextTurn();
await nextTurn();
writeSync(1, JSON.stringify({ logged: 20_000, linesLost: log.linesLost }));
process.exit(0);
