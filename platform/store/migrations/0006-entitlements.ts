// Entitlements with their history, and the way of each change to whoever has to hear of it: outbox, queue, dead letters.

import { type Migration } from './migration.ts';

export const entitlements: Migration = {
  number: 6,
  name: 'entitlements',
  statements: ({ int, text, strict, dialect }) => {
    const seq =
      dialect === 'sqlite'
        ? 'seq integer primary key autoincrement'
        : 'seq bigint generated always as identity primary key';
    return [
      `create table entitlements (
        id ${text} primary key, customer_id ${text} references customers (id), vehicle_id ${text} not null,
        product_id ${text}, order_id ${text} unique, gift_reference ${text} unique,
        part_number ${text} not null, version ${text} not null,
        version_rule ${text} not null check (version_rule in ('at_least', 'exact')), functions ${text} not null,
        valid_seconds ${int}, uses_total ${int}, uses_left ${int} check (uses_left >= 0), correction_app_id ${text},
        state ${text} not null, replaced_by ${text}, revision ${int} not null,
        starts_at ${int}, ends_at ${int}, covered_until ${int}, created_at ${int} not null, updated_at ${int} not null
      )${strict}`,
      `create index entitlements_customer on entitlements (customer_id, id)`,
      `create index entitlements_part on entitlements (vehicle_id, part_number, id)`,
      `create unique index entitlements_holding on entitlements (vehicle_id, part_number)
        where state in ('active', 'suspended')`,
      `create index entitlements_due on entitlements (ends_at)
        where state in ('active', 'suspended') and ends_at is not null`,
      `create index entitlements_correction on entitlements (vehicle_id, correction_app_id)
        where correction_app_id is not null`,

      `create table entitlement_changes (
        id ${text} primary key, entitlement_id ${text} not null references entitlements (id),
        customer_id ${text} references customers (id), revision ${int} not null, at ${int} not null,
        change ${text} not null, state_before ${text}, state ${text} not null, actor ${text} not null, reason ${text},
        starts_at ${int}, ends_at ${int}, uses_left ${int}, unique (entitlement_id, revision)
      )${strict}`,

      `create table outbox (
        ${seq}, id ${text} not null unique, topic ${text} not null, body ${text} not null,
        created_at ${int} not null, published_at ${int}
      )${strict}`,
      `create index outbox_published on outbox (published_at, seq)`,

      `create table queue_entries (
        ${seq}, topic ${text} not null, id ${text} not null, body ${text} not null, tries ${int} not null,
        due_at ${int} not null, taken_by ${text}, created_at ${int} not null, unique (topic, id)
      )${strict}`,
      `create index queue_entries_due on queue_entries (topic, due_at, seq)`,

      `create table dead_letters (
        id ${text} primary key, topic ${text} not null, entry_id ${text} not null, body ${text} not null,
        tries ${int} not null, problem ${text} not null, created_at ${int} not null, unique (topic, entry_id)
      )${strict}`,

      `create table work_leases (
        name ${text} primary key, holder ${text} not null, token ${int} not null, until ${int} not null
      )${strict}`,

      `create table use_leases (
        id ${text} primary key, entitlement_id ${text} not null references entitlements (id),
        vehicle_id ${text} not null, uses ${int} not null, used ${int} not null, counter ${int} not null,
        chain_head ${text} not null, flags ${int} not null, created_at ${int} not null, updated_at ${int} not null
      )${strict}`,
      `create index use_leases_entitlement on use_leases (entitlement_id, id)`,

      `create table use_reports (
        lease_id ${text} not null references use_leases (id), counter ${int} not null, hash ${text} not null,
        used ${int} not null, at ${int} not null, primary key (lease_id, counter)
      )${strict}`,
    ];
  },
};
