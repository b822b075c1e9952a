// Writes YAML into a folder of its own that is gone after the test, and loads it.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { type Environment } from '../../../config/environment.ts';
import { loadConfig, type ConfigLoad } from '../../../config/load.ts';
import { type Problem } from '../../../config/problem.ts';
import { type Config, type ConfigInput } from '../../../config/schema.ts';

/** Path of a new file with this content. */
export function writeConfig(content: string | Uint8Array): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'test.yaml');
  writeFileSync(file, content);
  return file;
}

export function loadText(text: string, env: Environment = {}, overrides?: ConfigInput): ConfigLoad {
  return loadConfig({ file: writeConfig(text), env, overrides });
}

/** The configuration, or a failed test that shows what is wrong with it. */
export function configOf(loaded: ConfigLoad): Config {
  if (!loaded.ok) throw new Error(`does not load: ${JSON.stringify(loaded.problems, null, 1)}`);
  return loaded.config;
}

/** Errors and warnings alike. */
export function problemsOf(loaded: ConfigLoad): Problem[] {
  return loaded.ok ? loaded.warnings : loaded.problems;
}

/** `line:column code` of each problem. */
export function placesAndCodes(loaded: ConfigLoad): string[] {
  return problemsOf(loaded).map(({ where, code }) => `${where.split(':').slice(-2).join(':')} ${code}`);
}
