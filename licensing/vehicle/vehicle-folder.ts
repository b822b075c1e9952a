// The folder of one vehicle, opened by one program at a time: device key, sealed records, who the vehicle is.

import { closeSync, existsSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { systemErrorCode } from '../../platform/start-problem.ts';
import { CertificateModule } from './certificates/certificate-module.ts';
import { loadDeviceKey } from './storage/device-key.ts';
import { SealedFiles } from './storage/sealed-files.ts';

export interface VehicleFolder {
  readonly folder: string;
  readonly key: Buffer;
  readonly files: SealedFiles;
  readonly certificates: CertificateModule;
  /** Gives the folder to others again. */
  close(): void;
}

export type OpenedFolder =
  | { readonly ok: true; readonly opened: VehicleFolder }
  | {
      readonly ok: false;
      readonly reason: 'folder_in_use' | 'device_key_malformed' | 'storage_unreadable';
      readonly detail: string;
    };

export interface FolderOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** False for who only looks: two that write would overwrite one another. */
  readonly locks?: boolean;
  readonly now?: () => number;
}

const LOCK_FILE = 'in-use';
const RECORDS_FOLDER = 'records';

/** Whether a vehicle was ever here. */
export function holdsRecords(folder: string): boolean {
  return existsSync(path.join(folder, RECORDS_FOLDER));
}

/** Throws where the disk does not let it. */
export function openVehicleFolder(folder: string, options: FolderOptions = {}): OpenedFolder {
  const { env = process.env, locks = true, now = Date.now } = options;
  const device = loadDeviceKey(folder, env);
  if (!device.ok) return { ok: false, reason: 'device_key_malformed', detail: device.detail };
  const lock = path.join(folder, LOCK_FILE);
  const holder = locks ? takeLock(lock) : undefined;
  if (holder !== undefined) {
    return { ok: false, reason: 'folder_in_use', detail: `the process ${holder} works with ${folder}` };
  }
  const close = (): void => {
    if (locks) rmSync(lock, { force: true });
  };
  const files = new SealedFiles(path.join(folder, RECORDS_FOLDER), device.key);
  const certificates = CertificateModule.open(files, now);
  if (certificates === undefined) {
    close();
    return {
      ok: false,
      reason: 'storage_unreadable',
      detail: `what ${folder} holds does not open with this device key`,
    };
  }
  return { ok: true, opened: { folder, key: device.key, files, certificates, close } };
}

/** The number of the process that has it; undefined where it is ours now. */
function takeLock(file: string): number | undefined {
  for (;;) {
    try {
      const descriptor = openSync(file, 'wx', 0o600);
      writeSync(descriptor, `${process.pid} ${beginOf(process.pid)}`);
      closeSync(descriptor);
      return undefined;
    } catch (error) {
      if (systemErrorCode(error) !== 'EEXIST') throw error;
    }
    const [pid = '', begin = ''] = readLock(file).split(' ');
    // After a loss of power the number may be another's by now: the time at which that began tells them apart.
    if (pid !== '' && begin !== '' && beginOf(Number(pid)) === begin) return Number(pid);
    rmSync(file, { force: true });
  }
}

function readLock(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** When a process began, as Linux tells it, with the boot that it belongs to; empty where there is none. */
function beginOf(pid: number): string {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}/${fields?.[19] ?? ''}`;
  } catch {
    return '';
  }
}
