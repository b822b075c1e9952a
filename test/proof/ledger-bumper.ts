// Bumps record 0 of a ledger for ever and says so after each bump, until somebody kills it.
//   node ledger-bumper.ts <file> <bytes of the file> <bytes of an epoch>
import { writeSync } from 'node:fs';
import { bumpRecord, mapLedger } from './ledger-file.ts';

const [file, fileBytes, epochBytes] = process.argv.slice(2);
const { numbers } = mapLedger(file!, Number(fileBytes));
for (let epoch = 1; ; epoch += 1) {
  bumpRecord(numbers, 0, Number(epochBytes), epoch);
  writeSync(1, `${epoch}\n`);
}
