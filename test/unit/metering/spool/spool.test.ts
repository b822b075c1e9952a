import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { chargeRow, usageRow } from '../../../support/meter-rows.ts';
import { useTempFolder } from '../../../support/temp-folder.ts';
import { ALL, drain, keysOf, openSpool } from './open-spool.ts';

const folder = useTempFolder();

const segmentsIn = (dir: string): string[] =>
  readdirSync(dir)
    .filter((name) => name.endsWith('.spool'))
    .toSorted();
const windows = (session: string, from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => usageRow(session, from + i));
const keys = (session: string, from: number, to: number): string[] =>
  windows(session, from, to).map((row) => `${row.sessionId}/${row.window}`);

describe('rows that were appended', () => {
  test('come out in order, and again until they are done', async () => {
    const { spool } = await openSpool(folder);
    spool.append('usage', windows('a', 0, 3));
    spool.append('usage', windows('a', 3, 5));
    expect(keysOf(await spool.next(ALL))).toEqual(keys('a', 0, 5));
    const batch = await spool.next(ALL);
    expect(keysOf(batch)).toEqual(keys('a', 0, 5));
    spool.done(batch!);
    expect(await spool.next(ALL)).toBeUndefined();
  });

  test('are gathered by table', async () => {
    const { spool } = await openSpool(folder);
    spool.append('usage', windows('a', 0, 2));
    spool.append('charges', [chargeRow('a/0/plan'), chargeRow('a/1/plan')]);
    spool.append('usage', windows('a', 2, 3));
    const batch = await spool.next(ALL);
    expect(batch?.parts.map(({ table, rows }) => ({ table, rows }))).toEqual([
      { table: 'usage', rows: 3 },
      { table: 'charges', rows: 2 },
    ]);
  });

  test('are counted while they wait, and their age is that of the oldest', async () => {
    const { spool } = await openSpool(folder);
    expect({ rows: spool.waitingRows, oldest: spool.oldestMs }).toEqual({ rows: 0, oldest: undefined });
    const before = Date.now();
    spool.append('usage', windows('a', 0, 7));
    expect(spool.waitingRows).toBe(7);
    expect(spool.oldestMs).toBeGreaterThanOrEqual(before);
    await drain(spool);
    expect({ rows: spool.waitingRows, oldest: spool.oldestMs, bytes: spool.bytes }).toEqual({
      rows: 0,
      oldest: undefined,
      bytes: 0,
    });
  });

  test('come in batches of no more rows and bytes than asked for', async () => {
    const { spool } = await openSpool(folder);
    for (let i = 0; i < 20; i++) spool.append('usage', windows('a', 3 * i, 3 * i + 3));
    expect((await spool.next({ ...ALL, rowsMax: 10 }))?.rows).toBe(9);
    const [one] = (await spool.next({ ...ALL, rowsMax: 1 }))!.parts;
    const batch = await spool.next({ ...ALL, bytesMax: one!.lines.length * 4 + 100 });
    expect(batch?.rows).toBe(12);
  });

  test('are there for the next process, from where the last one had come to', async () => {
    const first = await openSpool(folder);
    for (let i = 0; i < 6; i++) first.spool.append('usage', windows('a', i, i + 1));
    first.spool.done((await first.spool.next({ ...ALL, rowsMax: 2 }))!);
    await first.spool.close();
    const second = await openSpool(folder, { dir: first.dir });
    expect(second.spool.waitingRows).toBe(4);
    expect(second.spool.oldestMs).toBeLessThanOrEqual(Date.now());
    second.spool.append('usage', windows('b', 0, 1));
    expect(await drain(second.spool)).toEqual([...keys('a', 2, 6), 'b/0']);
    expect(second.events()).toEqual([]);
  });

  test('are there after a process that had no time to close, and its index lost', async () => {
    const first = await openSpool(folder, { segmentBytes: 3000 });
    for (let i = 0; i < 12; i++) first.spool.append('usage', windows('a', i, i + 1));
    writeFileSync(path.join(first.dir, 'index.json'), '{"position":');
    const second = await openSpool(folder, { dir: first.dir });
    expect(second.spool.waitingRows).toBe(12);
    expect(await drain(second.spool)).toEqual(keys('a', 0, 12));
  });
});

describe('segments', () => {
  test('are sealed at their size and deleted when they are sent', async () => {
    const { spool, dir } = await openSpool(folder, { segmentBytes: 5000 });
    for (let i = 0; i < 20; i++) spool.append('usage', windows('a', i, i + 1));
    const before = segmentsIn(dir);
    expect(before.length).toBeGreaterThan(3);
    const batch = (await spool.next({ ...ALL, rowsMax: 9 }))!;
    spool.done(batch);
    expect(segmentsIn(dir)).toEqual(before.slice(1));
    await drain(spool);
    expect(segmentsIn(dir)).toEqual([]);
  });

  test('that were sent and not yet deleted when the process died are not sent again', async () => {
    const first = await openSpool(folder, { segmentBytes: 2000 });
    for (let i = 0; i < 6; i++) first.spool.append('usage', windows('a', i, i + 1));
    const [sent] = segmentsIn(first.dir);
    const content = readFileSync(path.join(first.dir, sent!));
    first.spool.done((await first.spool.next(ALL))!);
    await first.spool.close();
    writeFileSync(path.join(first.dir, sent!), content);
    const second = await openSpool(folder, { dir: first.dir });
    expect(await drain(second.spool)).not.toContain('a/0');
    expect(segmentsIn(first.dir)).toEqual([]);
  });

  test('that the disk lost the end of do not hide what comes later', async () => {
    const first = await openSpool(folder);
    first.spool.append('usage', windows('a', 0, 1));
    first.spool.append('usage', windows('a', 1, 2));
    first.spool.done((await first.spool.next({ ...ALL, rowsMax: 1 }))!);
    await first.spool.close();
    rmSync(path.join(first.dir, segmentsIn(first.dir)[0]!));
    const second = await openSpool(folder, { dir: first.dir });
    second.spool.append('usage', windows('b', 0, 2));
    expect(await drain(second.spool)).toEqual(keys('b', 0, 2));
  });
});

