// The logins of one turn and the transaction that gives each its account. May be run anew from the start: a
// transaction of PostgreSQL is, after a deadlock.

import { randomInt } from 'node:crypto';
import { freeAccounts, RANDOM_KEY_END } from '../../platform/store/free-accounts.ts';
import { newId } from '../../platform/store/id.ts';
import { insertAll } from '../../platform/store/insert-all.ts';
import { oneOf } from '../../platform/store/one-of.ts';
import { sql, type Transaction } from '../../platform/store/sql.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { AllocationAnswer, AllocationAsk } from './allocation-ask.ts';
import { deviceHolder, HELD_UNTIL_RELEASED, isPlainHolder } from './allocation-terms.ts';
import {
  ACCOUNT_COLUMNS,
  accountRecord,
  type AccountRecord,
  type AccountRow,
  type AppRecord,
  DEVICE_COLUMNS,
  deviceRecord,
  type DeviceRecord,
} from './directory-records.ts';
import { HOLD_COLUMNS, type HoldRow, onePerHolder } from './hold-rows.ts';
import { jsonRows } from './json-rows.ts';
import { lockAccounts, notePlainUses } from './letting-go.ts';

/** Another node has seen one of the devices for the first time at the same moment: begin anew, and it is known. */
export class DeviceRaced extends Error {}

type RefusedReason = Extract<AllocationAnswer, { ok: false }>['reason'];

/** What one holder asks for, however often it does within the batch. */
interface Entry {
  ask: AllocationAsk;
  device: DeviceRecord | undefined;
  isNewDevice: boolean;
  holder: string;
  /** The account that it must or should get. */
  candidate: string | undefined;
  account: AccountRecord | undefined;
  refused: RefusedReason | undefined;
  /** It held an account before it asked. */
  hadOne: boolean;
}

const columns = sql.raw(ACCOUNT_COLUMNS.map((column) => `accounts.${column}`).join(', '));

export class AllocationBatch {
  readonly #dialect: Store['dialect'];
  readonly #node: string;
  readonly #asks: readonly AllocationAsk[];
  #entries = new Map<string, Entry>();

  constructor(dialect: Store['dialect'], node: string, asks: readonly AllocationAsk[]) {
    this.#dialect = dialect;
    this.#node = node;
    this.#asks = asks;
  }

  async run(tx: Transaction<Tables>): Promise<void> {
    this.#entries = new Map();
    for (const ask of this.#asks) {
      const key = keyOf(ask);
      const known = this.#entries.get(key);
      if (known !== undefined) {
        known.ask = both(known.ask, ask);
        known.device ??= ask.device?.record;
        if (known.device !== undefined) known.holder = deviceHolder(known.device.id);
        continue;
      }
      const device = ask.device?.record;
      const holder = device === undefined ? (ask.holder ?? '') : deviceHolder(device.id);
      const candidate = ask.accountId;
      const none = { account: undefined, refused: undefined, isNewDevice: false, hadOne: false };
      this.#entries.set(key, { ask, device, holder, candidate, ...none });
    }
    await this.#meetDevices(tx);
    await this.#countDevices(tx);
    await this.#findHeld(tx);
    await this.#takeCandidates(tx);
    await this.#draw(tx);
    const plain = [...this.#entries.values()].filter(({ holder }) => isPlainHolder(holder));
    const inPlainUse = plain.flatMap(({ account }) => (account === undefined ? [] : [account.id]));
    await notePlainUses(tx, this.#dialect, this.#node, inPlainUse);
    await this.#noteDevices(tx);
  }

  answers(): AllocationAnswer[] {
    return this.#asks.map((ask) => {
      const { account, holder, device, refused, hadOne } = this.#entries.get(keyOf(ask))!;
      if (account !== undefined) return { ok: true, account, holder, device, isNew: !hadOne };
      return { ok: false, reason: refused ?? 'pool_exhausted' };
    });
  }

