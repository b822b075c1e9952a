// Every table of the relational store as its rows are read and written: with tables/, which has those of money, usage and
// vehicle licensing, the one place that names columns. Times are
// wall times in ms since 1970, money is decimal text of whole micro-units, and every integer is a safe JavaScript number
// (the door, store.ts, refuses others). JSON columns hold text; whoever owns the column reads it by its schema.
//
//   customer ─▶ apps ─▶ accounts ◀─ devices      customer_id stands on every row that a customer may see, so that
//      │         └─▶ service_specs, billing_plans      one condition hides what is another's
//      └─▶ api_keys, audit_entries, jobs

import type {
  DeadLettersTable,
  EntitlementChangesTable,
  EntitlementsTable,
  OutboxTable,
  QueueEntriesTable,
  UseLeasesTable,
  UseReportsTable,
  WorkLeasesTable,
} from './tables/entitlement-tables.ts';
import type {
  AccountPeriodsTable,
  BalanceEntriesTable,
  BalancesTable,
  ChargeAccumulatorsTable,
  ChargeMarksTable,
  UnsentChargesTable,
} from './tables/money-tables.ts';
import type {
  OtaKeysTable,
  OtaMetadataTable,
  OtaRequestsTable,
  OtaRootsTable,
  PackagesTable,
  ReleasesTable,
  VehicleInstallsTable,
  VehicleManifestsTable,
  VehiclePartsTable,
} from './tables/ota-tables.ts';
import type {
  CertificateAuthoritiesTable,
  CertificatesTable,
  EnrolmentTokensTable,
  UsedChallengesTable,
  VehicleKeysTable,
  VehiclesTable,
} from './tables/pki-tables.ts';
import type { GrantsTable, SigningKeysTable } from './tables/grant-tables.ts';
import type {
  LineNodesTable,
  VehicleDownsTable,
  VehicleLinesTable,
  VehicleUpsTable,
} from './tables/line-tables.ts';
import type { ShopTables } from './tables/shop-tables.ts';
import type { UsageDayMarksTable, UsageDaysTable } from './tables/usage-tables.ts';

/** 0 or 1, as SQLite has no booleans. */
export type Flag = 0 | 1;

export interface CustomersTable {
  id: string;
  name: string;
  status: 'active' | 'suspended';
  created_at: number;
  updated_at: number;
}

export interface ApiKeysTable {
  id: string;
  /** Null for those of operators, who see all. */
  customer_id: string | null;
  name: string;
  role: string;
  /** SHA-256 of the secret half, hex. */
  secret_hash: string;
  /** JSON: address ranges it may come from; null is anywhere. */
  ip_ranges: string | null;
  expires_at: number | null;
  revoked_at: number | null;
  last_used_at: number | null;
  created_at: number;
}

export interface MountpointsTable {
  id: string;
  customer_id: string | null;
  name: string;
  /** JSON, by caster/accounts/mountpoint-settings.ts: without its name and source password. */
  settings: string;
  /** Sealed under the master key; null where the mountpoint takes no base of its own. */
  source_password_sealed: string | null;
  created_at: number;
  updated_at: number;
}

export interface ServiceSpecsTable {
  id: string;
  customer_id: string | null;
  name: string;
  /** JSON, by caster/accounts/service-spec.ts. */
  spec: string;
  created_at: number;
  updated_at: number;
}

export interface BillingPlansTable {
  id: string;
  customer_id: string | null;
  name: string;
  /** JSON, by caster/accounts/billing-plan.ts. */
  plan: string;
  /** Since when it counts what it counts, by that calendar; null is since it was made. */
  counts_since: number | null;
  created_at: number;
  updated_at: number;
}

/** Kept for what was used by them and is not charged yet. */
export interface DeletedBillingPlansTable {
  id: string;
  plan: string;
  deleted_at: number;
}

