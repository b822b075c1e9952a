// Whatever byte the process or the disk stopped at: every record that is whole comes out, once, in order; nothing
// else does.

import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { usageRow } from '../../../support/meter-rows.ts';
import { useTempFolder } from '../../../support/temp-folder.ts';
import { ALL, drain, openSpool } from './open-spool.ts';

const SEED = 20_261_125;
const folder = useTempFolder();

interface Written {
  readonly key: string;
  readonly file: string;
  /** Where its record begins and ends in the file. */
  readonly begin: number;
  readonly end: number;
}

let written: Written[];
let dir: string;
let last: string;

function newestIn(from: string): string {
  return readdirSync(from)
    .filter((name) => name.endsWith('.spool'))
    .toSorted()
    .at(-1)!;
}

/** Eight records in segments of three, with the first sent. */
beforeAll(async () => {
  const opened = await openSpool(folder, { segmentBytes: 3100 });
  written = [];
  dir = opened.dir;
  for (let i = 0; i < 8; i++) {
    const key = `s/${i}`;
    opened.spool.append('usage', [usageRow('s', i)]);
    const file = newestIn(dir);
    const end = readFileSync(path.join(dir, file)).length;
    const begin = written.findLast((one) => one.file === file)?.end ?? 8;
    written.push({ key, file, begin, end });
  }
  opened.spool.done((await opened.spool.next({ ...ALL, rowsMax: 1 }))!);
  last = newestIn(dir);
  expect(new Set(written.map(({ file }) => file)).size).toBe(3);
});

/** A copy of the folder, as a crash would have left it. */
function copyOf(): string {
  const copy = path.join(mkdtempSync(path.join(folder, 'crash-')), 'spool');
  cpSync(dir, copy, { recursive: true });
  return copy;
}

const waiting = (): Written[] => written.slice(1);

test('a crash at every byte of the last segment loses the record it cut and no other', async () => {
  const size = readFileSync(path.join(dir, last)).length;
  for (let cut = 0; cut <= size; cut++) {
    const copy = copyOf();
    truncateSync(path.join(copy, last), cut);
    const { spool } = await openSpool(folder, { dir: copy });
    const whole = waiting().filter(({ file, end }) => file !== last || end <= cut);
    expect(spool.waitingRows, `cut at ${cut}`).toBe(whole.length);
    spool.append('usage', [usageRow('later', 0)]);
    expect(await drain(spool), `cut at ${cut}`).toEqual([...whole.map(({ key }) => key), 'later/0']);
    rmSync(path.dirname(copy), { recursive: true });
  }
});

test('a tail of zeros, as a disk leaves it after a loss of power, is cut off', async () => {
  const copy = copyOf();
  const file = path.join(copy, last);
  const bytes = readFileSync(file);
  writeFileSync(file, Buffer.concat([bytes, Buffer.alloc(5000)]));
  const { spool, events } = await openSpool(folder, { dir: copy });
  expect(await drain(spool)).toEqual(waiting().map(({ key }) => key));
  expect(events()).toEqual(['spool_repaired']);
});

test('a changed byte anywhere costs the record it lies in and no other', async () => {
  const place = fc.record({
    file: fc.constantFrom(...new Set(written.map(({ file }) => file))),
    share: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    change: fc.integer({ min: 1, max: 255 }),
    keepsIndex: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(place, async ({ file, share, change, keepsIndex }) => {
      const copy = copyOf();
      const bytes = readFileSync(path.join(copy, file));
      const at = Math.floor(share * bytes.length);
      bytes[at]! ^= change;
      writeFileSync(path.join(copy, file), bytes);
      if (!keepsIndex) rmSync(path.join(copy, 'index.json'));
      const { spool } = await openSpool(folder, { dir: copy });
      const isHit = (one: Written): boolean => one.file === file && one.begin <= at && at < one.end;
      const expected = (keepsIndex ? waiting() : written).filter((one) => !isHit(one));
      expect(await drain(spool)).toEqual(expected.map(({ key }) => key));
      expect(spool.waitingRows).toBe(0);
      rmSync(path.dirname(copy), { recursive: true });
    }),
    { seed: SEED, numRuns: 300 },
  );
});

test('any order of appends, batches, crashes and starts gives every row at least once and in order', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('append' as const), rows: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ kind: fc.constant('send' as const), rowsMax: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ kind: fc.constant('crash' as const) }),
    fc.record({ kind: fc.constant('stop' as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      let opened = await openSpool(folder, { segmentBytes: 4000 });
      const again = () => openSpool(folder, { dir: opened.dir, segmentBytes: 4000 });
      const sent: string[] = [];
      let next = 0;
      for (const one of steps) {
        if (one.kind === 'append') {
          const rows = Array.from({ length: one.rows }, () => usageRow('s', next++));
          expect(opened.spool.append('usage', rows)).toEqual({ ok: true });
        } else if (one.kind === 'send') {
          const batch = await opened.spool.next({ ...ALL, rowsMax: one.rowsMax });
          if (batch === undefined) continue;
          sent.push(...linesOf(batch.parts[0]!.lines));
          opened.spool.done(batch);
        } else {
          if (one.kind === 'stop') await opened.spool.close();
          opened = await again();
        }
      }
      const rest = await drain(opened.spool);
      // Nothing is lost, and as the position is written with every batch, nothing comes twice either.
      expect([...sent, ...rest]).toEqual(Array.from({ length: next }, (_, i) => `s/${i}`));
      expect(opened.spool.waitingRows).toBe(0);
    }),
    { seed: SEED, numRuns: 60 },
  );
});

function linesOf(lines: Buffer): string[] {
  return lines
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { session_id: string; window_number: number })
    .map((row) => `${row.session_id}/${row.window_number}`);
}