  #open(): Entry[] {
    return [...this.#entries.values()].filter(
      ({ account, refused }) => account === undefined && refused === undefined,
    );
  }

  /** Devices that nobody here knew: those that the store knows, and new ones. */
  async #meetDevices(tx: Transaction<Tables>): Promise<void> {
    const unknown = this.#open().filter(
      ({ ask, device }) => ask.device !== undefined && device === undefined,
    );
    if (unknown.length === 0) return;
    const wanted = unknown.map(({ ask }) => ({ app: ask.app.id, device: ask.device!.deviceId }));
    const rows = await tx
      .selectFrom('devices')
      .innerJoin(
        sql<{
          app: string;
          device: string;
        }>`(select * from ${jsonRows(this.#dialect, wanted, { app: 'text', device: 'text' })})`.as('w'),
        (join) => join.onRef('devices.app_id', '=', 'w.app').onRef('devices.device_id', '=', 'w.device'),
      )
      .select(DEVICE_COLUMNS.map((column) => `devices.${column}` as const))
      .execute();
    const known = new Map(rows.map((row) => [`${row.app_id} ${row.device_id}`, deviceRecord(row)]));
    for (const entry of unknown) {
      const { app, device } = entry.ask;
      const record = known.get(`${app.id} ${device!.deviceId}`);
      if (record === undefined && app.isBound) {
        entry.refused = 'device_not_bound';
        continue;
      }
      entry.isNewDevice = record === undefined;
      entry.device = record ?? newDevice(app, device!.deviceId);
      entry.holder = deviceHolder(entry.device.id);
    }
  }

  async #countDevices(tx: Transaction<Tables>): Promise<void> {
    const newOnes = this.#open().filter(
      ({ ask, isNewDevice }) => isNewDevice && ask.app.quota.devicesMax !== null,
    );
    if (newOnes.length === 0) return;
    const apps = [...new Set(newOnes.map(({ ask }) => ask.app.id))];
    await this.#lockApps(tx, apps);
    const rows = await tx
      .selectFrom('devices')
      .select(['app_id', (eb) => eb.fn.countAll<number>().as('count')])
      .where(oneOf(this.#dialect, 'app_id', apps))
      .groupBy('app_id')
      .execute();
    const counts = new Map(rows.map(({ app_id, count }) => [app_id, count]));
    for (const entry of newOnes) {
      const { id, quota } = entry.ask.app;
      const count = (counts.get(id) ?? 0) + 1;
      if (count > quota.devicesMax!) entry.refused = 'devices_full';
      else counts.set(id, count);
    }
  }

  /** Of two nodes that count at once neither would see what the other one writes. */
  async #lockApps(tx: Transaction<Tables>, ids: readonly string[]): Promise<void> {
    if (this.#dialect === 'sqlite') return;
    const apps = tx
      .selectFrom('apps')
      .select('id')
      .where(oneOf(this.#dialect, 'id', ids));
    await apps.orderBy('id').forNoKeyUpdate().execute();
  }

  /** What each has already, is bound to, or had last, in this order of weight: bound, held, last. */
  async #findHeld(tx: Transaction<Tables>): Promise<void> {
    const open = this.#open().filter(({ candidate }) => candidate === undefined);
    const holders = open.filter(({ isNewDevice }) => !isNewDevice).map(({ holder }) => holder);
    const rows =
      holders.length === 0
        ? []
        : await tx
            .selectFrom('accounts')
            .select(['id', 'app_id', 'holder'])
            .where('held', '=', sql.lit(1))
            .where(oneOf(this.#dialect, 'holder', holders))
            .execute();
    const held = new Map(rows.map((row) => [`${row.app_id} ${row.holder}`, row.id]));
    for (const entry of open) {
      const { device, holder, ask } = entry;
      entry.hadOne = held.has(`${ask.app.id} ${holder}`);
      entry.candidate =
        device?.accountId ?? held.get(`${ask.app.id} ${holder}`) ?? device?.lastAccountId ?? undefined;
    }
  }

  async #takeCandidates(tx: Transaction<Tables>): Promise<void> {
    const wanting = this.#open().filter(({ candidate }) => candidate !== undefined);
    if (wanting.length === 0) return;
    const rows = await this.#hold(
      tx,
      wanting.map((entry) => ({ ...this.#holding(entry), id: entry.candidate! })),
      sql`(accounts.held = 0 or accounts.holder = j.holder)
        and (accounts.bound_device_id is null or accounts.bound_device_id = j.device or j.plain = 1)`,
    );
    const taken = new Map(rows.map((row) => [row.id, row]));
    for (const entry of wanting) {
      const row = taken.get(entry.candidate!);
      if (row?.holder === entry.holder) entry.account = accountRecord(row);
      else if (entry.device?.accountId === entry.candidate) entry.refused = 'account_taken';
    }
    const left = wanting.filter(({ ask, account }) => ask.accountId !== undefined && account === undefined);
    await this.#giveAnyway(
      tx,
      left.filter(({ holder }) => isPlainHolder(holder)),
    );
    // Whoever it was lent to has lost it to another since the password was looked at.
    for (const entry of left) if (!isPlainHolder(entry.holder)) entry.refused = 'account_taken';
  }

  /** Whoever has an account's own password gets in, also where a device holds it; its places decide what comes of both. */
  async #giveAnyway(tx: Transaction<Tables>, entries: readonly Entry[]): Promise<void> {
    if (entries.length === 0) return;
    const ids = entries.map(({ candidate }) => candidate!);
    await lockAccounts(tx, this.#dialect, oneOf(this.#dialect, 'id', ids));
    const rows = await tx
      .selectFrom('accounts')
      .select(ACCOUNT_COLUMNS)
      .where(oneOf(this.#dialect, 'id', ids))
      .execute();
    const found = new Map(rows.map((row) => [row.id, row]));
    for (const entry of entries) {
      const row = found.get(entry.candidate!);
      if (row === undefined) entry.refused = 'pool_exhausted';
      else entry.account = accountRecord(row);
    }
  }

  async #draw(tx: Transaction<Tables>): Promise<void> {
    const byPool = Map.groupBy(this.#open(), ({ ask }) => `${ask.app.id} ${ask.activatedOnly}`);
    const drawn: { entry: Entry; id: string }[] = [];
    for (const entries of byPool.values()) {
      const ids = await this.#drawIds(tx, entries[0]!.ask, entries.length);
      for (const [index, entry] of entries.entries()) {
        const id = ids[index];
        if (id !== undefined) drawn.push({ entry, id });
      }
      if (ids.length === entries.length) continue;
      const reason = await this.#whyNone(tx, entries[0]!.ask);
      for (const entry of entries.slice(ids.length)) entry.refused = reason;
    }
    if (drawn.length === 0) return;
    const rows = await this.#hold(
      tx,
      drawn.map(({ entry, id }) => ({ ...this.#holding(entry), id })),
      sql`accounts.held = 0`,
    );
    const taken = new Map(rows.map((row) => [row.id, row]));
    for (const { entry, id } of drawn) {
      const row = taken.get(id);
      if (row !== undefined) entry.account = accountRecord(row);
    }
  }

  /** Up to `count` free accounts, from a random place of the pool on. */
  async #drawIds(tx: Transaction<Tables>, ask: AllocationAsk, count: number): Promise<string[]> {
    const start = randomInt(RANDOM_KEY_END);
    const free = () => this.#usable(tx, ask, ask.activatedOnly);
    const upper = await free().where('random_key', '>=', start).limit(count).execute();
    const missing = count - upper.length;
    const lower = missing === 0 ? [] : await free().where('random_key', '<', start).limit(missing).execute();
    return [...upper, ...lower].map(({ id }) => id);
  }

  #usable(tx: Transaction<Tables>, { app, nowMs }: AllocationAsk, activatedOnly: boolean) {
    const free = freeAccounts(tx)
      .select('id')
      .where('app_id', '=', app.id)
      .where('status', '=', 'active')
      .where((eb) => eb.or([eb('valid_until', 'is', null), eb('valid_until', '>', nowMs)]));
    const activated = activatedOnly ? free.where('activated_at', 'is not', null) : free;
    return this.#dialect === 'postgres' ? activated.forUpdate().skipLocked() : activated;
  }

  async #whyNone(tx: Transaction<Tables>, ask: AllocationAsk): Promise<RefusedReason> {
    if (!ask.activatedOnly) return 'pool_exhausted';
    const [one] = await this.#usable(tx, ask, false).limit(1).execute();
    if (one === undefined) return 'pool_exhausted';
    return ask.app.activation === 'console'
      ? 'activation_by_console_needed'
      : 'activation_by_terminal_needed';
  }

  #holding(entry: Entry): Omit<HoldRow, 'id'> {
    const { ask, holder, device } = entry;
    // For ever is for devices: a nameless login has another holder each time, and would never come back to it.
    const forever = ask.app.allocation.release === 'never' && device !== undefined;
    return {
      holder,
      until: forever ? HELD_UNTIL_RELEASED : ask.untilMs,
      node: forever ? null : this.#node,
      device: device?.id ?? null,
      plain: ask.accountId === undefined ? 0 : 1,
      // What is picked must not lie where it lay, or its neighbor would be picked next more often than others.
      key: randomInt(RANDOM_KEY_END),
    };
  }

  async #hold(
    tx: Transaction<Tables>,
    rows: readonly HoldRow[],
    condition: ReturnType<typeof sql>,
  ): Promise<AccountRow[]> {
    const sorted = onePerHolder(rows).toSorted((a, b) => (a.id < b.id ? -1 : 1));
    // Whose node lets go of it goes with the time: a call to another node than the one that streams to the device does
    // not make that other node answerable, and what is promised for ever stays so.
    const { rows: held } = await sql<AccountRow>`
      update accounts set held = 1, holder = j.holder, held_until = case
        when accounts.held = 1 and accounts.holder = j.holder and accounts.held_until > j.until
        then accounts.held_until else j.until end, held_node = case
        when accounts.held = 1 and accounts.holder = j.holder and (accounts.held_until > j.until
          or (accounts.held_node is null and accounts.held_until = ${HELD_UNTIL_RELEASED}))
        then accounts.held_node else j.node end, random_key = j.key
      from ${jsonRows(this.#dialect, sorted, HOLD_COLUMNS)}
      where accounts.id = j.id and ${condition} returning ${columns}`.execute(tx);
    return held;
  }

  async #noteDevices(tx: Transaction<Tables>): Promise<void> {
    const served = [...this.#entries.values()].filter(
      ({ device, account }) => device !== undefined && account !== undefined,
    );
    const fresh = served.filter(({ isNewDevice }) => isNewDevice);
    const rows = fresh.map(({ ask, device, account }) => ({
      id: device!.id,
      app_id: ask.app.id,
      customer_id: ask.app.customerId,
      device_id: device!.deviceId,
      status: 'active' as const,
      bound: 0 as const,
      account_id: null,
      last_account_id: account!.id,
      last_seen_at: ask.nowMs,
      created_at: ask.nowMs,
    }));
    const made = await insertAll({ dialect: this.#dialect }, tx, 'devices', rows, { onConflict: 'skip' });
    if (made < rows.length) throw new DeviceRaced();
    const moved = served
      .filter(({ isNewDevice, device, account }) => !isNewDevice && device!.lastAccountId !== account!.id)
      .map(({ device, account }) => ({ id: device!.id, account: account!.id }));
    if (moved.length > 0) {
      await sql`update devices set last_account_id = j.account
        from ${jsonRows(this.#dialect, moved, { id: 'text', account: 'text' })} where devices.id = j.id`.execute(
        tx,
      );
    }
    for (const entry of served) {
      if (entry.isNewDevice || entry.device!.lastAccountId !== entry.account!.id) {
        entry.device = { ...entry.device!, lastAccountId: entry.account!.id };
      }
    }
  }
}

function keyOf({ app, device, holder, accountId }: AllocationAsk): string {
  return device === undefined
    ? `${app.id} ${holder ?? ''} ${accountId ?? ''}`
    : `${app.id} ${device.deviceId}`;
}

/** What one holder asks for twice at once: held for as long as the longer, and not refused for what only one demands. */
function both(one: AllocationAsk, other: AllocationAsk): AllocationAsk {
  return {
    ...one,
    untilMs: Math.max(one.untilMs, other.untilMs),
    activatedOnly: one.activatedOnly && other.activatedOnly,
  };
}

function newDevice(app: AppRecord, deviceId: string): DeviceRecord {
  const none = { accountId: null, lastAccountId: null };
  return { id: newId('dev'), appId: app.id, deviceId, isActive: true, isBound: false, ...none };
}