export interface AppsTable {
  id: string;
  customer_id: string | null;
  name: string;
  app_key: string;
  /** Sealed under the master key (AES-256-GCM). */
  secret_sealed: string;
  /** The one before, good until `previous_secret_until`. */
  previous_secret_sealed: string | null;
  previous_secret_until: number | null;
  status: 'active' | 'suspended';
  activation: 'first_connect' | 'console' | 'terminal';
  /** 1: only devices that were bound beforehand may present this app. */
  bound: Flag;
  service_spec_id: string | null;
  billing_plan_id: string | null;
  /** JSON: address ranges its devices may come from; null is anywhere. */
  ip_ranges: string | null;
  /** JSON, by caster/accounts/app-policy.ts: devices, sessions, logins per minute, what a second login does. */
  quota: string;
  /** JSON, by caster/accounts/app-policy.ts: when an account goes back to the pool. */
  allocation: string;
  /** Since when it has its billing plan; null is since it was made. */
  plan_since: number | null;
  created_at: number;
  updated_at: number;
}

export interface AccountsTable {
  id: string;
  app_id: string;
  /** That of its app, repeated. */
  customer_id: string | null;
  username: string;
  /** Null where the password is derived from account key, id and version; else argon2id. */
  password_hash: string | null;
  password_version: number;
  status: 'active' | 'suspended';
  /** Own ones go before the app's. */
  service_spec_id: string | null;
  billing_plan_id: string | null;
  activated_at: number | null;
  valid_until: number | null;
  /** Uniform in 0 … 2^31 - 1, drawn at creation: a pick at random is a seek in (app_id, held, random_key). */
  random_key: number;
  /** The device it is bound to for good (devices.id), whether held or not; such an account is never drawn. */
  bound_device_id: string | null;
  /**
   * 1 while somebody has it: a device (`d:` and devices.id), one nameless login (`n:` and its nonce), or those who use
   * it by its own password (`p:` and its id), on the nodes of plain_uses.
   */
  held: Flag;
  holder: string | null;
  held_until: number | null;
  /** The node that last prolonged it: what a dead one held goes back. */
  held_node: string | null;
  last_login_at: number | null;
  note: string | null;
  /** Since when it has its own billing plan, or none of its own; null is since it was made. */
  plan_since: number | null;
  created_at: number;
  updated_at: number;
}

/** Accounts that caster/accounts/device-accounts.ts made; others are not its own to end. */
export interface GivenAccountsTable {
  account_id: string;
}

export interface DevicesTable {
  id: string;
  app_id: string;
  customer_id: string | null;
  /** As the device names itself, unique within its app. */
  device_id: string;
  status: 'active' | 'blocked';
  /** 1: bound by operator, customer or CSV; 0: seen at a login of an app that is not bound. */
  bound: Flag;
  /** The account bound to it for good. */
  account_id: string | null;
  /** The one it had last: it gets that again where it is free. */
  last_account_id: string | null;
  last_seen_at: number | null;
  created_at: number;
}

export interface ClosedSessionsTable {
  /** The session's own id. */
  id: string;
  customer_id: string | null;
  app_id: string | null;
  account_id: string | null;
  /** The account's user name, also of one from the configuration file. */
  account: string | null;
  device: string | null;
  role: 'rover' | 'base';
  mountpoint: string;
  address: string;
  user_agent: string;
  ntrip_version: number;
  secure: Flag;
  node: string;
  started_at: number;
  ended_at: number;
  duration_ms: number;
  reason: string;
  bytes: number;
  epochs: number;
  frames: number;
  epochs_dropped: number;
  frames_dropped: number;
  unacknowledged_bytes: number;
}

/** Refusals of the last days, those alike as one row. */
export interface RefusalsTable {
  id: string;
  customer_id: string | null;
  app_id: string | null;
  account_id: string | null;
  /** As presented: account, app key, or app key and device. Never a password. */
  username: string;
  device: string | null;
  address: string;
  mountpoint: string;
  role: string;
  /** The step of admission that refused. */
  step: string;
  reason: string;
  detail: string | null;
  count: number;
  first_at: number;
  last_at: number;
}

