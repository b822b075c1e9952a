// DESIGN §4: a stream worker that dies takes its own connections with it and nothing else, however it dies, and is
// back within its back-off. Twenty times, under bases and rovers that come back at once.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LogLine } from '../support/caster-process.ts';
import { type Ending, HEAP_VARIABLE } from './fault-order.ts';
import { type FaultyCaster, startFaultyCaster } from './faulty-caster.ts';
import { type Field, fieldConfig, openField } from './field.ts';
import { openRover } from './peers.ts';
import { openingOf, openSessions } from './sessions.ts';
import { listedMountpoints } from './sourcetable.ts';
import { until } from './until.ts';

const WORKERS = 3;
const DEATHS = 20;
const ENDINGS: readonly Ending[] = ['terminate', 'throw', 'exit', 'hoard'];
const BACKOFF_MIN_MS = 100;
const BACKOFF_MAX_MS = 10_000;
/** From the end of its back-off to its first session, on a machine whose cores are all busy. */
const START_MS_MAX = 4000;

interface Death {
  readonly worker: number;
  readonly line: LogLine;
  /** Sessions that the log had closed for it, on this worker. */
  readonly closedFor: readonly LogLine[];
  /** Milliseconds until a new session ran on it. */
  readonly back: Promise<number>;
}

let caster: FaultyCaster;
let field: Field;
const deaths: Death[] = [];
const backMs: number[] = [];
let linesUnderLoad: readonly LogLine[] = [];

async function endWorker(worker: number, fault: Ending): Promise<Death> {
  const lines = caster.log.length;
  await caster.suffer({ worker, fault });
  const line = await caster.waitFor('worker_lost', (one) => caster.log.indexOf(one) >= lines);
  const lostMs = performance.now();
  const closedFor = caster.log
    .slice(lines, caster.log.indexOf(line))
    .filter(({ event, reason }) => event === 'session_closed' && reason === 'worker_lost');
  const back = visitWorker(worker, `visitor-${deaths.length}`).then(() => performance.now() - lostMs);
  return { worker, line, closedFor, back };
}

/** Resolves when a new rover's session has run on `worker`. */
async function visitWorker(worker: number, name: string): Promise<void> {
  let visits = 0;
  const hasVisited = async (): Promise<boolean> => {
    const agent = `${name}-${visits++}`;
    const visitor = openRover({ port: caster.ready.ntrip, mountpoint: 'M0', name: agent }, () => undefined);
    const opening = (await visitor.granted) ? await openingOf(caster, agent) : undefined;
    visitor.socket.destroy();
    await visitor.ended;
    return opening?.['worker'] === worker;
  };
  await until(hasVisited, () => `a session on worker ${worker}`, BACKOFF_MAX_MS + START_MS_MAX);
}

function isVisitor({ event, userAgent }: LogLine): boolean {
  return event === 'session_opened' && String(userAgent).startsWith('NTRIP visitor-');
}

beforeAll(async () => {
  caster = await startFaultyCaster({ config: fieldConfig(3), env: { [HEAP_VARIABLE]: '48' } });
  field = openField(caster.ready.ntrip, { mountpoints: 3, rovers: 60, intervalMs: 30 });
  await field.flowing();
  for (let n = 0; n < DEATHS; n++) {
    // The worker that died last may still be away, the one before it is back: so one of the three always runs on.
    await deaths.at(-2)?.back;
    deaths.push(await endWorker(n % WORKERS, ENDINGS[n % ENDINGS.length]!));
    await field.flowing();
  }
  for (const { back } of deaths) backMs.push(await back);
  linesUnderLoad = [...caster.log];
}, 120_000);

afterAll(async () => {
  await field.stop();
  await caster.stop();
});

describe('a stream worker that dies twenty times', () => {
  test('does not take the process with it', () => {
    expect(caster.process.exitCode).toBeNull();
    expect(caster.process.signalCode).toBeNull();
  });

  test('ends no session of the other workers', () => {
    const visitors = new Set(linesUnderLoad.filter(isVisitor).map(({ session }) => session));
    const otherwise = linesUnderLoad.filter(
      ({ event, reason, session }) =>
        event === 'session_closed' && reason !== 'worker_lost' && !visitors.has(session),
    );
    expect(otherwise).toEqual([]);
  });

  test('costs the rovers of the others no epoch, cuts no frame and repeats none', () => {
    expect(field.mistakes()).toEqual([]);
  });

  test('has its streams go on with the next life of their bases, on every rover', () => {
    const basesLost = deaths.reduce((sum, { line }) => sum + Number(line['bases']), 0);
    const livesEnded = field.bases.reduce(
      (sum, { lives }) => sum + lives.filter(({ ended }) => ended).length,
      0,
    );
    expect(basesLost).toBeGreaterThan(0);
    expect(livesEnded).toBeGreaterThanOrEqual(basesLost);
    expect(field.rovers.filter(({ isStreaming }) => !isStreaming)).toEqual([]);
  });

  test('is named in the log each time, with the cause and exact counts', () => {
    const causes = {
      terminate: /exit code 1/,
      throw: /thrown by order/,
      exit: /exit code 3/,
      hoard: /MEMORY/,
    };
    for (const [n, { line, worker, closedFor }] of deaths.entries()) {
      expect(line).toMatchObject({ level: 'error', worker });
      expect(line['detail']).toMatch(causes[ENDINGS[n % ENDINGS.length]!]);
      const ofRole = (role: string): number => closedFor.filter((closed) => closed['role'] === role).length;
      expect({ rovers: line['rovers'], bases: line['bases'] }).toEqual({
        rovers: ofRole('rover'),
        bases: ofRole('base'),
      });
    }
    const left = openSessions(linesUnderLoad).filter((line) => !isVisitor(line));
    expect(left).toHaveLength(field.bases.length + field.rovers.length);
  });

  test('is back within its back-off, which doubles while it keeps dying', () => {
    for (const [n, { line }] of deaths.entries()) {
      expect(line['restartMs']).toBe(BACKOFF_MIN_MS * 2 ** Math.floor(n / WORKERS));
      expect(backMs[n]).toBeGreaterThanOrEqual(Number(line['restartMs']) - 1);
      expect(backMs[n]).toBeLessThan(Number(line['restartMs']) + START_MS_MAX);
    }
  });

  test('is named in the log when it listens again', () => {
    const lines = caster.log;
    const silent = deaths.filter(({ line, worker }) => {
      const after = lines.slice(lines.indexOf(line));
      return !after.some((one) => one.event === 'worker_listening' && one['worker'] === worker);
    });
    expect(silent.map(({ line }) => line.time)).toEqual([]);
  });

  test('leaves the sourcetable as it was', async () => {
    const listsAll = async (): Promise<boolean> =>
      (await listedMountpoints(caster.ready.ntrip)).join() === 'M0,M1,M2';
    await until(listsAll, () => 'M0, M1 and M2 are listed');
  });
});
