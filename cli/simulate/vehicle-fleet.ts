// Many vehicles in one process: each is the reference in-vehicle software with a folder of its own, enrolled, connected
// and waiting for what is bought for it.

import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KeyAlgorithm } from '../../licensing/pki/keys.ts';
import { Vehicle } from '../../licensing/vehicle/vehicle.ts';
import type { VehicleEventName } from '../../licensing/vehicle/vehicle-event.ts';
import { openVehicleFolder, type VehicleFolder } from '../../licensing/vehicle/vehicle-folder.ts';
import type { LicensingApi } from './licensing-api.ts';

export interface FleetVehicle {
  readonly id: string;
  readonly algorithm: KeyAlgorithm;
  readonly folder: VehicleFolder;
  readonly vehicle: Vehicle;
}

/** What one of them tells; `fields` as docs/vehicle.md has them. */
export type FleetListener = (
  from: FleetVehicle,
  event: VehicleEventName,
  fields: Readonly<Record<string, unknown>>,
) => void;

export interface FleetOptions {
  readonly api: LicensingApi;
  /** A vehicle that is in it already is not enrolled again. */
  readonly folder: string;
  readonly vehicles: number;
  /** `both`: every second one has another kind of key. */
  readonly algorithm: KeyAlgorithm | 'both';
  /** What is installed in each: part number -> version. */
  readonly installed: Readonly<Record<string, string>>;
  readonly onEvent: FleetListener;
  /** How many are ready by now. */
  readonly onProgress: (ready: number) => void;
  readonly signal: AbortSignal;
}

/** So many of a fleet connect at a time: more than one process gets through would only try again and again. */
const CONNECTING_MAX = 32;
const LOOK_MS = 20;

/** Enrols who is not yet; making RSA keys takes a tenth of a second each. Throws where the server refuses one. */
export async function enrolFleet(options: FleetOptions): Promise<FleetVehicle[]> {
  const fleet: FleetVehicle[] = [];
  for (let index = 0; index < options.vehicles && !options.signal.aborted; index++) {
    fleet.push(await enrolOne(options, index));
    options.onProgress(fleet.length);
  }
  return fleet;
}

async function enrolOne(options: FleetOptions, index: number): Promise<FleetVehicle> {
  const { api, installed, onEvent } = options;
  const algorithm = options.algorithm === 'both' ? (index % 2 === 0 ? 'rsa' : 'sm2') : options.algorithm;
  const id = `SIM${algorithm === 'rsa' ? 'R' : 'S'}${String(index).padStart(13, '0')}`;
  const found = openVehicleFolder(path.join(options.folder, id), { env: {} });
  if (!found.ok) throw new Error(`${found.reason}: ${found.detail}`);
  const { opened: folder } = found;
  if (!folder.certificates.isEnrolled) {
    const token = await api.enrolmentToken(id);
    const ask = { server: api.server, vehicleId: id, algorithm, token };
    const certified = await folder.certificates.enrol(ask);
    if (!certified.ok) throw new Error(`${id}: ${certified.reason}: ${certified.detail}`);
  }
  const made: { self?: FleetVehicle } = {};
  const vehicle = Vehicle.open(folder, {
    installed,
    tell: (event, fields = {}) => made.self !== undefined && onEvent(made.self, event, fields),
  });
  if (vehicle === undefined) throw new Error(`${id}: its folder does not open`);
  made.self = { id, algorithm, folder, vehicle };
  return made.self;
}

/** Resolves when each is connected; false where not all of them are after `withinMs`. */
export async function connectFleet(
  fleet: readonly FleetVehicle[],
  {
    withinMs,
    onProgress,
    signal,
  }: { readonly withinMs: number } & Pick<FleetOptions, 'onProgress' | 'signal'>,
): Promise<boolean> {
  const endMs = performance.now() + withinMs;
  for (let started = 0; started < fleet.length && performance.now() < endMs && !signal.aborted;) {
    const connected = connectedOf(fleet);
    const more = fleet.slice(started, connected + CONNECTING_MAX);
    for (const { vehicle } of more) vehicle.start();
    started += more.length;
    onProgress(connected);
    await sleep(LOOK_MS);
  }
  while (connectedOf(fleet) < fleet.length && performance.now() < endMs && !signal.aborted) {
    onProgress(connectedOf(fleet));
    await sleep(250);
  }
  return connectedOf(fleet) === fleet.length;
}

export function connectedOf(fleet: readonly FleetVehicle[]): number {
  return fleet.filter(({ vehicle }) => vehicle.isConnected).length;
}

export async function stopFleet(fleet: readonly FleetVehicle[]): Promise<void> {
  await Promise.all(fleet.map(async ({ vehicle }) => await vehicle.stop()));
  for (const { folder } of fleet) folder.close();
}