export interface AuditEntriesTable {
  id: string;
  customer_id: string | null;
  at: number;
  /** `owner`, an API key's id, `app` and its id, `cli`, or `system`. */
  actor: string;
  role: string;
  action: string;
  target_kind: string;
  target_id: string;
  /** JSON without secrets. */
  before: string | null;
  after: string | null;
  address: string | null;
  request_id: string | null;
}

export interface IdempotencyKeysTable {
  /** SHA-256 over actor, method, path and key. */
  id: string;
  request_hash: string;
  /** Null while the request is under way. */
  status: number | null;
  response: string | null;
  created_at: number;
}

export interface JobsTable {
  id: string;
  customer_id: string | null;
  actor: string;
  kind: string;
  state: 'running' | 'done' | 'failed';
  total: number;
  done: number;
  failed: number;
  /** JSON: what was asked for, without secrets. */
  request: string;
  node: string;
  created_at: number;
  finished_at: number | null;
}

export interface JobRowsTable {
  job_id: string;
  /** From 0, in the order of the request. */
  row: number;
  ok: Flag;
  /** What the row is about, such as an account's or a device's id. */
  target: string | null;
  code: string | null;
  detail: string | null;
}

export interface NodesTable {
  /** Made anew at every start. */
  id: string;
  name: string;
  started_at: number;
  seen_at: number;
}

/** One row for each node on which somebody uses an account by its own password. */
export interface PlainUsesTable {
  account_id: string;
  node: string;
}

export interface Tables extends ShopTables {
  customers: CustomersTable;
  api_keys: ApiKeysTable;
  mountpoints: MountpointsTable;
  service_specs: ServiceSpecsTable;
  billing_plans: BillingPlansTable;
  deleted_billing_plans: DeletedBillingPlansTable;
  apps: AppsTable;
  accounts: AccountsTable;
  devices: DevicesTable;
  given_accounts: GivenAccountsTable;
  closed_sessions: ClosedSessionsTable;
  refusals: RefusalsTable;
  audit_entries: AuditEntriesTable;
  idempotency_keys: IdempotencyKeysTable;
  jobs: JobsTable;
  job_rows: JobRowsTable;
  nodes: NodesTable;
  plain_uses: PlainUsesTable;
  balances: BalancesTable;
  balance_entries: BalanceEntriesTable;
  charge_accumulators: ChargeAccumulatorsTable;
  charge_marks: ChargeMarksTable;
  unsent_charges: UnsentChargesTable;
  account_periods: AccountPeriodsTable;
  usage_days: UsageDaysTable;
  usage_day_marks: UsageDayMarksTable;
  certificate_authorities: CertificateAuthoritiesTable;
  vehicles: VehiclesTable;
  certificates: CertificatesTable;
  vehicle_keys: VehicleKeysTable;
  enrolment_tokens: EnrolmentTokensTable;
  used_challenges: UsedChallengesTable;
  packages: PackagesTable;
  releases: ReleasesTable;
  ota_requests: OtaRequestsTable;
  vehicle_manifests: VehicleManifestsTable;
  vehicle_parts: VehiclePartsTable;
  vehicle_installs: VehicleInstallsTable;
  ota_keys: OtaKeysTable;
  ota_roots: OtaRootsTable;
  ota_metadata: OtaMetadataTable;
  entitlements: EntitlementsTable;
  entitlement_changes: EntitlementChangesTable;
  outbox: OutboxTable;
  queue_entries: QueueEntriesTable;
  dead_letters: DeadLettersTable;
  work_leases: WorkLeasesTable;
  use_leases: UseLeasesTable;
  use_reports: UseReportsTable;
  signing_keys: SigningKeysTable;
  grants: GrantsTable;
  line_nodes: LineNodesTable;
  vehicle_lines: VehicleLinesTable;
  vehicle_downs: VehicleDownsTable;
  vehicle_ups: VehicleUpsTable;
}
