// Rows for tests and benches of the store, complete and unremarkable; what a test is about it gives itself.

import { newId } from '../../platform/store/id.ts';
import { type Insertable } from '../../platform/store/sql.ts';
import {
  type AccountsTable,
  type AppsTable,
  type CustomersTable,
  type DevicesTable,
} from '../../platform/store/tables.ts';
import { type GrantsTable } from '../../platform/store/tables/grant-tables.ts';

const AT = Date.UTC(2026, 10, 21);

export function customerRow(row: Partial<CustomersTable> = {}): Insertable<CustomersTable> {
  const id = row.id ?? newId('cus');
  return { id, name: `Customer ${id}`, status: 'active', created_at: AT, updated_at: AT, ...row };
}

export function appRow(row: Partial<AppsTable> = {}): Insertable<AppsTable> {
  const id = row.id ?? newId('app');
  return {
    id,
    customer_id: null,
    name: `App ${id}`,
    app_key: `key-of-${id}`,
    secret_sealed: 'sealed',
    previous_secret_sealed: null,
    previous_secret_until: null,
    status: 'active',
    activation: 'first_connect',
    bound: 0,
    service_spec_id: null,
    billing_plan_id: null,
    ip_ranges: null,
    quota: '{}',
    allocation: '{}',
    plan_since: null,
    created_at: AT,
    updated_at: AT,
    ...row,
  };
}

export function accountRow(row: Partial<AccountsTable> & { app_id: string }): Insertable<AccountsTable> {
  const id = row.id ?? newId('acc');
  return {
    id,
    customer_id: null,
    username: `user-${id}`,
    password_hash: null,
    password_version: 1,
    status: 'active',
    service_spec_id: null,
    billing_plan_id: null,
    activated_at: null,
    valid_until: null,
    random_key: 0,
    bound_device_id: null,
    held: 0,
    holder: null,
    held_until: null,
    held_node: null,
    last_login_at: null,
    note: null,
    plan_since: null,
    created_at: AT,
    updated_at: AT,
    ...row,
  };
}

export function deviceRow(row: Partial<DevicesTable> & { app_id: string }): Insertable<DevicesTable> {
  const id = row.id ?? newId('dev');
  return {
    id,
    customer_id: null,
    device_id: `device-${id}`,
    status: 'active',
    bound: 0,
    account_id: null,
    last_account_id: null,
    last_seen_at: null,
    created_at: AT,
    ...row,
  };
}

/** Numbered and not made yet. */
export function grantRow(row: Partial<GrantsTable> & { vehicle_id: string }): Insertable<GrantsTable> {
  return {
    id: newId('gra'),
    customer_id: null,
    part_number: 'SW-100',
    seq: 1,
    entitlement_id: 'ent_1',
    revision: 1,
    certificate_id: 'cert_1',
    right_state: 'active',
    version: '1.0',
    content_hash: '',
    facts: '{}',
    document: null,
    state: 'numbered',
    renew_at: null,
    sent_at: null,
    receipt_result: null,
    receipt_reason: null,
    installed_version: null,
    receipt_counter: null,
    receipted_at: null,
    created_at: AT,
    ...row,
  };
}
