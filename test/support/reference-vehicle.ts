// The reference vehicle within a test: enrolled with its own key, running against a real caster, its events waited for.

import path from 'node:path';
import { ReconnectPace } from '../../licensing/vehicle/line/reconnect-pace.ts';
import { openOtaClient } from '../../licensing/vehicle/ota/ota-client.ts';
import { openVehicleFolder } from '../../licensing/vehicle/vehicle-folder.ts';
import type { VehicleEvent } from '../../licensing/vehicle/vehicle-event.ts';
import { Vehicle } from '../../licensing/vehicle/vehicle.ts';
import type { CasterProcess } from './caster-process.ts';

export interface RunningVehicle {
  readonly vehicle: Vehicle;
  /** The first of this name, past or to come. */
  next(name: string, withinMs?: number): Promise<VehicleEvent>;
  stop(): Promise<void>;
}

export interface VehicleWanted {
  readonly vehicleId: string;
  /** An enrolment token of it. */
  readonly token: string;
  /** For what it keeps. */
  readonly folder: string;
  readonly installed: Readonly<Record<string, string>>;
}

/** Enrols with a key of SM2, which is made quicker than one of RSA, and runs. */
export async function startReferenceVehicle(
  caster: CasterProcess,
  { vehicleId, token, folder, installed }: VehicleWanted,
): Promise<RunningVehicle> {
  const found = openVehicleFolder(path.join(folder, vehicleId), { env: {} });
  if (!found.ok) throw new Error(found.detail);
  const { opened } = found;
  const server = `http://127.0.0.1:${caster.ready.http}`;
  const enrolled = await opened.certificates.enrol({ server, vehicleId, algorithm: 'sm2', token });
  if (!enrolled.ok) throw new Error(`${enrolled.reason}: ${enrolled.detail}`);
  const events: VehicleEvent[] = [];
  const waiting = new Set<() => void>();
  const vehicle = Vehicle.open(opened, {
    ...{ installed, openOta: openOtaClient, pace: new ReconnectPace(() => 0) },
    tell: (event, fields) => {
      events.push({ event, ...fields });
      for (const look of [...waiting]) look();
    },
  });
  if (vehicle === undefined) throw new Error('the folder of the vehicle does not open');
  vehicle.start();
  return {
    vehicle,
    next: (name, withinMs = 15_000) =>
      new Promise((resolve, reject) => {
        const finish = (): void => {
          clearTimeout(deadline);
          waiting.delete(look);
        };
        const look = (): void => {
          const one = events.find(({ event }) => event === name);
          if (one === undefined) return;
          finish();
          resolve(one);
        };
        const deadline = setTimeout(() => {
          finish();
          reject(new Error(`no ${name} within ${withinMs} ms; told was ${JSON.stringify(events)}`));
        }, withinMs);
        waiting.add(look);
        look();
      }),
    async stop() {
      await vehicle.stop();
      opened.close();
    },
  };
}
