// The sourcetable of who has a service spec: what each mountpoint gives in its shape.

import { shapeKey, type Shape } from '../rtcm/reshape/shape.ts';
import type { SourcetableRecords, StrRecord } from '../ntrip/sourcetable.ts';
import { composeShapes } from '../rtcm/reshape/compose-shapes.ts';
import { shapedFacts } from './shaped-facts.ts';
import { type KnownStream, type LiveDirectory, withFacts } from './live-directory.ts';

/** Of each directory the tables that were asked of it, by shape: as many rovers ask for the same. */
const made = new WeakMap<LiveDirectory, Map<string, SourcetableRecords>>();

/** Lines of mountpoints that nothing is known of, raw ones and those that give the nearest base, stay as they are. */
export function shapedRecords(directory: LiveDirectory, shape: Shape | undefined): SourcetableRecords {
  if (shape === undefined) return directory.records;
  const byShape = made.get(directory) ?? new Map<string, SourcetableRecords>();
  made.set(directory, byShape);
  const key = shapeKey(shape);
  const known = byShape.get(key);
  if (known !== undefined) return known;
  const { records, facts } = directory;
  const streams = records.streams.map((record) => shapedRecord(record, facts.get(record.mountpoint), shape));
  const table = { ...records, streams };
  byShape.set(key, table);
  return table;
}

function shapedRecord(record: StrRecord, facts: KnownStream | undefined, shape: Shape): StrRecord {
  if (facts === undefined) return record;
  const whole = facts.shape === undefined ? shape : composeShapes(facts.shape, shape);
  return withFacts(record, shapedFacts(facts, whole));
}
