// Customers, apps, accounts, devices and what is remembered of them. Never changed once it is released: what comes
// later is a migration of its own.
//
// Indexes hold what the queries need and no more, as each costs at every insert: lists page by id within a customer or
// app, logins look up by app key, username and device, allocation seeks free accounts, sweeps seek held ones.

import { type DialectWords, type Migration } from './migration.ts';

export const accounts: Migration = {
  number: 1,
  name: 'accounts',
  statements: (words) => [...owners(words), ...secondTier(words), ...records(words), ...upkeep(words)],
};

function owners({ int, text, strict }: DialectWords): string[] {
  return [
    `create table customers (
      id ${text} primary key, name ${text} not null,
      status ${text} not null check (status in ('active', 'suspended')),
      created_at ${int} not null, updated_at ${int} not null
    )${strict}`,

    `create table api_keys (
      id ${text} primary key, customer_id ${text} references customers (id), name ${text} not null,
      role ${text} not null, secret_hash ${text} not null, ip_ranges ${text},
      expires_at ${int}, revoked_at ${int}, last_used_at ${int}, created_at ${int} not null
    )${strict}`,
    `create index api_keys_customer on api_keys (customer_id, id)`,

    `create table mountpoints (
      id ${text} primary key, customer_id ${text} references customers (id), name ${text} not null,
      settings ${text} not null, source_password_sealed ${text},
      created_at ${int} not null, updated_at ${int} not null,
      constraint mountpoints_name_key unique (name)
    )${strict}`,
    `create index mountpoints_customer on mountpoints (customer_id, id)`,

    `create table service_specs (
      id ${text} primary key, customer_id ${text} references customers (id), name ${text} not null,
      spec ${text} not null, created_at ${int} not null, updated_at ${int} not null
    )${strict}`,
    `create index service_specs_customer on service_specs (customer_id, id)`,

    `create table billing_plans (
      id ${text} primary key, customer_id ${text} references customers (id), name ${text} not null,
      plan ${text} not null, created_at ${int} not null, updated_at ${int} not null
    )${strict}`,
    `create index billing_plans_customer on billing_plans (customer_id, id)`,
  ];
}

function secondTier({ int, text, strict, dialect }: DialectWords): string[] {
  // Accounts and devices name each other. What names the later table is checked at the commit, in either order.
  const toDevices = 'references devices (id) on delete set null deferrable initially deferred';
  return [
    `create table apps (
      id ${text} primary key, customer_id ${text} references customers (id), name ${text} not null,
      app_key ${text} not null, secret_sealed ${text} not null,
      previous_secret_sealed ${text}, previous_secret_until ${int},
      status ${text} not null check (status in ('active', 'suspended')),
      activation ${text} not null check (activation in ('first_connect', 'console', 'terminal')),
      bound ${int} not null check (bound in (0, 1)),
      service_spec_id ${text} references service_specs (id),
      billing_plan_id ${text} references billing_plans (id),
      ip_ranges ${text}, quota ${text} not null, allocation ${text} not null,
      created_at ${int} not null, updated_at ${int} not null,
      constraint apps_app_key_key unique (app_key)
    )${strict}`,
    `create index apps_customer on apps (customer_id, id)`,
    `create index apps_spec on apps (service_spec_id) where service_spec_id is not null`,
    `create index apps_plan on apps (billing_plan_id) where billing_plan_id is not null`,

    `create table accounts (
      id ${text} primary key,
      app_id ${text} not null references apps (id) on delete cascade,
      customer_id ${text}, username ${text} not null,
      password_hash ${text}, password_version ${int} not null,
      status ${text} not null check (status in ('active', 'suspended')),
      service_spec_id ${text} references service_specs (id),
      billing_plan_id ${text} references billing_plans (id),
      activated_at ${int}, valid_until ${int},
      random_key ${int} not null check (random_key between 0 and 2147483647),
      bound_device_id ${text}${dialect === 'sqlite' ? ` ${toDevices}` : ''},
      held ${int} not null check (held in (0, 1)),
      holder ${text}, held_until ${int}, held_node ${text},
      last_login_at ${int}, note ${text},
      created_at ${int} not null, updated_at ${int} not null,
      constraint accounts_username_key unique (username),
      check (held = 0 or (holder is not null and held_until is not null))
    )${strict}`,
    `create index accounts_app on accounts (app_id, id)`,
    `create index accounts_customer on accounts (customer_id, id)`,
    `create index accounts_free on accounts (app_id, random_key) where held = 0 and bound_device_id is null`,
    `create index accounts_held_until on accounts (held_until) where held = 1`,
    `create index accounts_held_node on accounts (held_node) where held = 1`,
    `create index accounts_holder on accounts (holder) where held = 1`,
    `create index accounts_suspended on accounts (id) where status = 'suspended'`,
    `create index accounts_suspended_app on accounts (app_id, id) where status = 'suspended'`,
    `create index accounts_suspended_customer on accounts (customer_id, id) where status = 'suspended'`,
    `create index accounts_bound on accounts (bound_device_id) where bound_device_id is not null`,
    `create index accounts_spec on accounts (service_spec_id, id) where service_spec_id is not null`,
    `create index accounts_plan on accounts (billing_plan_id, id) where billing_plan_id is not null`,

    `create table devices (
      id ${text} primary key,
      app_id ${text} not null references apps (id) on delete cascade,
      customer_id ${text}, device_id ${text} not null,
      status ${text} not null check (status in ('active', 'blocked')),
      bound ${int} not null check (bound in (0, 1)),
      account_id ${text} references accounts (id) on delete set null,
      last_account_id ${text}, last_seen_at ${int}, created_at ${int} not null,
      constraint devices_app_id_device_id_key unique (app_id, device_id)
    )${strict}`,
    `create index devices_app on devices (app_id, id)`,
    `create index devices_customer on devices (customer_id, id)`,
    `create index devices_account on devices (account_id) where account_id is not null`,

    ...(dialect === 'sqlite'
      ? []
      : [
          `alter table accounts add constraint accounts_bound_device_id_fkey foreign key (bound_device_id) ${toDevices}`,
        ]),
  ];
}