describe('damage', () => {
  test('a torn last record is cut off and said', async () => {
    const first = await openSpool(folder);
    for (let i = 0; i < 3; i++) first.spool.append('usage', windows('a', i, i + 1));
    await first.spool.close();
    rmSync(path.join(first.dir, 'index.json'));
    const file = path.join(first.dir, segmentsIn(first.dir)[0]!);
    truncateSync(file, readFileSync(file).length - 5);
    const second = await openSpool(folder, { dir: first.dir });
    expect(second.event('spool_repaired')).toMatchObject({ level: 'warn', file: path.basename(file) });
    expect(await drain(second.spool)).toEqual(keys('a', 0, 2));
  });

  test('a broken record in the middle is passed over, kept aside and said', async () => {
    const { spool, dir, event } = await openSpool(folder);
    spool.append('usage', windows('a', 0, 1));
    const begin = spool.bytes;
    spool.append('usage', windows('a', 1, 2));
    const end = spool.bytes;
    spool.append('usage', windows('a', 2, 4));
    const file = path.join(dir, segmentsIn(dir)[0]!);
    const bytes = readFileSync(file);
    bytes[begin + 100]! ^= 0x10;
    writeFileSync(file, bytes);
    expect(await drain(spool)).toEqual(['a/0', 'a/2', 'a/3']);
    const said = event('spool_record_broken');
    expect(said).toMatchObject({ level: 'error', offset: begin, bytes: end - begin });
    expect(readFileSync(path.join(dir, String(said?.kept)))).toEqual(bytes.subarray(begin, end));
    expect(spool.waitingRows).toBe(0);
  });

  test('a segment that is nothing but noise is kept aside and goes', async () => {
    const first = await openSpool(folder, { segmentBytes: 1000 });
    for (let i = 0; i < 3; i++) first.spool.append('usage', windows('a', i, i + 1));
    await first.spool.close();
    const [, middle] = segmentsIn(first.dir);
    const file = path.join(first.dir, middle!);
    writeFileSync(file, Buffer.alloc(readFileSync(file).length, 0x7b));
    const second = await openSpool(folder, { dir: first.dir });
    expect(await drain(second.spool)).toEqual(['a/0', 'a/2']);
    expect(second.spool.waitingRows).toBe(0);
    expect(existsSync(file)).toBe(false);
  });
});

describe('a spool that is full', () => {
  test('refuses rows, keeps what it has, and says both and when it is well again', async () => {
    const { spool, event, events } = await openSpool(folder, { bytesMax: 20_000, segmentBytes: 4000 });
    let taken = 0;
    while (spool.append('usage', windows('a', taken, taken + 1)).ok) taken++;
    expect(spool.append('usage', windows('a', 99, 100))).toMatchObject({ ok: false, reason: 'full' });
    expect(events()).toEqual(['spool_filling', 'spool_full']);
    expect(event('spool_filling')).toMatchObject({ level: 'warn', bytesMax: 20_000 });
    expect(spool.bytes).toBeLessThanOrEqual(20_000);
    expect(spool.refusedRows).toBe(2);
    expect(await drain(spool)).toEqual(keys('a', 0, taken));
    expect(spool.append('usage', windows('b', 0, 1))).toEqual({ ok: true });
    expect(events()).toEqual(['spool_filling', 'spool_full', 'spool_well']);
  });

  test.each([
    ['usage', 'ClickHouse'],
    ['charging', 'store'],
  ] as const)('of %s sends whoever reads it to %s', async (name, culprit) => {
    const { spool, event } = await openSpool(folder, { name, bytesMax: 20_000 });
    for (let n = 0; spool.append('usage', windows('a', n, n + 1)).ok;) n++;
    for (const told of ['spool_filling', 'spool_full']) {
      expect(event(told)).toMatchObject({ spool: name, fix: expect.stringContaining(culprit) as string });
    }
  });

  test('takes none of the rows of an append that does not fit as a whole', async () => {
    const { spool } = await openSpool(folder, { bytesMax: 20_000 });
    expect(spool.append('usage', windows('a', 0, 40)).ok).toBe(false);
    expect({ rows: spool.waitingRows, bytes: spool.bytes }).toEqual({ rows: 0, bytes: 0 });
  });
});

test('a closed spool takes nothing and throws nothing', async () => {
  const { spool, events } = await openSpool(folder);
  await spool.close();
  expect(spool.append('usage', windows('a', 0, 1))).toMatchObject({ ok: false, reason: 'closed' });
  expect(events()).toEqual([]);
});

test('what was synced and rotated meanwhile stays whole', async () => {
  const { spool } = await openSpool(folder, { segmentBytes: 2000 });
  const syncs: Promise<void>[] = [];
  for (let i = 0; i < 30; i++) {
    spool.append('usage', windows('a', i, i + 1));
    syncs.push(spool.sync());
  }
  await Promise.all(syncs);
  expect(await drain(spool)).toEqual(keys('a', 0, 30));
});
