// Binds as many devices as one request may name, in pieces: first every piece is tried, and only where none was
// refused they are bound. Where somebody was quicker meanwhile, those that were made are deleted again.

import { oneOf } from '../../../platform/store/one-of.ts';
import type { Store } from '../../../platform/store/store.ts';
import type { AppsTable, DevicesTable } from '../../../platform/store/tables.ts';
import { bindDevices, type BoundDevice, type DeviceToBind } from './bind-devices.ts';
import { inPieces, Pace } from './pace.ts';

export interface RefusedDevice {
  /** In the list as it was asked for. */
  readonly index: number;
  readonly code: Extract<BoundDevice, { ok: false }>['code'];
}

export type Binding =
  | { readonly ok: true; readonly devices: readonly DevicesTable[] }
  | { readonly ok: false; readonly refused: readonly RefusedDevice[] };

class TakenBack extends Error {
  readonly results: readonly BoundDevice[];

  constructor(results: readonly BoundDevice[]) {
    super('taken back');
    this.results = results;
  }
}

export async function bindInPieces(
  store: Store,
  app: Pick<AppsTable, 'id' | 'customer_id'>,
  asked: readonly DeviceToBind[],
  /** Devices that the app may have still, as things are now. */
  roomNow: number,
): Promise<Binding> {
  const nowMs = Date.now();
  const refused: RefusedDevice[] = [];
  const devices: DevicesTable[] = [];
  let made: string[] = [];

  /** True where none was refused. */
  async function bind(isTrial: boolean): Promise<boolean> {
    made = [];
    await inPieces(new Pace(), asked, async (piece, from) => {
      const results = isTrial
        ? await bindDevices(store, store.db, piece, { app, nowMs, trialRoom: roomNow - made.length })
        : await bound(store, piece, { app, nowMs });
      results.forEach((result, index) => {
        if (!result.ok) refused.push({ index: from + index, code: result.code });
        else if (!isTrial) devices.push(result.device);
      });
      // Of a piece that was refused none was made.
      if (isTrial || results.every(({ ok }) => ok))
        made.push(...results.flatMap((result) => (result.ok && result.isNew ? [result.device.id] : [])));
    });
    return refused.length === 0;
  }

  if (!(await bind(true))) return { ok: false, refused };
  if (await bind(false)) return { ok: true, devices };
  await takeBack(store, made);
  return { ok: false, refused };
}

async function takeBack(store: Store, ids: readonly string[]): Promise<void> {
  await inPieces(new Pace(), ids, async (piece) => {
    await store.db
      .deleteFrom('devices')
      .where(oneOf(store.dialect, 'id', piece))
      .execute();
  });
}

async function bound(
  store: Store,
  piece: readonly DeviceToBind[],
  context: Parameters<typeof bindDevices>[3],
): Promise<readonly BoundDevice[]> {
  try {
    return await store.write(async (tx) => {
      const results = await bindDevices(store, tx, piece, context);
      if (results.some(({ ok }) => !ok)) throw new TakenBack(results);
      return results;
    });
  } catch (error) {
    if (error instanceof TakenBack) return error.results;
    throw error;
  }
}
