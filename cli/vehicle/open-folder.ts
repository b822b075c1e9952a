// The folder that every vehicle command works in, and what can be wrong with it.

import { errorText, type Failure } from '../failure.ts';
import {
  type FolderOptions,
  holdsRecords,
  openVehicleFolder,
  type VehicleFolder,
} from '../../licensing/vehicle/vehicle-folder.ts';

export type FolderFound =
  { readonly ok: true; readonly opened: VehicleFolder } | { readonly ok: false; readonly failure: Failure };

const FIXES = {
  folder_in_use: 'end that process, or name another folder',
  device_key_malformed: 'put the key back; without it nothing in the folder opens',
  storage_unreadable: 'give the device key it was made with, or enrol the vehicle anew in another folder',
} as const;

export function openFolder(folder: string, options: FolderOptions = {}): FolderFound {
  try {
    const opened = openVehicleFolder(folder, options);
    if (opened.ok) return opened;
    const { reason, detail } = opened;
    return { ok: false, failure: { code: 'vehicle_folder_unusable', message: detail, fix: FIXES[reason] } };
  } catch (error) {
    const message = `${folder} cannot be used: ${errorText(error)}`;
    const fix = 'name a folder that may be written to';
    return { ok: false, failure: { code: 'vehicle_folder_unusable', message, fix } };
  }
}

/** The folder of a vehicle that has its certificate. None is made where there is none. */
export function openEnrolled(folder: string, options: FolderOptions = {}): FolderFound {
  if (!holdsRecords(folder)) return notEnrolled(folder);
  const found = openFolder(folder, options);
  if (!found.ok || found.opened.certificates.isEnrolled) return found;
  found.opened.close();
  return notEnrolled(folder);
}

function notEnrolled(folder: string): FolderFound {
  const message = `there is no enrolled vehicle in ${folder}`;
  return {
    ok: false,
    failure: { code: 'vehicle_not_enrolled', message, fix: 'run rovercast vehicle enrol' },
  };
}
