// Tests docs/vehicle.md against what it describes.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { VEHICLE_EVENTS } from '../../../../licensing/vehicle/vehicle-event.ts';

test('every event of a vehicle has its row on the page, and no other has', () => {
  const page = readFileSync(path.join(import.meta.dirname, '../../../../docs/vehicle.md'), 'utf8');
  const rows = page.slice(page.indexOf('## Events')).matchAll(/^\| `(\w+)`/gm);
  expect([...rows].map(([, name]) => name)).toEqual([...VEHICLE_EVENTS]);
});
