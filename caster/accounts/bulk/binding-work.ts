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
}

export function bindingWork({ store, bus, app, devices }: BindingOptions): BulkWork<DeviceToBind> {
  let next = 0;
  return {
    take: (rows) => {
      const piece = devices.slice(next, next + rows);
      next += piece.length;
      return Promise.resolve(piece);
    },
    act: async (tx, piece) => {
      const results = await bindDevices(store, tx, piece, { app, nowMs: Date.now() });
      return results.map((result, index): RowResult => {
        const { deviceId } = piece[index]!;
        if (!result.ok) return { ok: false, target: deviceId, code: result.code };
        return { ok: true, target: result.device.id, detail: deviceId };
      });
    },
    tell: (piece, results) => {
      results.forEach(({ ok, target }, index) => {
        if (!ok || target === null) return;
        bus.publish({ kind: 'device', id: target });
        const { accountId } = piece[index]!;
        if (typeof accountId === 'string') bus.publish({ kind: 'account', id: accountId });
      });
    },
  };
}
