// The keys that the cloud signs grants and activation strings with: ES256 for vehicles with RSA keys, SM2 for those with
// SM2 keys. Made at first use and sealed under the master key, as those of the authorities; of nodes that make one at the
// same moment one wins, for all. They leave the store for the crypto pool only, and must never reach a log.

import { SIGNING_KEY_OVERLAP_MS } from '../../config/limits.ts';
import type { Secrets } from '../../platform/secrets/sealed-box.ts';
import { newId } from '../../platform/store/id.ts';
import type { Kysely } from '../../platform/store/sql.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { SigningKeysTable } from '../../platform/store/tables/grant-tables.ts';
import type { KeyAlgorithm } from '../pki/keys.ts';
import type { NamedSigningKey } from './format/envelope.ts';
import type { GrantsCrypto } from './grants-crypto.ts';

export const SIGNING_PURPOSES = ['grant', 'activation'] as const;
export type SigningPurpose = (typeof SIGNING_PURPOSES)[number];

interface SigningKeysParts {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly crypto: Pick<GrantsCrypto, 'makeSigningKey' | 'signDocument'>;
}

/** Of a vehicle with such a key: what the cloud signs for it with. */
export function signingAlgorithmFor(algorithm: KeyAlgorithm): SigningKeysTable['algorithm'] {
  return algorithm === 'rsa' ? 'es256' : 'sm2';
}

export class SigningKeys {
  readonly #parts: SigningKeysParts;

  constructor(parts: SigningKeysParts) {
    this.#parts = parts;
  }

  /** What signs now, for vehicles with keys of `algorithm`. Made where there is none. */
  async current(purpose: SigningPurpose, algorithm: KeyAlgorithm): Promise<NamedSigningKey> {
    const wanted = signingAlgorithmFor(algorithm);
    const found = (await this.#inUse(purpose, wanted)) ?? (await this.#make(purpose, wanted));
    const text = this.#parts.secrets.open(found.key_sealed, contextOf(found.id));
    if (text === undefined)
      throw new Error(`the signing key ${found.id} does not open under this master key`);
    return { kid: found.id, algorithm: found.algorithm, pkcs8: Buffer.from(text, 'base64') };
  }

  /** A document for a vehicle, signed by the grant key that it names (`kid`); JSON. */
  async signFor(algorithm: KeyAlgorithm, document: object): Promise<string> {
    const key = await this.current('grant', algorithm);
    return await this.#parts.crypto.signDocument({ key, document: { ...document, kid: key.kid } });
  }

  /** Those that vehicles may trust at `nowMs`, the ones in use first. */
  async trusted(algorithm: KeyAlgorithm, nowMs: number): Promise<SigningKeysTable[]> {
    // Whoever asks must see what will sign.
    for (const purpose of SIGNING_PURPOSES) await this.current(purpose, algorithm);
    const rows = await this.#parts.store.db
      .selectFrom('signing_keys')
      .selectAll()
      .where('algorithm', '=', signingAlgorithmFor(algorithm))
      .where((one) => one.or([one('retired_at', 'is', null), one('retired_at', '>', nowMs)]))
      .orderBy('id', 'desc')
      .execute();
    return rows;
  }

  /**
   * Signs with a new key from now on. Vehicles trust the old one for a while yet, for what is under way; where it was
   * given away (`isCompromised`), none from now on.
   */
  async rotate(
    purpose: SigningPurpose,
    algorithm: KeyAlgorithm,
    { nowMs, isCompromised }: { readonly nowMs: number; readonly isCompromised: boolean },
  ): Promise<RotationDraft> {
    const row = await this.#draft(purpose, signingAlgorithmFor(algorithm), nowMs);
    return {
      record: async (tx) => {
        await tx
          .updateTable('signing_keys')
          .set({ retired_at: isCompromised ? nowMs : nowMs + SIGNING_KEY_OVERLAP_MS })
          .where('purpose', '=', purpose)
          .where('algorithm', '=', row.algorithm)
          .where((one) =>
            isCompromised
              ? one.or([one('retired_at', 'is', null), one('retired_at', '>', nowMs)])
              : one('retired_at', 'is', null),
          )
          .execute();
        await tx.insertInto('signing_keys').values(row).execute();
        return row;
      },
    };
  }

  async #inUse(
    purpose: SigningPurpose,
    algorithm: SigningKeysTable['algorithm'],
  ): Promise<SigningKeysTable | undefined> {
    return await this.#parts.store.db
      .selectFrom('signing_keys')
      .selectAll()
      .where('purpose', '=', purpose)
      .where('algorithm', '=', algorithm)
      .where('retired_at', 'is', null)
      .executeTakeFirst();
  }

  async #make(purpose: SigningPurpose, algorithm: SigningKeysTable['algorithm']): Promise<SigningKeysTable> {
    const row = await this.#draft(purpose, algorithm, Date.now());
    await this.#parts.store.write((tx) =>
      tx
        .insertInto('signing_keys')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .execute(),
    );
    const found = await this.#inUse(purpose, algorithm);
    if (found === undefined) throw new Error(`no ${purpose} key in the store after it was put there`);
    return found;
  }

  async #draft(
    purpose: SigningPurpose,
    algorithm: SigningKeysTable['algorithm'],
    nowMs: number,
  ): Promise<SigningKeysTable> {
    const { pkcs8, spki } = await this.#parts.crypto.makeSigningKey(algorithm);
    const id = newId('sgk');
    return {
      ...{ id, purpose, algorithm },
      spki: Buffer.from(spki).toString('base64url'),
      key_sealed: this.#parts.secrets.seal(Buffer.from(pkcs8).toString('base64'), contextOf(id)),
      created_at: nowMs,
      retired_at: null,
    };
  }
}

export interface RotationDraft {
  /** Within the transaction of whoever asked for it. */
  readonly record: (tx: Kysely<Tables>) => Promise<SigningKeysTable>;
}

/** What a key is sealed for: it opens for no other row. */
function contextOf(id: string): string {
  return `signing key ${id}`;
}
