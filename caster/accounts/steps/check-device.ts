// Step 3: which device presents the app, and may it?

import type { Refusal } from '../admission.ts';
import type { AppRecord, DeviceRecord } from '../directory-records.ts';
import { refuse } from './refuse.ts';

/** `deviceId` is empty where none was named; `device` undefined where it is not known (yet). */
export function checkDevice(
  app: AppRecord,
  deviceId: string,
  device: DeviceRecord | undefined,
): Refusal | undefined {
  if (deviceId === '') return app.isBound ? refuse('device', 'device_required') : undefined;
  if (app.isBound && device?.isBound !== true) return refuse('device', 'device_not_bound');
  return device?.isActive === false ? refuse('device', 'device_blocked') : undefined;
}
