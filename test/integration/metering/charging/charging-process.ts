// A process that charges a case's windows until it is killed or done: takes those from `from` on in small pieces, says
// how many it has taken, and charges as fast as it can. Its charges go to a spool in its folder.

import path from 'node:path';
import { ChargedPlans } from '../../../../caster/metering/charging/charged-plans.ts';
import { openCharging } from '../../../../caster/metering/charging/open-charging.ts';
import { Spool } from '../../../../caster/metering/spool/spool.ts';
import { LocalBus } from '../../../../platform/bus/local-bus.ts';
import { Journal } from '../../../../platform/observe/journal.ts';
import { openStore, type StoreOptions } from '../../../../platform/store/store.ts';
import { memoryLog } from '../../../unit/platform/observe/memory-log.ts';
import { chargingCase } from './cases.ts';

export interface ChargingTask {
  readonly at: StoreOptions;
  readonly seed: number;
  readonly sessions: number;
  readonly from: number;
}

const PIECE = 40;

const task = JSON.parse(process.argv[2] ?? '') as ChargingTask;
const opened = await openStore(task.at);
if (!opened.ok) throw new Error(opened.problem.message);
const { store } = opened;
const journal = new Journal(memoryLog().log);
const spool = await Spool.open({
  name: 'usage',
  dir: path.join(task.at.dataDir, 'usage'),
  segmentBytes: 1e7,
  bytesMax: 1e9,
  journal,
});
const plans = new ChargedPlans(store, new LocalBus());
const failed = (error: unknown): never => {
  throw error;
};
const { rows } = chargingCase(task.seed, task.sessions);
const { charging, close } = await openCharging({
  ...{ store, journal, plans, spool, failed },
  dataDir: task.at.dataDir,
  everyMs: 0,
});
process.stdout.write('open\n');
for (let from = task.from; from < rows.length; from += PIECE) {
  const piece = rows.slice(from, from + PIECE);
  if (!charging.take(piece).ok) throw new Error('not taken');
  process.stdout.write(`${from + piece.length}\n`);
  await new Promise((resolve) => setImmediate(resolve));
}
await close();
await spool.close();
await store.close();
process.stdout.write('done\n');
