import { expect, test } from 'vitest';
import { OTA_REFUSALS } from '../../../../licensing/vehicle/ota/refusal.ts';
import { tableOf } from '../../platform/observe/markdown-table.ts';

test('docs/ota.md explains every refusal of the OTA client, and no other', () => {
  expect(tableOf('ota.md', '## In the vehicle').map(([code]) => code)).toEqual([...OTA_REFUSALS]);
});
