// Puts the parts of charging together.

import path from 'node:path';
import {
  CHARGING_EVERY_MS,
  CHARGING_SEGMENT_BYTES,
  CHARGING_SPOOL_BYTES_MAX,
} from '../../../config/limits.ts';
import type { Journal } from '../../../platform/observe/journal.ts';
import type { Store } from '../../../platform/store/store.ts';
import { Spool } from '../spool/spool.ts';
import type { ChargedPlans } from './charged-plans.ts';
import { ChargedState } from './charged-state.ts';
import { Charging } from './charging.ts';
import { PeriodCharges } from './period-charges.ts';
import { takenLine } from './taken-row.ts';
import { type ChargeSink, UnsentCharges } from './unsent-charges.ts';

export interface ChargingOptions {
  readonly store: Store;
  /** Its spool is a folder in it. */
  readonly dataDir: string;
  readonly journal: Journal;
  readonly plans: ChargedPlans;
  /** The usage spool, which takes charges, too; undefined where metering is off: then balances are kept all the same. */
  readonly spool: ChargeSink | undefined;
  readonly everyMs?: number;
  /** False where periods are charged only by calling `sweep`. */
  readonly periods?: boolean;
  readonly failed: (error: unknown) => void;
}

export interface OpenedCharging {
  readonly charging: Charging;
  readonly periods: PeriodCharges;
  readonly state: ChargedState;
  /** Charges what waits, then lets go of everything. */
  readonly close: () => Promise<void>;
}

/** Takes up what an earlier run left. Rejects where the folder or the store cannot be used at all. */
export async function openCharging(options: ChargingOptions): Promise<OpenedCharging> {
  const { store, journal, plans, failed } = options;
  const windows = await Spool.open({
    name: 'charging',
    dir: path.join(options.dataDir, 'charging'),
    segmentBytes: CHARGING_SEGMENT_BYTES,
    bytesMax: CHARGING_SPOOL_BYTES_MAX,
    journal,
    line: takenLine,
  });
  const unsent = options.spool === undefined ? undefined : new UnsentCharges(store, options.spool, failed);
  await unsent?.start();
  const state = new ChargedState();
  const everyMs = options.everyMs ?? CHARGING_EVERY_MS;
  const charging = new Charging({ store, journal, plans, state, windows, unsent, everyMs, failed });
  const periods = new PeriodCharges({ store, journal, state, turns: charging.turns, unsent, failed });
  if (options.periods ?? true) periods.start();
  return {
    ...{ charging, periods, state },
    close: async () => {
      await periods.close();
      await charging.close();
      await unsent?.close().catch(failed);
    },
  };
}
