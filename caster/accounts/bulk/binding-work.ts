// A bulk job that binds devices, each row on its own.

import type { ChangeBus } from '../../../platform/bus/bus.ts';
import type { Store } from '../../../platform/store/store.ts';
import type { AppsTable } from '../../../platform/store/tables.ts';
import { bindDevices, type DeviceToBind } from './bind-devices.ts';
import type { BulkWork, RowResult } from './bulk-jobs.ts';

export interface BindingOptions {
  readonly store: Store;
  readonly bus: ChangeBus;
  readonly app: Pick<AppsTable, 'id' | 'customer_id'>;
  readonly devices: readonly DeviceToBind[];
  /** Devices that the app may have still. */
  readonly room: number;
}

export function bindingWork({ store, bus, app, devices, room }: BindingOptions): BulkWork<DeviceToBind> {
  let next = 0;
  let left = room;
  return {
    take: (rows) => {
      const piece = devices.slice(next, next + rows);
      next += piece.length;
      return Promise.resolve(piece);
    },
    act: async (tx, piece) => {
      const nowMs = Date.now();
      const results = await bindDevices(store, tx, piece, { app, room: left, nowMs });
      return results.map((result, index): RowResult & { isNew?: boolean } => {
        if (!result.ok) return { ok: false, target: piece[index]!.deviceId, code: result.code };
        const { id, created_at } = result.device;
        return { ok: true, target: id, detail: piece[index]!.deviceId, isNew: created_at === nowMs };
      });
    },
    tell: (piece, results) => {
      results.forEach(({ ok, target, ...result }, index) => {
        if (!ok || target === null) return;
        if ('isNew' in result && result.isNew === true) left -= 1;
        bus.publish({ kind: 'device', id: target });
        const { accountId } = piece[index]!;
        if (typeof accountId === 'string') bus.publish({ kind: 'account', id: accountId });
      });
    },
  };
}
