// Makes a ledger on a disk that is too small for it or becomes full afterwards, and prints what happened.
//   node ledger-full-disk.ts <folder> too-small | full-afterwards | sparse
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createLedger, mapLedger } from './ledger-file.ts';

const [folder, scene] = process.argv.slice(2);
const file = path.join(folder!, 'ledger');
const bytes = scene === 'too-small' ? 16 << 20 : 256 << 10;

/** Writes to another file until the disk has no room left. */
function fillDisk(): string {
  try {
    writeFileSync(path.join(folder!, 'ballast'), Buffer.alloc(16 << 20));
    return 'there was room';
  } catch (error) {
    // Node's file errors carry a code.
    return (error as NodeJS.ErrnoException).code ?? 'no code';
  }
}

const allocation = createLedger(file, bytes, scene === 'sparse');
const ballast = scene === 'too-small' ? undefined : fillDisk();
console.log(JSON.stringify({ allocation, ballast }));
if (allocation === 0) {
  const { numbers } = mapLedger(file, bytes);
  numbers.fill(7);
  console.log(JSON.stringify({ sum: numbers.reduce((sum, number) => sum + number) }));
}
