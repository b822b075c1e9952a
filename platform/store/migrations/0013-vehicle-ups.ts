// What vehicles said over an external broker, until somebody has worked on it.

import { type Migration } from './migration.ts';

export const vehicleUps: Migration = {
  number: 13,
  name: 'vehicle-ups',
  statements: ({ int, text, strict, dialect }) => {
    const seq =
      dialect === 'sqlite'
        ? 'seq integer primary key autoincrement'
        : 'seq bigint generated always as identity primary key';
    return [
      `create table vehicle_ups (
        ${seq}, vehicle_id ${text} not null, kind ${text} not null, body ${text} not null, bytes ${int} not null,
        created_at ${int} not null
      )${strict}`,
      `create index vehicle_ups_vehicle on vehicle_ups (vehicle_id)`,
    ];
  },
};
