// What a vehicle does with a grant that arrives, in the order in which it must be done: each attack ends at its own step.
// The private key is used only for what the cloud has signed for this very vehicle, and what is newer than all before.

import type { PrivateKey } from '../../pki/keys.ts';
import { readActivation } from './activation-string.ts';
import { type ActivationPayload, type GrantContent, grantDocument, type GrantDocument } from './documents.ts';
import { OPEN_REFUSALS, openEnvelope } from './envelope.ts';
import type { VerifyingKey } from './signature.ts';
import { readSignedJson, verifyJson } from './signed-json.ts';

/** In the order of the steps. */
export const GRANT_REFUSALS = [
  /** No grant, or none of a version that is known here. */
  'grant_malformed',
  'kid_unknown',
  /** By somebody who has the public certificate, or changed on its way. */
  'grant_forged',
  'other_vehicle',
  'other_certificate',
  /** Its number is not above the last one of its part: replayed, or overtaken by a later one. */
  'seq_not_new',
  'not_valid_yet',
  ...OPEN_REFUSALS,
  'activation_malformed',
  'activation_forged',
  /** The activation string is another grant's, or says something else than the right. */
  'activation_differs',
] as const;

export type GrantRefusal = (typeof GRANT_REFUSALS)[number];

export interface NamedVerifyingKey extends VerifyingKey {
  readonly kid: string;
}

export interface Receiver {
  readonly vin: string;
  /** Undefined where it is none of this vehicle's: the certificate in use, and the one before while it is still kept. */
  keyOf(certID: string): PrivateKey | undefined;
  readonly grantKeys: readonly NamedVerifyingKey[];
  readonly activationKeys: readonly VerifyingKey[];
  /** The greatest number of this part that was ever taken; 0 where there was none. */
  lastSeqOf(partNumber: string): number;
  readonly nowS: number;
}

export type TakenGrant =
  | {
      readonly ok: true;
      readonly grant: GrantDocument;
      readonly content: GrantContent;
      readonly activation: ActivationPayload;
    }
  | {
      readonly ok: false;
      readonly reason: GrantRefusal;
      readonly detail?: string;
      /** What it says it is, where it could be read: for a receipt. */
      readonly grant?: GrantDocument;
    };

/** How far the clocks of cloud and vehicle may be apart, seconds. */
const CLOCK_SLACK_S = 300;

export function takeGrant(bytes: Uint8Array, receiver: Receiver): TakenGrant {
  const read = readSignedJson(bytes, grantDocument);
  if (!read.ok) return { ok: false, reason: 'grant_malformed', detail: read.reason };
  const grant = read.document;
  const refused = (reason: GrantRefusal, detail?: string): TakenGrant => ({
    ...{ ok: false, reason, grant },
    ...(detail === undefined ? {} : { detail }),
  });
  const signer = receiver.grantKeys.find(({ kid }) => kid === grant.kid);
  if (signer === undefined) return refused('kid_unknown');
  if (!verifyJson(signer, grant)) return refused('grant_forged');
  if (grant.vin !== receiver.vin) return refused('other_vehicle');
  const key = receiver.keyOf(grant.certID);
  if (key === undefined) return refused('other_certificate');
  if (grant.seq <= receiver.lastSeqOf(grant.partNumber)) return refused('seq_not_new');
  if (grant.nbf > receiver.nowS + CLOCK_SLACK_S) return refused('not_valid_yet');
  const opened = openEnvelope(grant, key);
  if (!opened.ok) return refused(opened.reason, opened.detail);
  const activation = readActivation(opened.content.activation, receiver.activationKeys);
  if (!activation.ok) return refused(activation.reason);
  if (!isOfOneGrant(grant, opened.content, activation.payload)) return refused('activation_differs');
  return { ok: true, grant, content: opened.content, activation: activation.payload };
}

function isOfOneGrant(
  grant: GrantDocument,
  { softRight }: GrantContent,
  payload: ActivationPayload,
): boolean {
  return (
    payload.vin === grant.vin &&
    payload.grantId === grant.grantId &&
    payload.seq === grant.seq &&
    payload.partNumber === grant.partNumber &&
    payload.version === softRight.version &&
    payload.instruction === (grant.state === 'active' ? 'activate' : 'deactivate') &&
    payload.count === softRight.uses
  );
}
