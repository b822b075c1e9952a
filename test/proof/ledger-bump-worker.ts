// Bumps its own record of a ledger that the main thread has mapped, until it is ended.
import { parentPort, workerData } from 'node:worker_threads';
import { bumpRecord } from './ledger-file.ts';
import { viewMemory } from './libc.ts';

// workerData is what ledger-file.test.ts passed.
const { address, bytes, record } = workerData as { address: bigint; bytes: number; record: number };
const numbers = new Float64Array(viewMemory(address, bytes));

function bumpForEver(): void {
  for (let i = 0; i < 1000; i += 1) bumpRecord(numbers, record, 1000, i);
  setImmediate(bumpForEver);
}

bumpForEver();
parentPort!.postMessage('bumping');
