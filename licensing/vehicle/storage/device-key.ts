// The key under which a vehicle's storage rests: from ROVERCAST_VEHICLE_KEY (64 hex digits), or a file for its owner only
// that the first start makes. In a car this is the place of a secure element: an HSM or TEE would hold a key that cannot
// be read out, open and seal records by itself (or unwrap this key after a measured boot), make the vehicle's key pair
// and sign and unwrap with it. A file protects a copied storage folder, not a copied disk.

import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { systemErrorCode } from '../../../platform/start-problem.ts';
import { syncPath } from './file-steps.ts';

export const VEHICLE_KEY_VARIABLE = 'ROVERCAST_VEHICLE_KEY';
const FILE_NAME = 'device.key';
const KEY_BYTES = 32;
const KEY_TEXT = /^[0-9a-f]{64}$/i;

export type DeviceKey =
  { readonly ok: true; readonly key: Buffer } | { readonly ok: false; readonly detail: string };

export function loadDeviceKey(
  folder: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): DeviceKey {
  const preset = env[VEHICLE_KEY_VARIABLE];
  if (preset !== undefined && preset !== '') return keyOf(preset, VEHICLE_KEY_VARIABLE);
  const file = path.join(folder, FILE_NAME);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const kept = readIfThere(file);
  if (kept !== undefined) return keyOf(kept, file);
  makeFile(folder, file);
  return keyOf(readFileSync(file, 'utf8'), file);
}

function keyOf(text: string, where: string): DeviceKey {
  if (KEY_TEXT.test(text.trim())) return { ok: true, key: Buffer.from(text.trim(), 'hex') };
  return { ok: false, detail: `${where} does not hold ${2 * KEY_BYTES} hex digits` };
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whole before it is in its place; of two that start together, the first one's key holds. */
function makeFile(folder: string, file: string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${randomBytes(KEY_BYTES).toString('hex')}\n`, { mode: 0o600, flush: true });
  try {
    linkSync(draft, file);
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  syncPath(folder);
}
