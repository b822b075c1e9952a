// What the routes of the settings need of the process: supplied by the composition root. Nothing that comes out of it
// holds a secret.

import { type Problem as ConfigProblem } from '../../config/problem.ts';
import { type ConfigChange } from '../../config/reload.ts';
import { type SettingInForce } from '../../config/settings-in-force.ts';

export interface SettingsFile {
  readonly name: string;
  readonly writable: boolean;
  readonly etag: string;
  /** With marks in the places of secrets; null where it is not YAML, so that nobody knows what in it is a secret. */
  readonly text: string | null;
  /** Of the file as it is now. */
  readonly problems: readonly ConfigProblem[];
  /** Between what is in force and the file as it is now. */
  readonly changes: readonly ConfigChange[];
}

export interface SettingsCheck {
  readonly problems: readonly ConfigProblem[];
  /** Empty where a problem is an error. */
  readonly changes: readonly ConfigChange[];
}

/** Why the file was not written. */
export type NotApplied =
  | { readonly reason: 'no_file' | 'changed' | 'not_writable' }
  | { readonly reason: 'invalid'; readonly problems: readonly ConfigProblem[] };

export type Applied =
  | { readonly ok: true; readonly check: SettingsCheck; readonly etag: string }
  | ({ readonly ok: false } & NotApplied);

export type Checked =
  | { readonly ok: true; readonly check: SettingsCheck }
  | { readonly ok: false; readonly reason: 'no_file' | 'changed' };

export interface SettingsPort {
  settings(): readonly SettingInForce[];
  /** Undefined where the server was started without one. */
  file(): SettingsFile | undefined;
  /** Of a text whose marks are those of the file with this etag. */
  check(text: string, etag: string): Checked;
  /** Writes the file as a whole or not at all, and takes it over. */
  apply(text: string, etag: string): Applied;
}

export const NO_SETTINGS: SettingsPort = {
  settings: () => [],
  file: () => undefined,
  check: () => ({ ok: false, reason: 'no_file' }),
  apply: () => ({ ok: false, reason: 'no_file' }),
};
