// Turns a presented API key into who it stands for. Keys are found by their id and compared by a hash of their secret;
// records are kept in memory for some seconds and dropped as soon as a change is told, so that a process that shares
// the store with another still learns of a revocation without a message.

import { BlockList, isIPv6 } from 'node:net';
import { API_KEY_KEPT_MS, API_KEY_LAST_USED_PERIOD_MS, API_KEYS_KEPT_MAX } from '../../config/limits.ts';
import { type Journal } from '../observe/journal.ts';
import { isSecretOf } from '../secrets/secret-hash.ts';
import { type Store } from '../store/store.ts';
import { type Actor } from './actor.ts';
import { type ChangePort } from './change-port.ts';
import { problem, type Problem } from './problem.ts';
import { isRole, type Role } from './roles.ts';

interface KeyRecord {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly customerId: string | null;
  readonly isSuspended: boolean;
  readonly secretHash: string;
  /** Undefined where it may come from anywhere. */
  readonly ranges: BlockList | undefined;
  readonly expiresAtMs: number | null;
  readonly revokedAtMs: number | null;
  lastUsedAtMs: number;
  readonly readAtMs: number;
}

/** `csk_live_<id>_<secret>`: what follows `key_` in the id, then 160 random bits. */
const KEY_TEXT = /^csk_live_([a-z2-7]{16})_([a-z2-7]{32})$/;

export function keyText(id: string, secret: string): string {
  return `csk_live_${id.slice('key_'.length)}_${secret}`;
}

export class ApiKeyReader {
  readonly #store: Store;
  readonly #journal: Journal;
  readonly #kept = new Map<string, KeyRecord>();
  readonly #reading = new Map<string, Promise<KeyRecord | undefined>>();

  constructor(store: Store, changes: ChangePort, journal: Journal) {
    this.#store = store;
    this.#journal = journal;
    changes.subscribe(({ kind, id }) => {
      if (kind === 'api_key') this.#kept.delete(id);
      else if (kind === 'customer') this.#kept.clear();
    });
    changes.onMissed(() => this.#kept.clear());
  }

  async actorOf(presented: string, address: string): Promise<Actor | Problem> {
    const [, idPart, secret] = KEY_TEXT.exec(presented) ?? [];
    if (idPart === undefined || secret === undefined) return problem('key_invalid');
    const record = await this.#recordOf(`key_${idPart}`);
    // Nothing else is told to who does not have the secret.
    if (record === undefined || !isSecretOf(record.secretHash, secret)) return problem('key_invalid');
    const nowMs = Date.now();
    if (record.revokedAtMs !== null && record.revokedAtMs <= nowMs) return problem('key_revoked');
    if (record.expiresAtMs !== null && record.expiresAtMs <= nowMs) return problem('key_expired');
    if (record.isSuspended) return problem('key_suspended');
    if (record.ranges?.check(address, isIPv6(address) ? 'ipv6' : 'ipv4') === false) {
      return problem('key_address_not_allowed', { detail: `it came from ${address}` });
    }
    this.#noteUse(record, nowMs);
    const { id, name, role, customerId } = record;
    return { kind: 'api_key', id, name, role, customerId };
  }

  async #recordOf(id: string): Promise<KeyRecord | undefined> {
    const kept = this.#kept.get(id);
    if (kept !== undefined && performance.now() - kept.readAtMs < API_KEY_KEPT_MS) return kept;
    // Many requests of one key at once are one query.
    let reading = this.#reading.get(id);
    if (reading === undefined) {
      reading = this.#read(id).finally(() => this.#reading.delete(id));
      this.#reading.set(id, reading);
    }
    return await reading;
  }

  async #read(id: string): Promise<KeyRecord | undefined> {
    const readAtMs = performance.now();
    const row = await this.#store.db
      .selectFrom('api_keys')
      .leftJoin('customers', 'customers.id', 'api_keys.customer_id')
      .selectAll('api_keys')
      .select('customers.status as customer_status')
      .where('api_keys.id', '=', id)
      .executeTakeFirst();
    if (row === undefined || !isRole(row.role)) return undefined;
    const record: KeyRecord = {
      id: row.id,
      name: row.name,
      role: row.role,
      customerId: row.customer_id,
      isSuspended: row.customer_id !== null && row.customer_status !== 'active',
      secretHash: row.secret_hash,
      ranges: row.ip_ranges === null ? undefined : blockListOf(JSON.parse(row.ip_ranges) as string[]),
      expiresAtMs: row.expires_at,
      revokedAtMs: row.revoked_at,
      lastUsedAtMs: row.last_used_at ?? 0,
      readAtMs,
    };
    if (this.#kept.size >= API_KEYS_KEPT_MAX) this.#kept.delete(this.#kept.keys().next().value ?? '');
    this.#kept.set(id, record);
    return record;
  }

  #noteUse(record: KeyRecord, nowMs: number): void {
    if (nowMs - record.lastUsedAtMs < API_KEY_LAST_USED_PERIOD_MS) return;
    record.lastUsedAtMs = nowMs;
    this.#store.db
      .updateTable('api_keys')
      .set({ last_used_at: nowMs })
      .where('id', '=', record.id)
      .execute()
      .catch((error: unknown) =>
        this.#journal.recordSampled('', 'warn', 'key_use_not_noted', {
          key: record.id,
          error: String(error),
        }),
      );
  }
}

function blockListOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}
