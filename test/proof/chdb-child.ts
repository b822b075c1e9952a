// The embedded ClickHouse in a process of its own: one request per line on standard input, one answer per line on
// standard output. Ends when its standard input closes, whatever the reason, so that it never outlives its parent.
//   node chdb-child.ts <data folder>
import { createInterface } from 'node:readline';
import { Session } from 'chdb';
import { type ChdbAnswer, type ChdbRequest } from './chdb-engine.ts';
import { restoreCrashSignals } from './libc.ts';

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

console.log(JSON.stringify({ id: 0, isOk: true, text: '' } satisfies ChdbAnswer));
for await (const line of createInterface({ input: process.stdin })) {
  // Our own parent wrote the line.
  console.log(JSON.stringify(await answer(JSON.parse(line) as ChdbRequest)));
}
session.close();
