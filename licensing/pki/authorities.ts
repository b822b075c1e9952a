// Root and issuing authority of each algorithm: made at first use, kept in the store with their private keys sealed under
// the master key. Of nodes that make them at the same moment one wins, for all. The private keys leave the store for the
// crypto pool only, and must never reach a log.

import type { Secrets } from '../../platform/secrets/sealed-box.ts';
import { newId } from '../../platform/store/id.ts';
import type { Store } from '../../platform/store/store.ts';
import type { CertificateAuthoritiesTable } from '../../platform/store/tables/pki-tables.ts';
import type { Issuer } from './certificate.ts';
import type { KeyAlgorithm } from './keys.ts';
import { pemOf, readPem } from './pem.ts';
import type { MadeAuthority, PkiCrypto } from './pki-crypto.ts';

export interface Authority {
  readonly id: string;
  readonly algorithm: KeyAlgorithm;
  readonly rootPem: string;
  readonly issuingPem: string;
  readonly issuer: Issuer;
  readonly notAfterMs: number;
}

export class Authorities {
  readonly #parts: { readonly store: Store; readonly secrets: Secrets; readonly crypto: PkiCrypto };
  readonly #known = new Map<KeyAlgorithm, Promise<Authority>>();

  constructor(parts: { readonly store: Store; readonly secrets: Secrets; readonly crypto: PkiCrypto }) {
    this.#parts = parts;
  }

  of(algorithm: KeyAlgorithm): Promise<Authority> {
    const known = this.#known.get(algorithm);
    if (known !== undefined) return known;
    const opening = this.#open(algorithm);
    this.#known.set(algorithm, opening);
    // Whoever comes next tries again.
    opening.catch(() => this.#known.delete(algorithm));
    return opening;
  }

  async #open(algorithm: KeyAlgorithm): Promise<Authority> {
    const found = await this.#read(algorithm);
    if (found !== undefined) return found;
    await this.#make(algorithm);
    const made = await this.#read(algorithm);
    if (made === undefined) throw new Error(`no ${algorithm} authority in the store after it was put there`);
    return made;
  }

  async #make(algorithm: KeyAlgorithm): Promise<void> {
    const { store, secrets, crypto } = this.#parts;
    const nowMs = Date.now();
    const { root, issuing } = await crypto.makeAuthorities({ algorithm, nowMs });
    const id = newId('ca');
    const sealed = (role: Role, { pkcs8 }: MadeAuthority): string =>
      secrets.seal(Buffer.from(pkcs8).toString('base64'), contextOf(id, role));
    const row: CertificateAuthoritiesTable = {
      id,
      algorithm,
      root_certificate: pemOf('CERTIFICATE', root.certificate),
      root_key_sealed: sealed('root', root),
      issuing_certificate: pemOf('CERTIFICATE', issuing.certificate),
      issuing_key_sealed: sealed('issuing', issuing),
      not_after: issuing.notAfterMs,
      created_at: nowMs,
    };
    await store.write((tx) =>
      tx
        .insertInto('certificate_authorities')
        .values(row)
        .onConflict((conflict) => conflict.column('algorithm').doNothing())
        .execute(),
    );
  }

  async #read(algorithm: KeyAlgorithm): Promise<Authority | undefined> {
    const { store, secrets } = this.#parts;
    const row = await store.db
      .selectFrom('certificate_authorities')
      .selectAll()
      .where('algorithm', '=', algorithm)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const key = secrets.open(row.issuing_key_sealed, contextOf(row.id, 'issuing'));
    const certificate = readPem('CERTIFICATE', row.issuing_certificate);
    if (key === undefined || certificate === undefined) {
      throw new Error(`the ${algorithm} authority ${row.id} does not open under this master key`);
    }
    return {
      id: row.id,
      algorithm,
      rootPem: row.root_certificate,
      issuingPem: row.issuing_certificate,
      issuer: { key: { algorithm, pkcs8: Buffer.from(key, 'base64') }, certificate },
      notAfterMs: row.not_after,
    };
  }
}

type Role = 'root' | 'issuing';

/** What a key is sealed for: it opens for no other row. */
function contextOf(id: string, role: Role): string {
  return `certificate authority ${id} ${role} key`;
}
