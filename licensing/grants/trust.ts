// The trust document of an algorithm: which keys of the cloud vehicles may trust, where the broker is and where packages
// come from; signed by the issuing authority, whose certificate a vehicle checks against the root that it pinned.

import { TRUST_KEPT_MS } from '../../config/limits.ts';
import type { Authorities } from '../pki/authorities.ts';
import type { KeyAlgorithm } from '../pki/keys.ts';
import type { TrustDocument } from './format/documents.ts';
import { SIGNATURE_ALGORITHM_OF } from './format/signed-json.ts';
import type { GrantsCrypto } from './grants-crypto.ts';
import type { SigningKeys, SigningPurpose } from './signing-keys.ts';

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
  /** 0 where vehicles with SM2 keys are not let in. */
  readonly tokenPort: number;
  /** PEM of what its certificate comes from, where that is another root than the vehicle's. */
  readonly ca?: string;
}

export interface TrustParts {
  readonly keys: SigningKeys;
  readonly authorities: Pick<Authorities, 'of'>;
  readonly crypto: Pick<GrantsCrypto, 'signDocument'>;
  readonly broker: (algorithm: KeyAlgorithm) => Promise<BrokerAddress>;
  readonly otaRootUrl: () => string;
  readonly now: () => number;
}

/** JSON of a TrustDocument. Anybody may ask for it, so it is signed once for all who ask within a moment. */
export class TrustDesk {
  readonly #parts: TrustParts;
  readonly #kept = new Map<KeyAlgorithm, { readonly untilMs: number; readonly text: Promise<string> }>();

  constructor(parts: TrustParts) {
    this.#parts = parts;
  }

  of(algorithm: KeyAlgorithm): Promise<string> {
    const nowMs = this.#parts.now();
    const kept = this.#kept.get(algorithm);
    if (kept !== undefined && nowMs < kept.untilMs) return kept.text;
    const text = this.#make(algorithm, nowMs);
    this.#kept.set(algorithm, { untilMs: nowMs + TRUST_KEPT_MS, text });
    text.catch(() => this.#kept.delete(algorithm));
    return text;
  }

  /** A key was changed here: whoever asks next must see it. */
  forget(): void {
    this.#kept.clear();
  }

  async #make(algorithm: KeyAlgorithm, nowMs: number): Promise<string> {
    const { keys, authorities, crypto, broker, otaRootUrl } = this.#parts;
    const rows = await keys.trusted(algorithm, nowMs);
    const of = (purpose: SigningPurpose): TrustDocument['grantKeys'] =>
      rows
        .filter((row) => row.purpose === purpose)
        .map((row) => ({ kid: row.id, algorithm: SIGNATURE_ALGORITHM_OF[row.algorithm], spki: row.spki }));
    const document: Omit<TrustDocument, 'sig'> = {
      ...{ v: 1, typ: 'trust', algorithm, issuedAt: Math.floor(nowMs / 1000) },
      ...{ grantKeys: of('grant'), activationKeys: of('activation') },
      ...{ broker: { ...(await broker(algorithm)) }, otaRootUrl: otaRootUrl() },
    };
    const { issuer } = await authorities.of(algorithm);
    return await crypto.signDocument({ key: issuer.key, document });
  }
}
