// `node scripts/dashboards.mjs`: writes the dashboards of config/grafana from their panels in scripts/dashboards. The
// JSON is what an operator imports; a test holds it to what is written here.

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { dashboard } from './dashboards/grafana.mjs';
import { operations } from './dashboards/operations.mjs';
import { streamQuality } from './dashboards/stream-quality.mjs';
import { usage } from './dashboards/usage.mjs';
import { projectRoot } from './setup/project.mjs';

const FOLDER = path.join(projectRoot, 'config', 'grafana');

/** Each dashboard as a file of config/grafana. */
export function dashboardFiles() {
  return [operations, usage, streamQuality].map((one) => ({
    name: `${one.uid.replace('rovercast-', '')}.json`,
    text: `${JSON.stringify(dashboard(one), undefined, 2)}\n`,
  }));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  mkdirSync(FOLDER, { recursive: true });
  for (const { name, text } of dashboardFiles()) writeFileSync(path.join(FOLDER, name), text);
}