function records({ int, text, strict }: DialectWords): string[] {
  // No foreign keys: what happened outlives those that it happened to.
  return [
    `create table closed_sessions (
      id ${text} primary key, customer_id ${text}, app_id ${text}, account_id ${text}, account ${text}, device ${text},
      role ${text} not null check (role in ('rover', 'base')),
      mountpoint ${text} not null, address ${text} not null, user_agent ${text} not null,
      ntrip_version ${int} not null, secure ${int} not null check (secure in (0, 1)), node ${text} not null,
      started_at ${int} not null, ended_at ${int} not null, duration_ms ${int} not null, reason ${text} not null,
      bytes ${int} not null, epochs ${int} not null, frames ${int} not null,
      epochs_dropped ${int} not null, frames_dropped ${int} not null, unacknowledged_bytes ${int} not null
    )${strict}`,
    `create index closed_sessions_customer on closed_sessions (customer_id, id)`,
    `create index closed_sessions_app on closed_sessions (app_id, id) where app_id is not null`,
    `create index closed_sessions_account_id on closed_sessions (account_id, id) where account_id is not null`,
    `create index closed_sessions_account on closed_sessions (account, id) where account is not null`,
    `create index closed_sessions_mountpoint on closed_sessions (mountpoint, id)`,
    `create index closed_sessions_ended on closed_sessions (ended_at)`,

    `create table refusals (
      id ${text} primary key, customer_id ${text}, app_id ${text}, account_id ${text},
      username ${text} not null, device ${text}, address ${text} not null, mountpoint ${text} not null,
      role ${text} not null, step ${text} not null, reason ${text} not null, detail ${text},
      count ${int} not null, first_at ${int} not null, last_at ${int} not null
    )${strict}`,
    `create index refusals_customer on refusals (customer_id, id)`,
    `create index refusals_app on refusals (app_id, id) where app_id is not null`,
    `create index refusals_account on refusals (account_id, id) where account_id is not null`,
    `create index refusals_device on refusals (device, id) where device is not null`,
    `create index refusals_address on refusals (address, id)`,
    `create index refusals_username on refusals (username, id)`,
    `create index refusals_last on refusals (last_at)`,

    `create table audit_entries (
      id ${text} primary key, customer_id ${text}, at ${int} not null, actor ${text} not null, role ${text} not null,
      action ${text} not null, target_kind ${text} not null, target_id ${text} not null,
      before ${text}, after ${text}, address ${text}, request_id ${text}
    )${strict}`,
    `create index audit_entries_customer on audit_entries (customer_id, id)`,
    `create index audit_entries_target on audit_entries (target_id, id)`,
    `create index audit_entries_actor on audit_entries (actor, id)`,
  ];
}

function upkeep({ int, text, strict }: DialectWords): string[] {
  return [
    `create table idempotency_keys (
      id ${text} primary key, request_hash ${text} not null, status ${int}, response ${text},
      created_at ${int} not null
    )${strict}`,
    `create index idempotency_keys_created on idempotency_keys (created_at)`,

    `create table jobs (
      id ${text} primary key, customer_id ${text}, actor ${text} not null, kind ${text} not null,
      state ${text} not null check (state in ('running', 'done', 'failed')),
      total ${int} not null, done ${int} not null, failed ${int} not null,
      request ${text} not null, node ${text} not null, created_at ${int} not null, finished_at ${int}
    )${strict}`,
    `create index jobs_customer on jobs (customer_id, id)`,
    `create index jobs_running on jobs (node) where state = 'running'`,

    `create table job_rows (
      job_id ${text} not null references jobs (id) on delete cascade, "row" ${int} not null,
      ok ${int} not null check (ok in (0, 1)), target ${text}, code ${text}, detail ${text},
      primary key (job_id, "row")
    )${strict}`,

    `create table nodes (
      id ${text} primary key, name ${text} not null, started_at ${int} not null, seen_at ${int} not null
    )${strict}`,
    `create index nodes_seen on nodes (seen_at)`,
  ];
}
