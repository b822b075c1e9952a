// Two recordings, read side by side to their ends, become one report of what is different. It holds a few blocks of each
// whatever their length.

import { showProgress } from '../../terminal.ts';
import { counted } from '../../units.ts';
import { type DiffReport, findingsOf, isSame } from './diff-report.ts';
import { type EpochGroup } from './epoch-group.ts';
import { GROUPS_AHEAD, nextStep } from './epoch-pairing.ts';
import { ObservationDiff } from './observation-diff.ts';
import { OtherMessages } from './other-messages.ts';
import { RecordingSide } from './recording-side.ts';

/** Times of epochs that only one recording has, that are kept; all are counted. */
const TIMES_MAX = 1000;

interface Lone {
  count: number;
  readonly times: { gpsDayMs: number; station: number }[];
}

/** `-` is standard input. Throws what reading throws, with the path that was at fault. */
export async function compareRecordings(pathBefore: string, pathAfter: string): Promise<DiffReport> {
  const others = new OtherMessages();
  const observations = new ObservationDiff();
  const before = openSide(pathBefore, (...other) => others.takeBefore(...other));
  const after = openSide(pathAfter, (...other) => others.takeAfter(...other));
  const onlyBefore: Lone = { count: 0, times: [] };
  const onlyAfter: Lone = { count: 0, times: [] };
  let inBoth = 0;
  for (;;) {
    await readAhead(before, after);
    const step = nextStep(before.waiting, after.waiting);
    if (step === undefined) break;
    if (step.kind === 'only-before') noteLone(onlyBefore, step.group);
    else if (step.kind === 'only-after') noteLone(onlyAfter, step.group);
    else {
      inBoth++;
      observations.take(step.before, step.after);
      others.settle(step.before.index, step.after.index);
      showProgress(`${counted(inBoth, 'epoch')} compared`);
    }
  }
  others.end();
  const compared = {
    before: before.report(),
    after: after.report(),
    epochs: { inBoth, onlyBefore, onlyAfter, lastBit: observations.lastBit },
    messages: observations.messages(),
    others: others.report(),
    satellites: observations.presence.satellites(),
    signals: observations.presence.signals(),
    fields: observations
      .fields()
      .filter(({ isUsed }) => isUsed)
      .map((tally) => tally.report()),
    examples: observations.examples,
  };
  return { ...compared, same: isSame(compared), findings: findingsOf(compared) };
}

/** What could not be read, and why: Node's error. */
export class UnreadableRecording extends Error {
  readonly path: string;

  constructor(path: string, cause: unknown) {
    super('unreadable recording', { cause });
    this.path = path;
  }
}

function openSide(path: string, onOther: ConstructorParameters<typeof RecordingSide>[1]): RecordingSide {
  try {
    return new RecordingSide(path, onOther);
  } catch (error) {
    throw new UnreadableRecording(path, error);
  }
}

/** Until enough waits on both sides to pair it, or they are over. */
async function readAhead(before: RecordingSide, after: RecordingSide): Promise<void> {
  const isShort = (side: RecordingSide): boolean => !side.isOver && side.waiting.length < GROUPS_AHEAD;
  while (isShort(before) || isShort(after)) {
    const isBeforeNext = isShort(before) && (!isShort(after) || before.isBehind(after));
    const next = isBeforeNext ? before : after;
    try {
      await next.read();
    } catch (error) {
      throw new UnreadableRecording(next.path, error);
    }
  }
}

function noteLone(lone: Lone, { gpsDayMs, station }: EpochGroup): void {
  lone.count++;
  if (lone.times.length < TIMES_MAX) lone.times.push({ gpsDayMs, station });
}
