// Over-the-air updates: packages, releases, requests, what vehicles have installed, and the metadata that they verify.

import { type Migration } from './migration.ts';

export const ota: Migration = {
  number: 7,
  name: 'ota',
  statements: ({ int, text, strict }) => [
    `create table packages (
      id ${text} primary key, customer_id ${text} references customers (id), part_number ${text} not null,
      version ${text} not null, min_version_from ${text}, compatibility ${text} not null, notes ${text} not null,
      state ${text} not null check (state in ('awaiting_content', 'ready')), length ${int}, sha256 ${text},
      created_at ${int} not null, content_at ${int}
    )${strict}`,
    `create unique index packages_version on packages (coalesce(customer_id, ''), part_number, version)`,
    `create index packages_customer on packages (customer_id, id)`,
    `create index packages_part on packages (part_number, id)`,

    `create table releases (
      id ${text} primary key, customer_id ${text} references customers (id),
      package_id ${text} not null references packages (id), part_number ${text} not null,
      state ${text} not null check (state in ('draft', 'active', 'paused', 'aborted')),
      share_percent ${int} not null check (share_percent between 1 and 100),
      created_at ${int} not null, changed_at ${int} not null
    )${strict}`,
    `create unique index releases_package on releases (package_id) where state <> 'aborted'`,
    `create index releases_customer on releases (customer_id, id)`,
    `create index releases_part on releases (part_number, state)`,

    `create table ota_requests (
      id ${text} primary key, vehicle_id ${text} not null, customer_id ${text}, certificate_id ${text} not null,
      request_id ${text} not null, grant_id ${text}, part_number ${text} not null, wanted_version ${text} not null,
      installed_version ${text}, entitlement_id ${text}, package_id ${text}, release_id ${text},
      state ${text} not null check (state in ('offered', 'refused')), reason ${text}, url_expires_at ${int},
      downloaded_at ${int}, installed_at ${int}, created_at ${int} not null
    )${strict}`,
    `create unique index ota_requests_asked on ota_requests (vehicle_id, request_id)`,
    `create index ota_requests_part on ota_requests (vehicle_id, part_number, id)`,
    `create index ota_requests_entitlement on ota_requests (entitlement_id, id)`,
    `create index ota_requests_customer on ota_requests (customer_id, id)`,

    `create table vehicle_manifests (
      vehicle_id ${text} primary key, counter ${int} not null, certificate_id ${text} not null,
      reported_at ${int} not null
    )${strict}`,
    `create table vehicle_parts (
      vehicle_id ${text} not null, part_number ${text} not null, version ${text} not null,
      reported_at ${int} not null, primary key (vehicle_id, part_number)
    )${strict}`,
    `create table vehicle_installs (
      id ${text} primary key, vehicle_id ${text} not null, part_number ${text} not null,
      version_before ${text}, version ${text}, reported_at ${int} not null
    )${strict}`,
    `create index vehicle_installs_vehicle on vehicle_installs (vehicle_id, id)`,

    `create table ota_keys (
      id ${text} primary key, role ${text} not null check (role in ('root', 'targets', 'snapshot', 'timestamp')),
      public_key ${text} not null, private_key_sealed ${text}, retired_at ${int}, created_at ${int} not null
    )${strict}`,
    `create table ota_roots (
      version ${int} primary key, body ${text} not null, expires_at ${int} not null, created_at ${int} not null
    )${strict}`,
    `create table ota_metadata (
      vehicle_id ${text} not null, role ${text} not null check (role in ('targets', 'snapshot', 'timestamp')),
      version ${int} not null, body ${text} not null, expires_at ${int} not null, created_at ${int} not null,
      primary key (vehicle_id, role, version)
    )${strict}`,
  ],
};
