// The activation string `VLA1.<payload>.<signature>`, both base64url: what the software module itself trusts, whatever the
// head unit says that handed it on. The payload is canonical JSON, signed by the activation key as it stands.

import { readBase64url, toBase64url } from '../../../platform/secrets/base64url.ts';
import { activationPayload, type ActivationPayload } from './documents.ts';
import { canonicalJson } from './jcs.ts';
import { type SigningKey, signRaw, type VerifyingKey, verifyRaw } from './signature.ts';
import { readStrictJson } from './strict-json.ts';

const FORM = /^VLA1\.([A-Za-z0-9_-]{1,6000})\.([A-Za-z0-9_-]{86})$/;

export type ReadActivation =
  | { readonly ok: true; readonly payload: ActivationPayload }
  | { readonly ok: false; readonly reason: 'activation_malformed' | 'activation_forged' };

export function makeActivation(payload: ActivationPayload, key: SigningKey): string {
  const bytes = Buffer.from(canonicalJson(payload));
  return `VLA1.${toBase64url(bytes)}.${toBase64url(signRaw(key, bytes))}`;
}

/** `keys`: those of the cloud for activations, one of which must have signed it. */
export function readActivation(text: string, keys: readonly VerifyingKey[]): ReadActivation {
  const [, payloadText = '', signatureText = ''] = FORM.exec(text) ?? [];
  const bytes = readBase64url(payloadText);
  const signature = readBase64url(signatureText);
  if (bytes === undefined || signature === undefined || bytes.length === 0)
    return refused('activation_malformed');
  if (!keys.some((key) => verifyRaw(key, bytes, signature))) return refused('activation_forged');
  const read = readStrictJson(bytes);
  const checked = read.ok ? activationPayload.safeParse(read.value) : undefined;
  return checked?.success === true ? { ok: true, payload: checked.data } : refused('activation_malformed');
}

function refused(reason: 'activation_malformed' | 'activation_forged'): ReadActivation {
  return { ok: false, reason };
}
