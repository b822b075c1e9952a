// Binds as many devices as one request may name, in pieces: first every piece is tried and taken back, and only where
// none was refused they are bound.

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
  roomAtFirst: number,
): Promise<Binding> {
  const nowMs = Date.now();
  const refused: RefusedDevice[] = [];
  const devices: DevicesTable[] = [];
  let room = roomAtFirst;

  async function bind(isTrial: boolean): Promise<void> {
    room = roomAtFirst;
    await inPieces(new Pace(), asked, async (piece, from) => {
      const results = await bound(store, piece, { app, room, nowMs }, isTrial);
      results.forEach((result, index) => {
        if (!result.ok) refused.push({ index: from + index, code: result.code });
        else if (!isTrial) devices.push(result.device);
      });
      room -= results.filter((result) => result.ok && result.device.created_at === nowMs).length;
    });
  }

  await bind(true);
  if (refused.length === 0) await bind(false);
  return refused.length === 0 ? { ok: true, devices } : { ok: false, refused };
}

async function bound(
  store: Store,
  piece: readonly DeviceToBind[],
  context: Parameters<typeof bindDevices>[3],
  isTrial: boolean,
): Promise<readonly BoundDevice[]> {
  try {
    return await store.write(async (tx) => {
      const results = await bindDevices(store, tx, piece, context);
      if (isTrial || results.some(({ ok }) => !ok)) throw new TakenBack(results);
      return results;
    });
  } catch (error) {
    if (error instanceof TakenBack) return error.results;
    throw error;
  }
}
