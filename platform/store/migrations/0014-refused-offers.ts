// Why vehicles did not take packages that they were offered.

import { type Migration } from './migration.ts';

export const refusedOffers: Migration = {
  number: 14,
  name: 'refused-offers',
  statements: ({ int, text }) => [
    `alter table ota_requests add column vehicle_reason ${text}`,
    `alter table ota_requests add column vehicle_refused_at ${int}`,
  ],
};
