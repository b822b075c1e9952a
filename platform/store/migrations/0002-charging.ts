// Balances and what they are charged for. Amounts are decimal text of whole micro-units: a number of JavaScript is not
// exact up to the largest. No foreign keys to customers: what was paid and charged outlives them.

import { type DialectWords, type Migration } from './migration.ts';

export const charging: Migration = {
  number: 2,
  name: 'charging',
  statements: (words) => [...money(words), ...progress(words), ...plans(words)],
};

function money({ int, text, strict }: DialectWords): string[] {
  return [
    `create table balances (
      customer_id ${text} not null, currency ${text} not null,
      balance_micros ${text} not null, low_told ${text} not null, updated_at ${int} not null,
      primary key (customer_id, currency)
    )${strict}`,

    `create table balance_entries (
      id ${text} primary key, customer_id ${text} not null, currency ${text} not null,
      kind ${text} not null check (kind in ('top_up', 'charge', 'correction')),
      amount_micros ${text} not null, balance_micros ${text} not null,
      reference ${text}, note ${text}, charges ${int} not null, actor ${text} not null, created_at ${int} not null,
      constraint balance_entries_reference_key unique (customer_id, reference)
    )${strict}`,
    `create index balance_entries_customer on balance_entries (customer_id, id)`,
  ];
}

function progress({ int, text, strict }: DialectWords): string[] {
  return [
    `create table charge_accumulators (
      customer_id ${text} not null, plan_id ${text} not null, period_key ${text} not null, class_key ${text} not null,
      units ${int} not null, micros ${text} not null, updated_at ${int} not null,
      primary key (customer_id, plan_id, period_key, class_key)
    )${strict}`,

    `create table charge_marks (
      session_id ${text} primary key, window_number ${int} not null,
      bytes ${int} not null, epochs ${int} not null, active_seconds ${int} not null, duration_ms ${int} not null,
      updated_at ${int} not null
    )${strict}`,
    `create index charge_marks_updated on charge_marks (updated_at)`,

    `create table unsent_charges (
      id ${text} primary key, charges ${int} not null, lines ${text} not null, created_at ${int} not null
    )${strict}`,

    `create table account_periods (
      account_id ${text} primary key references accounts (id) on delete cascade,
      plan_key ${text} not null, anchor_at ${int} not null, periods ${int} not null,
      charged_until ${int} not null, due_at ${int}
    )${strict}`,
    `create index account_periods_due on account_periods (due_at) where due_at is not null`,
  ];
}

function plans({ int, text, strict }: DialectWords): string[] {
  return [
    `create table deleted_billing_plans (
      id ${text} primary key, plan ${text} not null, deleted_at ${int} not null
    )${strict}`,
    `alter table accounts add column plan_since ${int}`,
    `alter table apps add column plan_since ${int}`,
    `alter table billing_plans add column counts_since ${int}`,
  ];
}
