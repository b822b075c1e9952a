// A caster with a store of its own in this process, with real worker threads and sockets, and what an operator would do
// by the API done to the store and told to the bus.

import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ConfigInput } from '../../config/schema.ts';
import { LocalBus } from '../../platform/bus/local-bus.ts';
import type { ChangeKind } from '../../platform/bus/bus.ts';
import { Journal, type JournalEvent } from '../../platform/observe/journal.ts';
import { createLog } from '../../platform/observe/log.ts';
import { secretsUnder, type Secrets } from '../../platform/secrets/sealed-box.ts';
import { newId } from '../../platform/store/id.ts';
import { insertAll } from '../../platform/store/insert-all.ts';
import { openStore, type Store } from '../../platform/store/store.ts';
import type {
  AccountsTable,
  AppsTable,
  DevicesTable,
  MountpointsTable,
} from '../../platform/store/tables.ts';
import type { ChosenPasswords } from '../../caster/accounts/account-login.ts';
import { derivedPassword, ACCOUNT_KEY_PURPOSE } from '../../caster/accounts/account-password.ts';
import { appSecretContext } from '../../caster/accounts/app-secret.ts';
import type { LiveState } from '../../caster/accounts/live/live-state.ts';
import { MemoryLiveState } from '../../caster/accounts/live/memory-live-state.ts';
import { sourcePasswordContext } from '../../caster/accounts/mountpoint-settings.ts';
import { PasswordVerifier } from '../../caster/accounts/password-verifier.ts';
import { SecondTier } from '../../caster/accounts/second-tier.ts';
import type { BalanceGate } from '../../caster/accounts/steps/check-balance.ts';
import type { TerminalLogins } from '../../caster/accounts/terminal-desk.ts';
import { Caster } from '../../workers/caster.ts';
import { claimPorts } from '../../workers/claim-ports.ts';
import { configWith } from '../unit/net/fake-house.ts';

const HOST = '127.0.0.1';

export interface MadeApp {
  readonly id: string;
  readonly key: string;
  readonly secret: string;
}

export interface MadeAccount {
  readonly id: string;
  readonly username: string;
  readonly password: string;
}

