// How many downloads run at a time, of all vehicles and of each one: a vehicle that takes its time, or opens many at
// once, keeps nobody else from his.

import { OTA_DOWNLOADS_MAX, OTA_DOWNLOADS_PER_VEHICLE_MAX } from '../../config/limits.ts';

export class DownloadSlots {
  readonly #max: number;
  readonly #perVehicle: number;
  readonly #ofVehicle = new Map<string, number>();
  #taken = 0;

  constructor(max = OTA_DOWNLOADS_MAX, perVehicle = OTA_DOWNLOADS_PER_VEHICLE_MAX) {
    this.#max = max;
    this.#perVehicle = perVehicle;
  }

  /** What gives the slot back, however often it is called; undefined where there is none now. */
  take(vehicleId: string): (() => void) | undefined {
    const own = this.#ofVehicle.get(vehicleId) ?? 0;
    if (this.#taken >= this.#max || own >= this.#perVehicle) return undefined;
    this.#taken += 1;
    this.#ofVehicle.set(vehicleId, own + 1);
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      this.#taken -= 1;
      const left = (this.#ofVehicle.get(vehicleId) ?? 1) - 1;
      if (left === 0) this.#ofVehicle.delete(vehicleId);
      else this.#ofVehicle.set(vehicleId, left);
    };
  }
}
