// The import rules of DESIGN §3 as tables. To let a folder use another one, change a row here, and say why in the
// commit; ARCHITECTURE.md tells the same story in words.

import { importedPackage, importedPath, importsOf } from './syntax.ts';
import { type TextFile } from './project-files.ts';

const GROUND = ['config', 'platform'];
const PURE = ['caster/rtcm', 'caster/ntrip'];
const SERVICE = ['caster/metering', 'caster/accounts', 'caster/stream'];
const CASTER = [...PURE, ...SERVICE, 'caster/net'];
const EVERYTHING = [...GROUND, 'caster', 'licensing', 'workers'];

/**
 * Folder or file -> what it may import besides itself. The row with the longest matching name holds. The cycle rule
 * keeps folders of one layer, which may use one another, in order.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  config: [],
  platform: ['config'],
  'caster/rtcm': ['config/limits.ts'],
  'caster/ntrip': ['config/limits.ts'],
  'caster/simulator': ['config', 'caster/rtcm'],
  'caster/metering': [...GROUND, ...PURE, ...SERVICE],
  'caster/accounts': [...GROUND, ...PURE, ...SERVICE],
  'caster/stream': [...GROUND, ...PURE, ...SERVICE],
  'caster/net': [...GROUND, ...PURE, ...SERVICE],
  'caster/routes': [...GROUND, ...PURE, ...SERVICE],
  'licensing/pki': [...GROUND],
  'licensing/vehicle-audit.ts': [...GROUND],
  // The documents between cloud and vehicle: the same on both sides.
  'licensing/grants/format': [...GROUND, 'licensing/pki'],
  'licensing/grants': [
    ...GROUND,
    'licensing/pki',
    'licensing/vehicle-audit.ts',
    'licensing/broker',
    'licensing/entitlements',
    'licensing/ota',
  ],
  'licensing/broker': [...GROUND, 'licensing/pki'],
  'licensing/entitlements': [
    ...GROUND,
    'licensing/pki',
    'licensing/vehicle-audit.ts',
    'licensing/broker/vehicle-line.ts',
    'licensing/grants/format',
  ],
  'licensing/ota': [
    ...GROUND,
    'licensing/pki',
    'licensing/vehicle-audit.ts',
    'licensing/entitlements',
    'licensing/grants/format',
    'licensing/broker/vehicle-line.ts',
  ],
  'licensing/shop': [...GROUND, 'licensing/entitlements'],
  'licensing/drivers': [
    ...GROUND,
    'licensing/pki',
    'licensing/broker/vehicle-line.ts',
    'licensing/entitlements',
    'licensing/grants/format',
    'licensing/ota/vehicle-documents.ts',
    'licensing/shop',
  ],
  'licensing/routes': [
    ...GROUND,
    'licensing/pki',
    'licensing/grants',
    'licensing/entitlements',
    'licensing/ota',
    'licensing/broker',
    'licensing/shop',
    'licensing/drivers',
    // The reasons that a vehicle may give.
    'licensing/vehicle/ota/refusal.ts',
  ],
  // What runs in a vehicle knows the cloud by its API only; keys and requests are the same on both sides.
  'licensing/vehicle': [
    ...GROUND,
    'licensing/pki',
    'licensing/grants/format',
    'licensing/broker/token.ts',
    'licensing/broker/topics.ts',
    'licensing/broker/vehicle-line.ts',
    'licensing/entitlements/version.ts',
  ],
  workers: [
    ...GROUND,
    ...CASTER,
    'licensing/pki',
    'licensing/grants',
    'licensing/broker',
    'licensing/entitlements',
  ],
  'main.ts': EVERYTHING,
  cli: EVERYTHING,
  // A client of the API, and of nothing else here: its types come from docs/openapi.json.
  console: [],
  // A page of its own, made of the parts that both share.
  shop: [
    ...['console/api', 'console/app', 'console/i18n', 'console/parts'],
    ...['console/icon.svg', 'console/build-options.ts'],
  ],
  scripts: [],
  bench: [...EVERYTHING, 'cli', 'test'],
  test: [...EVERYTHING, 'cli', 'bench', 'scripts', 'console', 'shop'],
};

/** Package -> the only places that may import it. Tests, benches and root configuration files may import any. */
const LIBRARY_HOMES: Readonly<Record<string, readonly string[]>> = {
  koffi: ['caster/net', 'caster/metering'],
  pino: ['platform/observe'],
  'prom-client': ['platform/observe'],
  fastify: ['platform/http', 'caster/routes', 'licensing/routes'],
  'fastify-type-provider-zod': ['platform/http'],
  '@fastify/swagger': ['platform/http'],
  '@scalar/fastify-api-reference': ['platform/http'],
  kysely: ['platform/store'],
  'better-sqlite3': ['platform/store', 'licensing/broker'],
  aedes: ['licensing/broker'],
  mqtt: ['licensing/vehicle', 'licensing/broker/external'],
  'aedes-persistence': ['licensing/broker'],
  pg: ['platform/store'],
  ioredis: ['platform/bus'],
  yaml: ['config'],
  zod: [
    'config',
    'platform/http',
    'caster/routes',
    'licensing/routes',
    'licensing/grants/format',
    'licensing/entitlements',
    'licensing/ota',
    'licensing/drivers',
  ],
  commander: ['cli'],
  '@tufjs/models': ['licensing/ota'],
  'tuf-js': ['licensing/vehicle/ota'],
  '@clickhouse/client': ['caster/metering'],
  chdb: ['caster/metering'],
  '@noble/curves': ['licensing/pki'],
  '@peculiar/asn1-csr': ['licensing/pki'],
  '@peculiar/asn1-schema': ['licensing/pki'],
  '@peculiar/asn1-x509': ['licensing/pki'],
  piscina: ['workers'],
  stripe: ['licensing/shop'],
  react: ['console', 'shop'],
  'react-dom': ['console/app/start.tsx'],
  '@mantine/core': ['console', 'shop'],
  '@mantine/hooks': ['console', 'shop'],
  '@tanstack/react-query': ['console/api', 'console/app/start.tsx'],
  '@tanstack/react-virtual': ['console/parts'],
  uplot: ['console'],
  'd3-geo': ['console/screens/map'],
  'topojson-client': ['console/screens/map'],
  'world-atlas': ['console/screens/map'],
  vite: ['console/vite.config.ts', 'shop/vite.config.ts', 'console/build-options.ts'],
  wouter: ['console', 'shop'],
};