export interface TierNetwork {
  readonly caster: Caster;
  readonly tier: SecondTier;
  readonly store: Store;
  readonly live: LiveState;
  readonly port: number;
  readonly journal: Journal;
  events(name: string): JournalEvent[];
  makeApp(columns?: Partial<AppsTable>): Promise<MadeApp>;
  makeAccounts(app: MadeApp, count: number, columns?: Partial<AccountsTable>): Promise<MadeAccount[]>;
  makeDevice(app: MadeApp, deviceId: string, columns?: Partial<DevicesTable>): Promise<string>;
  makeCustomer(): Promise<string>;
  makeSpec(spec: object): Promise<string>;
  makePlan(plan: object): Promise<string>;
  /** As apps.secret_sealed holds it. */
  sealSecret(app: MadeApp, secret: string): string;
  makeMountpoint(name: string, password: string, settings?: object): Promise<string>;
  /** Changes a row and tells of it, as the API does. */
  change(
    kind: ChangeKind,
    table: 'apps' | 'accounts' | 'devices' | 'customers' | 'service_specs' | 'mountpoints',
    id: string,
    columns: object,
  ): Promise<void>;
  remove(kind: ChangeKind, table: 'apps' | 'accounts' | 'devices' | 'mountpoints', id: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startTierNetwork(
  overrides: ConfigInput = {},
  options: {
    readonly live?: LiveState;
    readonly workers?: number;
    readonly store?: Store;
    readonly balances?: BalanceGate;
    readonly chosenPasswords?: ChosenPasswords;
    readonly terminalLogins?: TerminalLogins;
  } = {},
): Promise<TierNetwork> {
  const config = configWith({
    listen: { host: HOST, ntripPort: 0, ntripsPort: 'off' },
    mountpoints: [{ name: 'TEST1', sourcePassword: 'choose-one' }],
    ...overrides,
  });
  const store = options.store ?? (await openTestStore());
  const secrets = secretsUnder(TEST_MASTER_KEY);
  const journal = new Journal(createLog({ level: 'silent', node: 'node-1' }));
  const bus = new LocalBus();
  const live = options.live ?? new MemoryLiveState();
  const tier = new SecondTier({
    ...{ store, secrets, live, bus, journal, nodeId: newId('nod'), nodeName: 'node-1' },
    chosenPasswords: options.chosenPasswords ?? new PasswordVerifier(),
    onOutage: config.live.onOutage,
    balances: options.balances,
    terminalLogins: options.terminalLogins,
  });
  await tier.start();
  const claimed = await claimPorts(config, false);
  if (!claimed.ok) throw new Error(claimed.problem.message);
  const workerCount = options.workers ?? 1;
  const caster = new Caster({
    ...{ config, ports: claimed.ports, tls: undefined, workerCount, nativeSend: true, journal, tier },
  });
  const started = await caster.start();
  if (!started.ok) throw new Error(started.detail);
  const port = claimed.ports.ntripPort!;
  return {
    ...{ caster, tier, store, live, port, journal },
    ...makers(store, secrets),
    events: (name) => journal.recent().filter(({ event }) => event === name),
    async change(kind, table, id, columns) {
      await store.db.updateTable(table).set(columns).where('id', '=', id).execute();
      bus.publish({ kind, id });
    },
    async remove(kind, table, id) {
      await store.db.deleteFrom(table).where('id', '=', id).execute();
      bus.publish({ kind, id });
    },
    sealSecret: (app, secret) => secrets.seal(secret, appSecretContext(app.id)),
    async makeMountpoint(name, password, settings = {}) {
      const row = mountpointRow(secrets, name, password, settings);
      await store.db.insertInto('mountpoints').values(row).execute();
      bus.publish({ kind: 'mountpoint', id: row.id });
      return row.id;
    },
    async stop() {
      await caster.stop();
      await tier.stop();
      await live.close();
      if (options.store === undefined) await store.close();
    },
  };
}

export const TEST_MASTER_KEY = Buffer.alloc(32, 7);

export async function openTestStore(): Promise<Store> {
  const opened = await openStore({
    url: 'test.db',
    dataDir: mkdtempSync(path.join(tmpdir(), 'rovercast-test-')),
  });
  if (!opened.ok) throw new Error(opened.problem.message);
  return opened.store;
}

function mountpointRow(secrets: Secrets, name: string, password: string, settings: object): MountpointsTable {
  const id = newId('mnt');
  return {
    id,
    customer_id: null,
    name,
    settings: JSON.stringify(settings),
    source_password_sealed: secrets.seal(password, sourcePasswordContext(id)),
    ...times(),
  };
}

const times = (): { created_at: number; updated_at: number } => ({
  created_at: Date.now(),
  updated_at: Date.now(),
});

type Makers = Pick<
  TierNetwork,
  'makeApp' | 'makeAccounts' | 'makeDevice' | 'makeCustomer' | 'makeSpec' | 'makePlan'
>;

function makers(store: Store, secrets: Secrets): Makers {
  const accountKey = secrets.deriveKey(ACCOUNT_KEY_PURPOSE);
  return {
    async makeApp(columns = {}) {
      const id = newId('app');
      const key = `rk_${randomBytes(8).toString('hex')}`;
      const secret = randomBytes(24).toString('base64url');
      const row: AppsTable = {
        id,
        customer_id: null,
        name: 'fleet',
        app_key: key,
        secret_sealed: secrets.seal(secret, appSecretContext(id)),
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
        ...times(),
        ...columns,
      };
      await store.db.insertInto('apps').values(row).execute();
      return { id, key, secret };
    },
    async makeAccounts(app, count, columns = {}) {
      const rows = Array.from({ length: count }, (): AccountsTable => {
        const id = newId('acc');
        return {
          id,
          app_id: app.id,
          customer_id: null,
          username: `u${id.slice(4)}`,
          password_hash: null,
          password_version: 1,
          status: 'active',
          service_spec_id: null,
          billing_plan_id: null,
          activated_at: null,
          valid_until: null,
          random_key: Math.floor(Math.random() * 2 ** 31),
          bound_device_id: null,
          held: 0,
          holder: null,
          held_until: null,
          held_node: null,
          last_login_at: null,
          note: null,
          plan_since: null,
          ...times(),
          ...columns,
        };
      });
      await store.write((tx) => insertAll(store, tx, 'accounts', rows));
      return rows.map(({ id, username }) => ({
        id,
        username,
        password: derivedPassword(accountKey, id, 1),
      }));
    },
    async makeDevice(app, deviceId, columns = {}) {
      const row: DevicesTable = {
        id: newId('dev'),
        app_id: app.id,
        customer_id: null,
        device_id: deviceId,
        status: 'active',
        bound: 1,
        account_id: null,
        last_account_id: null,
        last_seen_at: null,
        created_at: Date.now(),
        ...columns,
      };
      await store.db.insertInto('devices').values(row).execute();
      return row.id;
    },
    async makeCustomer() {
      const id = newId('cus');
      await store.db
        .insertInto('customers')
        .values({ id, name: 'customer', status: 'active', ...times() })
        .execute();
      return id;
    },
    async makeSpec(spec) {
      const id = newId('spec');
      const row = { id, customer_id: null, name: 'spec', spec: JSON.stringify(spec), ...times() };
      await store.db.insertInto('service_specs').values(row).execute();
      return id;
    },
    async makePlan(plan) {
      const id = newId('plan');
      const row = { id, customer_id: null, name: 'plan', plan: JSON.stringify(plan), ...times() };
      await store.db.insertInto('billing_plans').values(row).execute();
      return id;
    },
  };
}
