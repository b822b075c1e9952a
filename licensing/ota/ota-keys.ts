// The keys of the metadata and the chain of root metadata. Made at first use: three root keys of which two sign, and one
// key for each other role, all sealed under the master key. Root keys can be taken out of the store (they are needed for
// a rotation only, once a year at least); the others sign for vehicles at any time. Every root stays: a vehicle that
// slept goes through all of them.

import { OTA_ROOT_KEYS, OTA_ROOT_MS, OTA_ROOT_RENEWAL_MS, OTA_ROOT_THRESHOLD } from '../../config/limits.ts';
import type { Secrets } from '../../platform/secrets/sealed-box.ts';
import type { Transaction } from '../../platform/store/sql.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { OtaKeysTable } from '../../platform/store/tables/ota-tables.ts';
import {
  makeRoot,
  makeTufKey,
  type PublicTufKey,
  type RootFacts,
  TUF_ROLES,
  type TufKey,
  tufKeyOf,
  type TufRole,
} from './tuf-metadata.ts';

export type OnlineRole = Exclude<TufRole, 'root'>;

export interface KeyParts {
  readonly store: Store;
  readonly secrets: Secrets;
}

export type Rotated =
  | { readonly ok: true; readonly version: number }
  /** Fewer root keys than must sign are in the store, and were given. */
  | { readonly ok: false; readonly reason: 'root_keys_missing' };

/** The keys that sign now; the root's are opened where a root is made only. */
export type CurrentKeys = Readonly<Record<OnlineRole, TufKey>>;

/** One key of each role, as the newest root has it. For the same store always the same, until a rotation. */
export async function openOtaKeys(parts: KeyParts, nowMs: number): Promise<CurrentKeys> {
  const found = await readKeys(parts);
  if (found !== undefined) return found;
  await parts.store.write((tx) => makeAll(tx, parts.secrets, nowMs));
  const made = await readKeys(parts);
  if (made === undefined) throw new Error('no keys of the metadata in the store after they were put there');
  return made;
}

/** Undefined before there is one. `version` 0 is the newest. */
export async function rootFile(
  { store }: Pick<KeyParts, 'store'>,
  version: number,
): Promise<string | undefined> {
  let rows = store.db.selectFrom('ota_roots').select('body').orderBy('version', 'desc').limit(1);
  if (version > 0) rows = rows.where('version', '=', version);
  return (await rows.executeTakeFirst())?.body;
}

/**
 * The next root: signed by those of the last one and, where root keys change, by the new ones too. `roles` get new keys;
 * with none it only lasts anew. `given` are root keys that are not in the store.
 */
export async function rotateKeys(
  parts: KeyParts,
  roles: readonly TufRole[],
  given: readonly Uint8Array[],
  nowMs: number,
): Promise<Rotated> {
  for (;;) {
    const rotated = await parts.store.write((tx) => rotateIn(tx, parts.secrets, { roles, given, nowMs }));
    // Somebody else made that root at the same moment: ours comes behind it.
    if (rotated !== undefined) return rotated;
  }
}

/**
 * Where all keys for it are in the store, the root lasts anew in time; false where it cannot and soon ends. Before there
 * is one nothing is made.
 */
export async function renewRoot({ store, secrets }: KeyParts, nowMs: number): Promise<boolean> {
  const isDue = async (db: Reader): Promise<boolean> => {
    const root = await newestRoot(db);
    return root !== undefined && root.expires_at - nowMs <= OTA_ROOT_RENEWAL_MS;
  };
  if (!(await isDue(store.db))) return true;
  return await store.write(async (tx) => {
    // Nodes look at the same time; one has renewed it for all.
    if (!(await isDue(tx))) return true;
    const rotated = await rotateIn(tx, secrets, { roles: [], given: [], nowMs });
    return rotated?.ok ?? true;
  });
}

/** When the newest root ends; undefined before there is one. */
export async function rootEndsMs({ store }: Pick<KeyParts, 'store'>): Promise<number | undefined> {
  return (await newestRoot(store.db))?.expires_at;
}

/** The root keys as DER, for somebody to keep elsewhere; those that are in the store. With `forget` they leave it. */
export async function takeRootKeys(
  { store, secrets }: KeyParts,
  options: { readonly forget: boolean },
): Promise<TufKey[]> {
  const rows = (await activeRows(store.db)).filter(({ role }) => role === 'root');
  const keys = rows.flatMap((row) => openKey(secrets, row) ?? []);
  if (options.forget && keys.length > 0) {
    const ids = keys.map(({ id }) => id);
    await store.write((tx) =>
      tx.updateTable('ota_keys').set({ private_key_sealed: null }).where('id', 'in', ids).execute(),
    );
  }
  return keys;
}

interface Rotation {
  readonly roles: readonly TufRole[];
  readonly given: readonly Uint8Array[];
  readonly nowMs: number;
}

