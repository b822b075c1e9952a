// What the cloud says may be trusted beside the root: keys of grants and activations, and where the broker is. It counts
// only by the chain: pinned root, issuing authority, document. Head unit and software modules read it each for itself.

import { type TrustDocument, trustDocument } from '../grants/format/documents.ts';
import { readBase64url } from '../../platform/secrets/base64url.ts';
import { readVerifyingKey } from '../grants/format/signature.ts';
import { readSignedJson, verifyJson } from '../grants/format/signed-json.ts';
import type { NamedVerifyingKey } from '../grants/format/take-grant.ts';
import { type AuthorityChain, checkAuthority, type ChainFault } from '../pki/certificate-chain.ts';

export interface Trust {
  readonly document: TrustDocument;
  readonly grantKeys: readonly NamedVerifyingKey[];
  readonly activationKeys: readonly NamedVerifyingKey[];
  /** PEM of what the broker's certificate must come from, where that is not the pinned root. */
  readonly brokerCa: string | undefined;
}

export type ReadTrust =
  | { readonly ok: true; readonly trust: Trust }
  | {
      readonly ok: false;
      readonly reason: ChainFault | 'trust_malformed' | 'trust_forged' | 'trust_other_algorithm';
    };

/** Takes up to 15 ms with SM2. */
export function readTrust(text: string, chain: AuthorityChain, nowMs: number): ReadTrust {
  const authority = checkAuthority(chain, nowMs);
  if (!authority.ok) return { ok: false, reason: authority.fault };
  const read = readSignedJson(Buffer.from(text), trustDocument);
  if (!read.ok) return { ok: false, reason: 'trust_malformed' };
  const { document } = read;
  if (document.algorithm !== authority.key.algorithm) return { ok: false, reason: 'trust_other_algorithm' };
  if (!verifyJson(authority.key, document)) return { ok: false, reason: 'trust_forged' };
  const ca = document.broker['ca'];
  return {
    ok: true,
    trust: {
      document,
      grantKeys: keysIn(document.grantKeys),
      activationKeys: keysIn(document.activationKeys),
      brokerCa: typeof ca === 'string' && ca !== '' ? ca : undefined,
    },
  };
}

/** Keys of an algorithm that is not known here are of no use, and no harm. */
function keysIn(keys: TrustDocument['grantKeys']): NamedVerifyingKey[] {
  return keys.flatMap(({ kid, algorithm, spki }) => {
    const bytes = readBase64url(spki);
    const key = bytes && readVerifyingKey(algorithm === 'ES256' ? 'es256' : 'sm2', bytes);
    return key === undefined ? [] : [{ kid, ...key }];
  });
}