/** The pure folders compute: no sockets, no files, no clock. Node's modules that they may use all the same. */
const PURE_NODE_MODULES = ['node:assert', 'node:assert/strict', 'node:buffer', 'node:crypto'];

const MAY_USE_ANY_PACKAGE = ['test', 'bench'];

const isIn = (file: string, place: string): boolean => file === place || file.startsWith(`${place}/`);

function rowOf(file: string): string | undefined {
  return Object.keys(MAY_IMPORT)
    .filter((place) => isIn(file, place))
    .toSorted((a, b) => b.length - a.length)[0];
}

/** What is wrong with where this file's imports point, one sentence each. */
export function directionFindings(file: TextFile): string[] {
  const row = rowOf(file.path);
  if (row === undefined) {
    if (!file.path.includes('/')) return [];
    return [
      `${file.path}: its folder has no row in MAY_IMPORT (test/tidy/import-rules.ts): move the file or add one`,
    ];
  }
  const allowed = [row, ...(MAY_IMPORT[row] ?? [])];
  return importsOf(file).flatMap(({ specifier, line, dynamic }) => {
    const target = importedPath(file, specifier);
    if (target === undefined) return [];
    const at = `${file.path}:${line}`;
    if (target === 'main.ts') {
      // The command line starts the server; it does not build on it.
      if (row === 'cli' && dynamic) return [];
      return [`${at}: nothing imports main.ts: move what you need into a folder that both may import`];
    }
    if (allowed.some((place) => isIn(target, place))) return [];
    return [`${at}: ${row} must not import ${target}; it may import: ${allowed.join(', ')}`];
  });
}

/** What is wrong with the packages and Node modules that this file imports. */
export function libraryFindings(file: TextFile): string[] {
  const isPure = PURE.some((place) => isIn(file.path, place));
  return importsOf(file).flatMap(({ specifier, line }) => {
    const at = `${file.path}:${line}`;
    if (isPure && specifier.startsWith('node:') && !PURE_NODE_MODULES.includes(specifier)) {
      return [`${at}: ${specifier} in a pure folder: take what it would give as an argument`];
    }
    const name = importedPackage(specifier);
    if (
      name === undefined ||
      !file.path.includes('/') ||
      MAY_USE_ANY_PACKAGE.some((place) => isIn(file.path, place))
    ) {
      return [];
    }
    if (isIn(file.path, 'scripts'))
      return [`${at}: scripts run before any package is there: do without ${name}`];
    const homes = LIBRARY_HOMES[name];
    if (!homes)
      return [`${at}: ${name} has no row in LIBRARY_HOMES (test/tidy/import-rules.ts): give it one home`];
    if (homes.some((home) => isIn(file.path, home))) return [];
    return [
      `${at}: ${name} belongs to ${homes.join(' and ')}: use what they export, or move this file there`,
    ];
  });
}

/** Every import cycle among `files`, as the path around it; each cycle once. */
export function cycleFindings(files: readonly TextFile[]): string[] {
  const targets = new Map(
    files.map((file) => [file.path, importsOf(file).map(({ specifier }) => importedPath(file, specifier))]),
  );
  const done = new Set<string>();
  const findings: string[] = [];

  function follow(file: string, trail: readonly string[]): void {
    const start = trail.indexOf(file);
    if (start >= 0) {
      const cycle = [...trail.slice(start), file].join(' -> ');
      findings.push(`import cycle ${cycle}: move what both need into a file of its own`);
      return;
    }
    if (done.has(file)) return;
    for (const target of targets.get(file) ?? []) if (target !== undefined) follow(target, [...trail, file]);
    done.add(file);
  }
  for (const file of targets.keys()) follow(file, []);
  return findings;
}