/** Undefined where somebody else has made that root meanwhile: nothing is written then. */
async function rotateIn(
  tx: Transaction<Tables>,
  secrets: Secrets,
  { roles, given, nowMs }: Rotation,
): Promise<Rotated | undefined> {
  const last = await newestRoot(tx);
  const rows = await activeRows(tx);
  const old = rows.filter(({ role }) => role === 'root');
  const outside = given.map(tufKeyOf);
  const signers = old.flatMap((row) => {
    const key = openKey(secrets, row) ?? outside.find(({ id }) => id === row.id);
    return key === undefined ? [] : [key];
  });
  if (last === undefined || signers.length < OTA_ROOT_THRESHOLD)
    return { ok: false, reason: 'root_keys_missing' };
  const fresh: { role: TufRole; key: TufKey }[] = roles.flatMap((role) => newKeysOf(role));
  const facts = rootFacts(last.version + 1, nowMs, [
    ...rows.filter(({ role }) => !roles.includes(role)).map(publicOf),
    ...fresh.map(({ role, key }) => ({ role, key })),
  ]);
  const newSigners = fresh.filter(({ role }) => role === 'root').map(({ key }) => key);
  const body = makeRoot(facts, [...signers, ...newSigners]);
  if (!(await insertRoot(tx, facts, body, nowMs))) return undefined;
  for (const role of roles) {
    const retired = tx.updateTable('ota_keys').set({ retired_at: nowMs, private_key_sealed: null });
    await retired.where('role', '=', role).where('retired_at', 'is', null).execute();
  }
  await insertKeys(tx, secrets, fresh, nowMs);
  return { ok: true, version: facts.version };
}

type Reader = Pick<Transaction<Tables>, 'selectFrom'>;

async function newestRoot(db: Reader): Promise<{ version: number; expires_at: number } | undefined> {
  return await db
    .selectFrom('ota_roots')
    .select(['version', 'expires_at'])
    .orderBy('version', 'desc')
    .executeTakeFirst();
}

async function readKeys({ store, secrets }: KeyParts): Promise<CurrentKeys | undefined> {
  if ((await newestRoot(store.db)) === undefined) return undefined;
  const rows = await activeRows(store.db);
  const of = (role: OnlineRole): TufKey => {
    const row = rows.find((one) => one.role === role);
    const key = row === undefined ? undefined : openKey(secrets, row);
    if (key === undefined)
      throw new Error(`the ${role} key of the metadata does not open under this master key`);
    return key;
  };
  return { targets: of('targets'), snapshot: of('snapshot'), timestamp: of('timestamp') };
}

async function makeAll(tx: Transaction<Tables>, secrets: Secrets, nowMs: number): Promise<void> {
  const made = TUF_ROLES.flatMap(newKeysOf);
  const facts = rootFacts(1, nowMs, made);
  const signers = made.filter(({ role }) => role === 'root').map(({ key }) => key);
  // Of two nodes that start together one wins, for both.
  if (!(await insertRoot(tx, facts, makeRoot(facts, signers), nowMs))) return;
  await insertKeys(tx, secrets, made, nowMs);
}

function newKeysOf(role: TufRole): { role: TufRole; key: TufKey }[] {
  return Array.from({ length: role === 'root' ? OTA_ROOT_KEYS : 1 }, () => ({ role, key: makeTufKey() }));
}

function rootFacts(
  version: number,
  nowMs: number,
  keys: readonly { readonly role: TufRole; readonly key: PublicTufKey }[],
): RootFacts {
  const of = (role: TufRole) => ({
    keys: keys.filter((one) => one.role === role).map(({ key }) => key),
    threshold: role === 'root' ? OTA_ROOT_THRESHOLD : 1,
  });
  return {
    version,
    expiresMs: nowMs + OTA_ROOT_MS,
    roles: { root: of('root'), targets: of('targets'), snapshot: of('snapshot'), timestamp: of('timestamp') },
  };
}

async function insertRoot(
  tx: Transaction<Tables>,
  { version, expiresMs }: RootFacts,
  body: string,
  nowMs: number,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('ota_roots')
    .values({ version, body, expires_at: expiresMs, created_at: nowMs })
    .onConflict((conflict) => conflict.column('version').doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

async function insertKeys(
  tx: Transaction<Tables>,
  secrets: Secrets,
  made: readonly { readonly role: TufRole; readonly key: TufKey }[],
  nowMs: number,
): Promise<void> {
  if (made.length === 0) return;
  const rows = made.map(({ role, key }): OtaKeysTable => {
    const sealed = secrets.seal(Buffer.from(key.pkcs8).toString('base64'), contextOf(key.id));
    const { id, publicKey } = key;
    return {
      id,
      role,
      public_key: publicKey,
      private_key_sealed: sealed,
      retired_at: null,
      created_at: nowMs,
    };
  });
  await tx.insertInto('ota_keys').values(rows).execute();
}

async function activeRows(db: Reader): Promise<OtaKeysTable[]> {
  return await db
    .selectFrom('ota_keys')
    .selectAll()
    .where('retired_at', 'is', null)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

function publicOf({ role, id, public_key: publicKey }: OtaKeysTable): { role: TufRole; key: PublicTufKey } {
  return { role, key: { id, publicKey } };
}

function openKey(secrets: Secrets, { id, private_key_sealed: sealed }: OtaKeysTable): TufKey | undefined {
  if (sealed === null) return undefined;
  const text = secrets.open(sealed, contextOf(id));
  return text === undefined ? undefined : tufKeyOf(Buffer.from(text, 'base64'));
}

/** What a key is sealed for: it opens for no other row. */
function contextOf(id: string): string {
  return `ota key ${id}`;
}
