// What a bump of a mapped ledger costs beside plain memory, and what making one costs.
// Figures: DECISIONS.md. Run: node bench/proof/ledger-file.ts
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  bumpRecord,
  createLedger,
  FIELD_BYTES,
  mapLedger,
  RECORD_FIELDS,
} from '../../test/proof/ledger-file.ts';
import { callNs, printRow } from './measure.ts';

const RECORDS = 10_000;
const LEDGER_BYTES = RECORDS * RECORD_FIELDS * FIELD_BYTES;

const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-ledger-'));
const file = path.join(folder, 'ledger');

let startMs = performance.now();
createLedger(file, LEDGER_BYTES);
printRow(`allocate ${RECORDS} records`, { ms: performance.now() - startMs });
startMs = performance.now();
const { numbers: mapped } = mapLedger(file, LEDGER_BYTES);
printRow('map them', { ms: performance.now() - startMs });
startMs = performance.now();
mapped.fill(0);
printRow('touch every page the first time', { ms: performance.now() - startMs });

const plain = new Float64Array(LEDGER_BYTES / FIELD_BYTES);
const counts = new BigUint64Array(LEDGER_BYTES / FIELD_BYTES);

/** Bumps every record once, as one epoch to all rovers does. */
function bumpAll(numbers: Float64Array): () => void {
  return () => {
    for (let record = 0; record < RECORDS; record += 1) bumpRecord(numbers, record, 700, record);
  };
}

function bumpAllBigInt(): void {
  for (let record = 0; record < RECORDS; record += 1) {
    const field = record * RECORD_FIELDS;
    counts[field] = counts[field]! + 700n;
    counts[field + 1] = counts[field + 1]! + 1n;
    counts[field + 2] = BigInt(record);
    counts[field + 3] = counts[field]!;
  }
}

printRow('bump four fields, plain Float64Array', { ns: callNs(bumpAll(plain), 200) / RECORDS });
printRow('bump four fields, mapped Float64Array', { ns: callNs(bumpAll(mapped), 200) / RECORDS });
printRow('bump four fields, plain BigUint64Array', { ns: callNs(bumpAllBigInt, 200) / RECORDS });
rmSync(folder, { recursive: true });
