// The settings of the running process, for whoever administers it: what is in force, what the file says, what another
// text of it would change, and that text written and taken over. Secrets stay here.

import { createHash, randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { hideSecrets, restoreSecrets } from '../config/hidden-secrets.ts';
import { loadConfig, type ConfigLoad, type ConfigSources, type LoadedConfig } from '../config/load.ts';
import { isWarning } from '../config/problem.ts';
import { readConfigText } from '../config/read-config-text.ts';
import { diffConfigs } from '../config/reload.ts';
import { type Config } from '../config/schema.ts';
import { settingsInForce } from '../config/settings-in-force.ts';
import { type Applied, type SettingsCheck, type SettingsPort } from '../platform/http/settings-port.ts';
import { readTlsMaterial } from './tls-material.ts';

export interface SettingsDeskParts {
  /** As at the start; the desk reads the same file, under the same environment and options. */
  readonly sources: ConfigSources;
  readonly file: string | undefined;
  readonly started: Config;
  /** Of the last start or reload. */
  readonly loaded: () => LoadedConfig;
  readonly reload: (next: LoadedConfig) => void;
}

export function settingsDesk({ sources, file, started, loaded, reload }: SettingsDeskParts): SettingsPort {
  const load = (text: string): ConfigLoad => loadConfig({ ...sources, file, text });

  /** The problems and changes of a text of the file, by what is in force. */
  const judge = (next: ConfigLoad): SettingsCheck => {
    if (!next.ok) return { problems: next.problems, changes: [] };
    const tls = readTlsMaterial(next.config);
    if (!tls.ok) {
      const { message, fix } = tls.problem;
      const problem = { code: 'config_bad_form', where: file ?? '', path: 'tls', message, fix } as const;
      return { problems: [...next.warnings, problem], changes: [] };
    }
    return { problems: next.warnings, changes: diffConfigs(loaded().config, next.config).changed };
  };

  /** What was sent, with the secrets of the file in the places of their marks. */
  const restored = (sent: string, current: string) => {
    const { text, problems } = restoreSecrets(sent, hideSecrets(current)?.secrets ?? [], file ?? '');
    const next = load(text);
    const check = judge(next);
    return { text, next, check: { ...check, problems: [...problems, ...check.problems] } };
  };

  return {
    settings: () => settingsInForce({ started, reloaded: loaded().config }, loaded().originOf),

    file() {
      if (file === undefined) return undefined;
      const reading = readConfigText(file);
      if (!reading.ok) {
        return {
          name: file,
          writable: false,
          etag: '',
          text: null,
          problems: [reading.problem],
          changes: [],
        };
      }
      const hidden = hideSecrets(reading.text);
      return {
        ...{ name: file, writable: isWritable(file), etag: etagOf(reading.text) },
        text: hidden?.text ?? null,
        ...judge(load(reading.text)),
      };
    },

    check(sent, etag) {
      const current = file === undefined ? undefined : readConfigText(file);
      if (current === undefined) return { ok: false, reason: 'no_file' };
      if (!current.ok || etagOf(current.text) !== etag) return { ok: false, reason: 'changed' };
      return { ok: true, check: restored(sent, current.text).check };
    },

    apply(sent, etag): Applied {
      if (file === undefined) return { ok: false, reason: 'no_file' };
      const current = readConfigText(file);
      if (!current.ok || etagOf(current.text) !== etag) return { ok: false, reason: 'changed' };
      const { text, next, check } = restored(sent, current.text);
      if (!next.ok || check.problems.some((problem) => !isWarning(problem))) {
        return { ok: false, reason: 'invalid', problems: check.problems };
      }
      if (!replaceFile(file, text)) return { ok: false, reason: 'not_writable' };
      reload(next);
      return { ok: true, check, etag: etagOf(text) };
    },
  };
}

function etagOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** A file is replaced by another of its name: its folder has to be writable too. */
function isWritable(file: string): boolean {
  try {
    const real = realpathSync(file);
    accessSync(real, constants.W_OK);
    accessSync(path.dirname(real), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** As a whole or not at all, with the mode that it had; a link stays a link. False where the system does not let it be. */
function replaceFile(file: string, text: string): boolean {
  let fresh: string | undefined;
  try {
    const real = realpathSync(file);
    accessSync(real, constants.W_OK);
    fresh = `${real}.${randomBytes(6).toString('hex')}.new`;
    // Nobody else reads the secrets in it meanwhile.
    const descriptor = openSync(fresh, 'wx', 0o600);
    try {
      writeSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    chmodSync(fresh, statSync(real).mode & 0o777);
    renameSync(fresh, real);
    return true;
  } catch {
    if (fresh !== undefined) rmSync(fresh, { force: true });
    return false;
  }
}
