// DESIGN §4, §5: twenty workers ended at random moments in a row, nobody waiting for anybody's return: at times no
// worker is left. What the rovers get between is still whole, in order and without a gap.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededChance } from '../proof/seeded.ts';
import { type Ending, HEAP_VARIABLE } from './fault-order.ts';
import { type FaultyCaster, startFaultyCaster } from './faulty-caster.ts';
import { type Field, fieldConfig, openField } from './field.ts';
import { openSessions } from './sessions.ts';
import { listedMountpoints } from './sourcetable.ts';
import { until } from './until.ts';

const SEED = Number(process.env['FAULT_SEED'] ?? 20_261_122);
const KILLS = 20;
const EPOCHS_BETWEEN_MAX = 20;
/** The longest back-off and the start behind it. */
const RETURN_MS_MAX = 14_000;
const WORKERS = 3;
const ENDINGS: readonly Ending[] = ['terminate', 'terminate', 'terminate', 'throw', 'exit', 'hoard'];

let caster: FaultyCaster;
let field: Field;
const kills: string[] = [];

const story = (): string => `seed ${SEED}: ${kills.join(', ')}`;

beforeAll(async () => {
  caster = await startFaultyCaster({ config: fieldConfig(4), env: { [HEAP_VARIABLE]: '48' } });
  field = openField(caster.ready.ntrip, { mountpoints: 4, rovers: 80, intervalMs: 20 });
  await field.flowing();
  const chance = seededChance(SEED);
  const below = (limit: number): number => Math.floor(chance() * limit);
  while (kills.length < KILLS) {
    const worker = below(WORKERS);
    const fault = ENDINGS[below(ENDINGS.length)]!;
    const ticks = below(EPOCHS_BETWEEN_MAX);
    await field.ticks(ticks);
    if (await caster.suffer({ worker, fault })) kills.push(`${worker} ${fault} after ${ticks}`);
  }
  await field.flowing(RETURN_MS_MAX);
}, 90_000);

afterAll(async () => {
  await field.stop();
  await caster.stop();
});

describe(`twenty random kills in a row (seed ${SEED})`, () => {
  test('leave the process running', () => {
    expect(caster.process.exitCode, story()).toBeNull();
    expect(caster.process.signalCode, story()).toBeNull();
  });

  test('cut no frame, repeat none and leave none out of what the living workers serve', () => {
    expect(field.mistakes(), story()).toEqual([]);
  });

  test('end with every base and every rover back', () => {
    expect(field.rovers.filter(({ isStreaming }) => !isStreaming).map(({ life }) => life?.name)).toEqual([]);
    expect(openSessions(caster.log)).toHaveLength(field.bases.length + field.rovers.length);
  });

  test('are all in the log, each session they cost with them', () => {
    const lost = caster.log.filter(({ event }) => event === 'worker_lost');
    const closed = caster.log.filter(
      ({ event, reason }) => event === 'session_closed' && reason === 'worker_lost',
    );
    expect(lost, story()).toHaveLength(KILLS);
    expect(lost.reduce((sum, line) => sum + Number(line['rovers']) + Number(line['bases']), 0)).toBe(
      closed.length,
    );
  });

  test('leave the sourcetable as it was and the caster ready', async () => {
    const listsAll = async (): Promise<boolean> =>
      (await listedMountpoints(caster.ready.ntrip)).join() === 'M0,M1,M2,M3';
    await until(listsAll, () => 'M0 to M3 are listed');
    const isReady = async (): Promise<boolean> =>
      (await fetch(`http://127.0.0.1:${caster.ready.http}/readyz`)).status === 200;
    await until(isReady, () => 'the caster says that it is ready', RETURN_MS_MAX);
  });
});
