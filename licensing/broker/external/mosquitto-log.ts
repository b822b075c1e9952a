// What mosquitto says on `$SYS/broker/log/N` of who comes and goes (`log_dest topic`, `log_type notice`). Pure.

import { isVehicleId } from '../topics.ts';

export const LOG_TOPIC = '$SYS/broker/log/N';

export interface Seen {
  readonly vehicleId: string;
  readonly isConnected: boolean;
}

const CAME = /\bNew client connected from \S+ as (\S+) \(/;
const WENT = /\bClient (\S+) (?:\[\S+\] )?(?:disconnected|closed its connection|has exceeded timeout)/;

/** Undefined where the line says neither of a vehicle. */
export function readLogLine(line: string): Seen | undefined {
  const came = CAME.exec(line)?.[1];
  const vehicleId = came ?? WENT.exec(line)?.[1];
  if (vehicleId === undefined || !isVehicleId(vehicleId)) return undefined;
  return { vehicleId, isConnected: came !== undefined };
}
