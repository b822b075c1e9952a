// How many stream workers a setting stands for on a machine. The caller knows the machine; this knows the rule.

import { STREAM_WORKERS_MAX } from './limits.ts';
import { type Config } from './schema.ts';

/** `auto` leaves one core to the main thread. `cores` is what the process may use (os.availableParallelism). */
export function streamWorkerCount(setting: Config['streamWorkers'], cores: number): number {
  return setting === 'auto' ? Math.min(Math.max(cores - 1, 1), STREAM_WORKERS_MAX) : setting;
}
