// The master key: 32 bytes under which every secret in the store is sealed and from which account passwords are
// derived. ROVERCAST_MASTER_KEY presets it, or the first start makes <dataDir>/master.key. Without it nothing that was
// sealed opens again; all nodes on one store need the same. That it fits the store is checked at the start by a
// probe, so that a wrong one is told by name and not as a garbled secret later.

import { randomBytes } from 'node:crypto';
import { startProblem, type StartProblem } from '../start-problem.ts';
import { loadKey, type KeyKind, type KeyPlaces } from './key-file.ts';
import { keyIdOf, MASTER_KEY_BYTES, secretsUnder, type Secrets } from './sealed-box.ts';

export type LoadedMasterKey =
  | {
      readonly ok: true;
      readonly secrets: Secrets;
      readonly origin: 'environment' | 'file' | 'made';
      readonly file: string | undefined;
      readonly warning: string | undefined;
    }
  | { readonly ok: false; readonly problem: StartProblem };

const MASTER_KEY: KeyKind = {
  variable: 'ROVERCAST_MASTER_KEY',
  fileName: 'master.key',
  problems: {
    presetMalformed: 'master_key_malformed',
    fileMalformed: 'master_key_file_malformed',
    fileUnreadable: 'master_key_file_unreadable',
  },
  ifReadByOthers:
    'make new secrets for all apps; the file itself must stay, the store cannot be read without it',
  make: () => randomBytes(MASTER_KEY_BYTES).toString('base64'),
  whatIsWrong: (text) =>
    bytesOf(text) === undefined ? 'no 32 bytes, in base64 or as 64 hex digits' : undefined,
};

/** `env` is the process's environment. */
export function loadMasterKey(places: KeyPlaces): LoadedMasterKey {
  const loaded = loadKey(MASTER_KEY, places);
  if (!loaded.ok) return loaded;
  const { key, origin, file, warning } = loaded;
  return { ok: true, secrets: secretsUnder(bytesOf(key)!), origin, file, warning };
}

/** Hex, base64 or base64url, with or without padding. */
function bytesOf(text: string): Buffer | undefined {
  if (/^[0-9A-Fa-f]{64}$/.test(text)) return Buffer.from(text, 'hex');
  if (!/^(?:[A-Za-z0-9+/]{43}|[A-Za-z0-9_-]{43})=?$/.test(text)) return undefined;
  return Buffer.from(text, 'base64');
}

const PROBE_CONTEXT = 'master key probe';
const PROBE_TEXT = 'rovercast';

/**
 * What to keep in the store, as one row that is written once (insert, do nothing where it is there, read it back: two
 * nodes may start together) and checked by every start before anything else is opened.
 */
export function sealProbe(secrets: Secrets): string {
  return secrets.seal(PROBE_TEXT, PROBE_CONTEXT);
}

/** Undefined where the store's probe was sealed under this very master key. */
export function checkProbe(secrets: Secrets, probe: string): StartProblem | undefined {
  if (secrets.open(probe, PROBE_CONTEXT) === PROBE_TEXT) return undefined;
  const needed = keyIdOf(probe);
  if (needed === undefined || needed === secrets.keyId) {
    return startProblem(
      'master_key_probe_damaged',
      'what the store has to check the master key by is damaged',
    );
  }
  return startProblem(
    'master_key_wrong',
    `the secrets in the store were sealed under the master key with id ${needed}, and this one has id ${secrets.keyId}`,
  );
}
