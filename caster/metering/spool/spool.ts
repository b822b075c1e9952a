// Rows on their way to ClickHouse, in files: what was appended is there after kill -9, and is gone only when it was
// sent. Appending never waits for anybody and never throws for a disk; what is spooled is never dropped for want of room.
//
//   segments   7 ▓▓▓▓▓▓▓   8 ▓▓▓▓▓▓▓   9 ▓▓▓░        sealed, sealed, written to
//                  ▲ position: sent up to here             segments before it are deleted
//
// One process at a time works on a folder.

import { rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { SPOOL_RECORD_BYTES_AIM, SPOOL_RECORD_BYTES_MAX } from '../../../config/limits.ts';
import type { Journal } from '../../../platform/observe/journal.ts';
import type { MeterRows } from '../meter-rows.ts';
import type { MeterTable } from '../usage-row.ts';
import { type BatchLimits, collectBatch, type SpoolBatch } from './batch.ts';
import { beginOf, type FoundSegments, openSegments } from './open-segments.ts';
import { encodeRecord, findRecord, RECORD_HEAD_BYTES } from './record.ts';
import { type LineOf, rowLine } from './row-lines.ts';
import { SegmentWriter } from './segment-writer.ts';
import { SpoolAlarm, type SpoolName } from './spool-alarm.ts';
import { type AppendRefusal, refusalOf, type SpoolAppend } from './spool-append.ts';
import { type SealedSegment, SpoolFiles, type SpoolPosition, segmentName } from './spool-files.ts';

export interface SpoolOptions {
  /** For the events. */
  readonly name: SpoolName;
  readonly dir: string;
  /** A segment is sealed before it grows beyond. */
  readonly segmentBytes: number;
  /** Of all segments together. */
  readonly bytesMax: number;
  readonly journal: Journal;
  /** How rows are written; by the columns of config/clickhouse where nothing is said. */
  readonly line?: LineOf;
}

/** The least that one can ask for: one record. */
const ONE_RECORD: BatchLimits = { bytesMax: 1, rowsMax: 1 };

export class Spool {
  readonly #files: SpoolFiles;
  readonly #options: SpoolOptions;
  readonly #alarm: SpoolAlarm;
  readonly #sealed: SealedSegment[];
  #position: SpoolPosition;
  #nextId: number;
  #active: SegmentWriter | undefined;
  /** Sealed, and perhaps not yet on the disk itself. */
  readonly #unsynced: SegmentWriter[] = [];
  #sealedBytes: number;
  #sealedRows: number;
  #oldestMs: number | undefined;
  #refusedRows = 0;
  #isClosed = false;
  #appended: (() => void) | undefined;

  private constructor(files: SpoolFiles, options: SpoolOptions, found: FoundSegments) {
    this.#files = files;
    this.#options = options;
    this.#alarm = new SpoolAlarm(options.name, options.journal, options.bytesMax);
    this.#sealed = [...found.sealed];
    this.#position = found.position;
    this.#nextId = found.nextId;
    this.#sealedBytes = found.sealed.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#sealedRows = found.sealed.reduce((sum, { rows }) => sum + rows, 0);
  }

  /** Takes up what an earlier run left. Rejects where the folder cannot be used at all. */
  static async open(options: SpoolOptions): Promise<Spool> {
    const files = new SpoolFiles(options.dir);
    const spool = new Spool(files, options, await openSegments(files, options));
    spool.#dropSent();
    await spool.next(ONE_RECORD);
    return spool;
  }

  /** Of all segments. */
  get bytes(): number {
    return this.#sealedBytes + (this.#active?.bytes ?? 0);
  }

  get waitingRows(): number {
    return this.#sealedRows + (this.#active?.rows ?? 0) - this.#position.rows;
  }

  /** When the oldest row that waits was appended. */
  get oldestMs(): number | undefined {
    return this.waitingRows === 0 ? undefined : this.#oldestMs;
  }

  /** Rows that were offered and not taken. */
  get refusedRows(): number {
    return this.#refusedRows;
  }

  /** All of the rows, or none of them. */
  append<Table extends MeterTable>(table: Table, rows: readonly MeterRows[Table][]): SpoolAppend {
    if (rows.length === 0) return { ok: true };
    const nowMs = Date.now();
    const records = recordsOf(table, rows, nowMs, this.#options.line ?? rowLine);
    const size = records.reduce((sum, record) => sum + record.length, 0);
    const refusal = this.#tryAppend(records, rows.length, size);
    if (refusal !== undefined) {
      this.#refusedRows += rows.length;
      this.#alarm.seeRefusal(refusal, this.bytes, this.waitingRows);
      return refusal;
    }
    if (this.waitingRows === rows.length) this.#oldestMs = nowMs;
    this.#alarm.see(this.bytes, this.waitingRows, true);
    this.#appended?.();
    return { ok: true };
  }

  /** Calls `listener` after every append, instead of whoever was called before. */
  onAppend(listener: (() => void) | undefined): void {
    this.#appended = listener;
  }

  /** Onto the disk itself, so that it is there after the power fails. Its owner calls it each second. */
  async sync(): Promise<void> {
    const sealed = this.#unsynced.splice(0);
    try {
      for (const segment of sealed) await segment.sync();
      await this.#active?.sync();
    } catch (error) {
      this.#alarm.seeRefusal(refusalOf(error), this.bytes, this.waitingRows);
    } finally {
      for (const segment of sealed) segment.close();
    }
  }

  /**
   * The oldest rows that are not done, undefined where there are none. Until `done` it is the same rows again. Passes
   * over what cannot be read, and keeps it aside.
   */
  async next(limits: BatchLimits): Promise<SpoolBatch | undefined> {
    for (;;) {
      const end = this.#endOf(this.#position.segment);
      if (end === undefined || this.#position.offset >= end) {
        if (!this.#turnToNextSegment()) return undefined;
        continue;
      }
      const from = this.#position;
      const least = RECORD_HEAD_BYTES + SPOOL_RECORD_BYTES_MAX;
      const bytes = await this.#read(from, Math.min(end - from.offset, Math.max(limits.bytesMax, least)));
      const batch = collectBatch(bytes, from, limits);
      if (batch !== undefined) {
        this.#oldestMs = batch.oldestMs;
        return batch;
      }
      await this.#passOver(from, end);
    }
  }

  /** The engine has taken the batch. */
  done(batch: SpoolBatch): void {
    this.#position = batch.end;
    this.#dropSent();
    this.#alarm.see(this.bytes, this.waitingRows, false);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#active !== undefined) this.#seal(this.#active);
    await this.sync();
    this.#writeIndex();
  }

  #tryAppend(records: readonly Buffer[], rows: number, size: number): AppendRefusal | undefined {
    if (this.#isClosed) return { ok: false, reason: 'closed', detail: 'the spool is closed' };
    if (this.bytes + size > this.#options.bytesMax) {
      return { ok: false, reason: 'full', detail: `the spool has its ${this.#options.bytesMax} bytes` };
    }
    try {
      if (this.#active?.hasRecords === true && this.#active.bytes + size > this.#options.segmentBytes) {
        this.#seal(this.#active);
        this.#writeIndex();
      }
      this.#active ??= this.#begin();
      this.#active.append(records, rows);
      return undefined;
    } catch (error) {
      return refusalOf(error);
    }
  }

  #begin(): SegmentWriter {
    const id = this.#nextId;
    // Also where it cannot be made: a number is used once.
    this.#nextId += 1;
    const segment = new SegmentWriter(this.#files.segment(id), id);
    if (this.#sealed.length === 0) this.#position = beginOf(id);
    return segment;
  }

  #seal(segment: SegmentWriter): void {
    this.#active = undefined;
    this.#unsynced.push(segment);
    if (segment.hasRecords) {
      this.#sealed.push({ id: segment.id, bytes: segment.bytes, rows: segment.rows });
      this.#sealedBytes += segment.bytes;
      this.#sealedRows += segment.rows;
    } else {
      rmSync(this.#files.segment(segment.id), { force: true });
    }
  }

  #writeIndex(): void {
    this.#files.writeIndex({ position: this.#position, sealed: this.#sealed });
  }

  /** Where the readable part of a segment ends. */
  #endOf(id: number): number | undefined {
    if (this.#active?.id === id) return this.#active.bytes;
    return this.#sealed[0]?.id === id ? this.#sealed[0].bytes : undefined;
  }

  /** False where there is no next one. */
  #turnToNextSegment(): boolean {
    const before = this.#position;
    this.#dropSent();
    return this.#position !== before;
  }

  /** Deletes what lies before the position, after noting that it is sent. */
  #dropSent(): void {
    const active = this.#active;
    const isAllSent = active?.id === this.#position.segment && this.#position.offset >= active.bytes;
    if (isAllSent && active.hasRecords) this.#seal(active);
    const sent: number[] = [];
    for (;;) {
      const segment = this.#sealed[0];
      if (segment === undefined || segment.id > this.#position.segment) break;
      if (segment.id === this.#position.segment && this.#position.offset < segment.bytes) break;
      this.#sealed.shift();
      this.#sealedBytes -= segment.bytes;
      this.#sealedRows -= segment.rows;
      sent.push(segment.id);
      if (segment.id === this.#position.segment) {
        this.#position = beginOf(this.#sealed[0]?.id ?? this.#active?.id ?? this.#nextId);
      }
    }
    this.#writeIndex();
    for (const id of sent) rmSync(this.#files.segment(id), { force: true });
  }

  async #read({ segment, offset }: SpoolPosition, length: number): Promise<Buffer> {
    const file = await open(this.#files.segment(segment));
    try {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }

  /** Moves the position behind a broken record to the next valid one, or to the end of its segment. */
  async #passOver(from: SpoolPosition, end: number): Promise<void> {
    const rest = await this.#read(from, end - from.offset);
    const skipped = findRecord(rest, 1) ?? end - from.offset;
    const kept = this.#files.keepBroken(from.segment, from.offset, rest.subarray(0, skipped));
    this.#options.journal.record('error', 'spool_record_broken', {
      spool: this.#options.name,
      file: segmentName(from.segment),
      offset: from.offset,
      bytes: skipped,
      kept,
    });
    this.#position = { ...from, offset: from.offset + skipped };
  }
}

/** Records of about SPOOL_RECORD_BYTES_AIM each. */
function recordsOf<Table extends MeterTable>(
  table: Table,
  rows: readonly MeterRows[Table][],
  nowMs: number,
  lineOf: LineOf,
): Buffer[] {
  const records: Buffer[] = [];
  let lines = '';
  for (const row of rows) {
    lines += lineOf(table, row);
    if (lines.length >= SPOOL_RECORD_BYTES_AIM) {
      records.push(encodeRecord(table, nowMs, lines));
      lines = '';
    }
  }
  if (lines !== '') records.push(encodeRecord(table, nowMs, lines));
  return records;
}
