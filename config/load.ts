// Makes the configuration of the process: option over environment over file over default. All mistakes come in one
// report. Called at start, at reload and by `rovercast config check`; it never throws for what an operator wrote.

import { checkRelations } from './check-relations.ts';
import { checkShape } from './check-shape.ts';
import { ENV_KEYS, envValue, unknownEnvNames, type Environment } from './environment.ts';
import { LEAF_KEYS, ROOT_KEY } from './keys.ts';
import { Places } from './places.ts';
import { isWarning, pathText, sortProblems, type Problem, type ValuePath } from './problem.ts';
import { readConfigText } from './read-config-text.ts';
import { readYaml, type YamlReading } from './read-yaml.ts';
import { type Config, type ConfigInput } from './schema.ts';

export interface ConfigSources {
  /** Path of the YAML file; else `ROVERCAST_CONFIG` names it, and without either there is none. */
  readonly file?: string | undefined;
  readonly env: Environment;
  /** Instead of what the file holds: to try it. */
  readonly text?: string | undefined;
  /** Command line options: any part of a configuration. Maps are merged, lists replace lists. */
  readonly overrides?: ConfigInput | undefined;
}

/** Who gave a value. */
export type Origin = 'default' | 'file' | 'environment' | 'option';

export interface LoadedConfig {
  readonly ok: true;
  readonly config: Config;
  readonly warnings: Problem[];
  readonly file?: string;
  /** By the path of a key, `timing.stallMs`; of a list of sections, of the list as a whole. */
  readonly originOf: (path: string) => Origin;
}

export type ConfigLoad =
  | LoadedConfig
  /** `problems` holds the warnings too. */
  | { ok: false; problems: Problem[] };

/** Reads, merges and checks. Problems are in the order of the file. The configuration is frozen plain data. */
export function loadConfig(sources: ConfigSources): ConfigLoad {
  const file = sources.file ?? (sources.env['ROVERCAST_CONFIG'] || undefined);
  const reading = file === undefined ? withoutFile() : readFile(file, sources.text);
  const { places } = reading;
  const problems = [...reading.problems, ...unknownEnvNames(sources.env)];

  const raw = reading.value ?? {};
  if (!isMap(raw)) {
    problems.push({
      code: 'config_wrong_type',
      where: places.ofValue([]),
      path: '',
      message: 'the file is no mapping of keys to values',
      fix: 'begin with a key such as `listen:`; `rovercast config explain` shows all of them',
    });
    return { ok: false, problems: sortProblems(problems) };
  }
  dropEmptySections(raw);
  overlayEnvironment(raw, sources.env, places);
  overlayOptions(raw, [], sources.overrides ?? {}, places);

  const shape = checkShape(raw, places);
  if (!shape.ok) problems.push(...withoutEchoes(shape.problems, reading.problems));
  problems.push(...checkRelations(raw, places));

  const sorted = sortProblems(problems);
  if (!shape.ok || sorted.some((problem) => !isWarning(problem))) return { ok: false, problems: sorted };
  const originOf = (path: string): Origin => originAt(places.given(path.split('.')));
  const loaded = { ok: true, config: freeze(shape.config), warnings: sorted, originOf } as const;
  return file === undefined ? loaded : { ...loaded, file };
}

function withoutFile(): YamlReading {
  return { value: null, places: new Places('defaults'), problems: [] };
}

function originAt(place: string | undefined): Origin {
  if (place === undefined) return 'default';
  if (place.startsWith('env ')) return 'environment';
  return place.startsWith('option ') ? 'option' : 'file';
}

function readFile(file: string, tried: string | undefined): YamlReading {
  const text = tried === undefined ? readConfigText(file) : ({ ok: true, text: tried } as const);
  return text.ok
    ? readYaml(text.text, file)
    : { value: null, places: new Places(file), problems: [text.problem] };
}

/** `mountpoints:` with every entry commented out means the same as no such line. */
function dropEmptySections(raw: Record<string, unknown>): void {
  for (const section of ROOT_KEY.parts) {
    const holdsMore = section.kind === 'map' || section.kind === 'list';
    if (holdsMore && raw[section.name] === null) raw[section.name] = undefined;
  }
}

function overlayEnvironment(raw: Record<string, unknown>, env: Environment, places: Places): void {
  for (const key of ENV_KEYS) {
    const value = envValue(env, key);
    if (value === undefined) continue;
    const place = `env ${key.env}`;
    overlay(raw, key.path.split('.'), value, place, places);
  }
}

function overlayOptions(
  raw: Record<string, unknown>,
  section: ValuePath,
  overrides: object,
  places: Places,
): void {
  for (const [name, value] of Object.entries(overrides) as [string, unknown][]) {
    const path = [...section, name];
    if (value === undefined) continue;
    if (isMap(value)) overlayOptions(raw, path, value, places);
    else overlay(raw, path, value, `option ${optionName(pathText(path))}`, places);
  }
}

function optionName(path: string): string {
  return LEAF_KEYS.find((key) => key.path === path)?.option ?? path;
}

/** Sets one value, making the maps above it. A section of the wrong type is left to be complained of. */
function overlay(
  raw: Record<string, unknown>,
  path: ValuePath,
  value: unknown,
  place: string,
  places: Places,
): void {
  let map = raw;
  for (const step of path.slice(0, -1)) {
    const next = (map[step] ??= {});
    if (!isMap(next)) return;
    map = next;
  }
  map[path.at(-1)!] = value;
  places.set(path, place, place);
}

/** A line that is not YAML is mended first: what else seems wrong in it follows from that. */
function withoutEchoes(problems: readonly Problem[], readingProblems: readonly Problem[]): Problem[] {
  const lineOf = (problem: Problem) => problem.where.replace(/:\d+$/, '');
  const faulty = new Set(readingProblems.filter(({ code }) => code === 'config_yaml_syntax').map(lineOf));
  return problems.filter((problem) => !faulty.has(lineOf(problem)));
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function freeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(freeze);
    Object.freeze(value);
  }
  return value;
}
