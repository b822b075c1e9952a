// Tests the ledger: that what another mapping of its files says is what the rover had, whatever way its epochs went, and
// that records are used again only when they have been accounted for.

import { linkSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  RECORDS_PER_SEGMENT,
  SHAPE_BYTES,
  monotonicMs,
  segmentFile,
} from '../../../../caster/metering/ledger/layout.ts';
import { type FoundRecord } from '../../../../caster/metering/ledger/ledger-reader.ts';
import {
  freeRecord,
  readIdentity,
  readTerms,
  readTotals,
} from '../../../../caster/metering/ledger/records.ts';
import { SessionLedger } from '../../../../caster/metering/ledger/session-ledger.ts';
import { useTempFolder } from '../../../support/temp-folder.ts';
import { epochOf, observationFrame } from '../../stream/frames.ts';
import { ScriptedSocket, type SendResult } from '../../net/scripted-socket.ts';
import { identity, type OpenedLedger, openLedger, TERMS } from './open-ledger.ts';

const parent = useTempFolder();

function foundIn({ reader }: OpenedLedger): FoundRecord[] {
  reader.look();
  return Array.from({ length: reader.segments }, (_, segment) => [...reader.records(segment)]).flat();
}

test('another mapping says of a rover what went out to it, in its lane or not, after every step', () => {
  const whole = fc.constant('whole' as const);
  const result: fc.Arbitrary<SendResult> = fc.oneof(
    ...[whole, whole, whole, whole],
    fc.integer({ min: 1, max: 99 }),
    fc.constant('blocked' as const),
  );
  const opened = openLedger(parent);
  fc.assert(
    fc.property(fc.array(result, { maxLength: 60 }), fc.boolean(), (results, chunked) => {
      const record = opened.ledger.allot(identity('ses_a'), TERMS, 0, Date.now())!;
      const place = opened.worker.place(record);
      const socket = new ScriptedSocket({ lane: true, chunked, place, lanes: opened.worker.lanes });
      const { memory, first } = foundIn(opened).find((one) => one.first === place.first)!;
      let frames = 0;
      for (const [n, sent] of results.entries()) {
        socket.results.push(sent);
        const epoch = epochOf([observationFrame(86)], n * 1000);
        frames += 1;
        socket.deliver(epoch);
        socket.take();
        socket.done();
        const totals = readTotals(memory, first, opened.reader.lanesOf, monotonicMs());
        const { bytesTaken, epochsTaken, framesTaken, epochsDropped } = socket.outbox;
        expect(totals).toMatchObject({ bytes: bytesTaken, epochs: epochsTaken, frames: framesTaken });
        expect(totals).toMatchObject({ epochsDropped, activeSeconds: epochsTaken });
      }
      socket.stream!.unsubscribe(socket.outbox);
      socket.outbox.abandon();
      const { bytes, framesDropped, frames: sent } = readTotals(memory, first, opened.reader.lanesOf, 0);
      expect([bytes, sent + framesDropped]).toEqual([100 * sent, frames]);
      freeRecord(memory, first);
    }),
    { numRuns: 200 },
  );
});

test('a record says whose session it is and what it is sold by, also where names are as long and odd as they may be', () => {
  const opened = openLedger(parent);
  const odd = identity('ses_odd', {
    mountpoint: 'M'.repeat(100),
    account: '名'.repeat(85),
    device: 'd'.repeat(64),
    userAgent: `NTRIP ${'"\\'.repeat(4000)}`,
  });
  opened.ledger.allot(odd, TERMS, 0, 1);
  const record = opened.ledger.allot(identity('ses_b'), TERMS, 0, 1)!;
  const others = { serviceSpecId: '', billingPlanId: 'plan_other', shape: 's'.repeat(SHAPE_BYTES) };
  opened.ledger.setTerms(record, others);
  const [first, second] = foundIn(opened);
  expect(readIdentity(first!.memory, first!.first)).toEqual({
    ...odd,
    userAgent: odd.userAgent.slice(0, 40),
  });
  expect(readTerms(first!.memory, first!.first)).toEqual(TERMS);
  expect(readIdentity(second!.memory, second!.first)).toEqual(identity('ses_b'));
  expect(readTerms(second!.memory, second!.first)).toEqual(others);
});

test('a record that has ended is not given to another session before it was accounted for', () => {
  const opened = openLedger(parent);
  const end = { reason: 'peer_closed', durationMs: 1, unacknowledgedBytes: 0, endedAtMs: 1 };
  for (let n = 0; n < 3 * RECORDS_PER_SEGMENT; n++) {
    const record = opened.ledger.allot(identity(`ses_${n}`), TERMS, 0, 1);
    opened.ledger.end(record!, end);
  }
  const found = foundIn(opened);
  expect(new Set(found.map((one) => readIdentity(one.memory, one.first)!.sessionId)).size).toBe(
    3 * RECORDS_PER_SEGMENT,
  );
  const { segments } = opened.ledger;
  for (const { memory, first } of found) freeRecord(memory, first);
  for (let n = 0; n < 2 * RECORDS_PER_SEGMENT; n++) opened.ledger.allot(identity(`new_${n}`), TERMS, 0, 1);
  expect(opened.ledger.segments).toBe(segments);
});

test('where files are not mapped, one that is there is whole at every moment, also while the next is written', () => {
  const { ledger, dir } = openLedger(parent, { isMapped: false });
  ledger.keep();
  const file = path.join(dir, segmentFile(0));
  // Another name for what a crash amid the next writing would leave.
  linkSync(file, `${file}.before`);
  const before = readFileSync(file);
  ledger.allot(identity('ses_a'), TERMS, 0, 1);
  ledger.keep();
  expect(readFileSync(`${file}.before`).equals(before)).toBe(true);
  expect(readFileSync(file).equals(before)).toBe(false);
  ledger.close();
});

test('a second try to start counts where whoever reads the ledger looks since the first', () => {
  const opened = openLedger(parent);
  const { dir, journal } = opened;
  const second = new SessionLedger({
    ...{ dir, journal, workers: 1, isRead: true, isMapped: true, onSegment: () => undefined },
  });
  second.allot(identity('ses_a'), TERMS, 0, 1);
  expect(foundIn(opened).map(({ memory, first }) => readIdentity(memory, first)?.sessionId)).toEqual([
    'ses_a',
  ]);
});

test('where nobody reads the ledger, a record is free as soon as its session is over', () => {
  const opened = openLedger(parent, { isRead: false });
  for (let n = 0; n < 2 * RECORDS_PER_SEGMENT; n++) {
    const record = opened.ledger.allot(identity('ses_a'), TERMS, 0, 1)!;
    opened.ledger.end(record, { reason: 'peer_closed', durationMs: 1, unacknowledgedBytes: 0, endedAtMs: 1 });
  }
  expect([opened.ledger.segments, foundIn(opened)]).toEqual([1, []]);
});

test('grows no further than it may: that is told before, and sessions beyond it are served and not metered', () => {
  const segmentsMax = 10;
  const opened = openLedger(parent, { segmentsMax });
  const { ledger, events } = opened;
  const allot = (): number | undefined => ledger.allot(identity('ses_a'), TERMS, 0, Date.now());
  const records = Array.from({ length: segmentsMax * RECORDS_PER_SEGMENT }, allot);
  expect(records.filter((record) => record === undefined)).toEqual([]);
  expect([allot(), ledger.segments, events()]).toEqual([
    undefined,
    segmentsMax,
    ['ledger_filling', 'ledger_cannot_grow'],
  ]);
});
