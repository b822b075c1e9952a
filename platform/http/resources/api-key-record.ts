// How an API key is shown, found and made. The secret is in no answer but the one that made it, and nowhere at rest.

import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { hashOfSecret } from '../../secrets/secret-hash.ts';
import { newId } from '../../store/id.ts';
import { locked } from '../../store/row-lock.ts';
import { type Kysely, type Selectable } from '../../store/sql.ts';
import { type Store } from '../../store/store.ts';
import { type ApiKeysTable, type Tables } from '../../store/tables.ts';
import { visible, type Actor } from '../actor.ts';
import { keyText } from '../api-key-reader.ts';
import { type AuditNote } from '../audit-note.ts';
import { KEY_ROLE_NAMES } from '../roles.ts';
import { timeOf, timeText } from '../schemas.ts';

export const apiKeySchema = z
  .strictObject({
    id: z.string(),
    customerId: z.string().nullable().meta({ description: 'Null for an operator’s: it sees all' }),
    name: z.string(),
    role: z.string(),
    ipRanges: z.array(z.string()).nullable().meta({ description: 'Null: from anywhere' }),
    status: z.enum(['active', 'expired', 'revoked']),
    expiresAt: timeText.nullable(),
    revokedAt: timeText.nullable(),
    lastUsedAt: timeText.nullable().meta({ description: 'To the minute' }),
    createdAt: timeText,
  })
  .meta({ id: 'ApiKey' });

export type ApiKey = z.input<typeof apiKeySchema>;

export const newApiKeySchema = z
  .strictObject({
    ...apiKeySchema.shape,
    key: z.string().meta({ description: 'The key itself: shown here and never again' }),
  })
  .meta({ id: 'NewApiKey' });

export const roleName = z.enum(KEY_ROLE_NAMES);

export const API_KEY_EXAMPLE: ApiKey = {
  id: 'key_2k6eqtq3h5w7yz2a',
  customerId: 'cus_2k6eqtq3h5w7yz2a',
  name: 'shop',
  role: 'agent',
  ipRanges: ['203.0.113.0/24'],
  status: 'active',
  expiresAt: null,
  revokedAt: null,
  lastUsedAt: null,
  createdAt: '2026-11-22T09:20:00.125Z',
};

export const NEW_API_KEY_EXAMPLE = {
  ...API_KEY_EXAMPLE,
  key: 'csk_live_2k6eqtq3h5w7yz2a_abcdefghijklmnopqrstuvwxyz234567',
};

export type ApiKeyRow = Selectable<ApiKeysTable>;

export function showApiKey(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    customerId: row.customer_id,
    name: row.name,
    role: row.role,
    ipRanges: row.ip_ranges === null ? null : (JSON.parse(row.ip_ranges) as string[]),
    status: statusOf(row),
    expiresAt: timeOf(row.expires_at),
    revokedAt: timeOf(row.revoked_at),
    lastUsedAt: timeOf(row.last_used_at),
    createdAt: timeOf(row.created_at),
  };
}

function statusOf({ revoked_at, expires_at }: ApiKeyRow): ApiKey['status'] {
  if (revoked_at !== null) return 'revoked';
  return expires_at !== null && expires_at <= Date.now() ? 'expired' : 'active';
}

/** A `tx` locks the row where others write beside it. */
export async function findApiKey(
  { dialect }: Pick<Store, 'dialect'>,
  db: Kysely<Tables>,
  actor: Actor,
  id: string,
): Promise<ApiKeyRow | undefined> {
  const query = db.selectFrom('api_keys').selectAll().where('id', '=', id).where(visible(actor));
  return await locked(dialect, db, query).executeTakeFirst();
}

export interface KeyWishes {
  readonly customer_id: string | null;
  readonly name: string;
  readonly role: string;
  readonly ip_ranges: string | null;
  readonly expires_at: number | null;
}

/** `text` is the key itself. */
export interface MadeKey {
  readonly row: ApiKeyRow;
  readonly text: string;
}

export function makeApiKey(wishes: KeyWishes): MadeKey {
  const id = newId('key');
  const secret = Array.from(randomBytes(32), (byte) => 'abcdefghijklmnopqrstuvwxyz234567'[byte & 31]).join(
    '',
  );
  const row = {
    ...wishes,
    id,
    secret_hash: hashOfSecret(secret),
    revoked_at: null,
    last_used_at: null,
    created_at: Date.now(),
  };
  return { row, text: keyText(id, secret) };
}

export function noteOf(row: ApiKeyRow, more: Pick<AuditNote, 'before' | 'after'>): AuditNote {
  return { target: { kind: 'api_key', id: row.id }, customerId: row.customer_id, ...more };
}
