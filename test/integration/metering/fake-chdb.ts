// Stands for the process of the embedded engine. Its argument says what it does: `missing` has no engine, `hangs` answers
// nothing, `dies` ends at the first work; `env` answers each question with the names of its environment.

import type { ChdbMessage, ChdbRequest } from '../../../caster/metering/sink/chdb-messages.ts';

const [, , role = ''] = process.argv;
const does = role.slice(role.lastIndexOf('/') + 1);

process.stdin.resume().on('end', () => process.exit(0));
process.on('message', ({ id }: ChdbRequest) => {
  if (does === 'dies') process.exit(3);
  if (does === 'env') {
    const line = `${JSON.stringify({ names: Object.keys(process.env) })}\n`;
    send({ type: 'answer', id, bytes: Buffer.from(line) });
  }
});
if (does === 'missing') send({ type: 'missing', detail: 'not for this machine' });
else send({ type: 'ready' });

function send(message: ChdbMessage): void {
  process.send?.(message);
}
