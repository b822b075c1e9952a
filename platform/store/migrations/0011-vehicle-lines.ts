// Which node each vehicle is connected to, and what waits for those that are connected to none or to another one.

import { type Migration } from './migration.ts';

export const vehicleLines: Migration = {
  number: 11,
  name: 'vehicle-lines',
  statements: ({ int, text, strict, dialect }) => {
    const seq =
      dialect === 'sqlite'
        ? 'seq integer primary key autoincrement'
        : 'seq bigint generated always as identity primary key';
    return [
      `create table line_nodes (node ${text} primary key, until ${int} not null)${strict}`,
      `create table vehicle_lines (
        vehicle_id ${text} primary key, node ${text} not null, connected_at ${int} not null, left_at ${int}
      )${strict}`,
      `create index vehicle_lines_node on vehicle_lines (node) where left_at is null`,
      `create table vehicle_downs (
        ${seq}, vehicle_id ${text} not null, kind ${text} not null, body ${text} not null, bytes ${int} not null,
        created_at ${int} not null
      )${strict}`,
      `create index vehicle_downs_vehicle on vehicle_downs (vehicle_id, seq)`,
      `create index vehicle_downs_created on vehicle_downs (created_at)`,
    ];
  },
};
