// The embedded ClickHouse in a process of its own: requests come and answers go through the IPC channel. Standard
// input carries nothing but its end, because chDB reads descriptor 0 whenever it inserts: a request sent that way
// would be taken for rows. Ends when standard input closes, whatever the reason, so that it never outlives its parent.
//   node chdb-child.ts <data folder>      with standard input a pipe and an IPC channel
import { Session } from 'chdb';
import { type ChdbAnswer, type ChdbRequest } from './chdb-engine.ts';
import { restoreCrashSignals } from './libc.ts';

process.stdin.resume().on('end', () => process.exit(0));
process.on('disconnect', () => process.exit(0));

const session = new Session(process.argv[2]);
restoreCrashSignals();

async function answer(request: ChdbRequest): Promise<ChdbAnswer> {
  try {
    if (request.kind === 'insert') {
      const lines = request.rows.map((row) => `${JSON.stringify(row)}\n`).join('');
      await session.insert({ table: 'usage', values: Buffer.from(lines), format: 'JSONEachRow' });
      return { id: request.id, isOk: true, text: '' };
    }
    const result = await session.queryAsync(request.statement, { format: 'JSONEachRow' });
    return { id: request.id, isOk: true, text: result.text() };
  } catch (error) {
    return { id: request.id, isOk: false, text: error instanceof Error ? error.message : String(error) };
  }
}

let last = Promise.resolve();
process.on('message', (request: ChdbRequest) => {
  last = last.then(async () => {
    process.send!(await answer(request));
  });
});
process.send!({ id: 0, isOk: true, text: '' } satisfies ChdbAnswer);
