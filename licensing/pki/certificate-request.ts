// Certification requests (PKCS #10, RFC 2986): the proof that who asks for a certificate has the private key. The subject
// is the vehicle id, and the challengePassword attribute (RFC 2985 §5.4.1) carries the challenge that this proof answers.

import { CertificationRequest, CertificationRequestInfo, Attributes } from '@peculiar/asn1-csr';
import { AsnConvert } from '@peculiar/asn1-schema';
import { Attribute, DirectoryString, type Name, SubjectPublicKeyInfo } from '@peculiar/asn1-x509';
import {
  derOf,
  isSignatureAlgorithm,
  type KeyPair,
  readPublicKey,
  type PublicKey,
  signatureAlgorithm,
  signBytes,
  verifyBytes,
} from './keys.ts';
import { nameOf } from './names.ts';
import { OID } from './oids.ts';

export interface ProvedRequest {
  readonly key: PublicKey;
  /** Its subject's only common name. */
  readonly vehicleId: string;
  /** Empty where it has none. */
  readonly challenge: string;
}

export type RequestRefusal = 'request_malformed' | 'key_unsupported' | 'key_weak' | 'proof_wrong';

export type ReadRequest =
  | { readonly ok: true; readonly request: ProvedRequest }
  | { readonly ok: false; readonly reason: RequestRefusal; readonly detail: string };

/** Reads a request of whoever, and checks that its own key signed it. */
export function proveRequest(der: Uint8Array): ReadRequest {
  let parsed: CertificationRequest;
  try {
    parsed = AsnConvert.parse(der, CertificationRequest);
  } catch {
    return refused('request_malformed', 'this is no certification request (PKCS #10)');
  }
  const { certificationRequestInfo: info, certificationRequestInfoRaw: raw } = parsed;
  const vehicleId = commonNameOf(info.subject);
  if (raw === undefined || vehicleId === undefined) {
    return refused('request_malformed', 'its subject must have one common name, the vehicle id');
  }
  const read = readPublicKey(derOf(info.subjectPKInfo));
  if (!read.ok) return read;
  if (!isSignatureAlgorithm(read.key.algorithm, parsed.signatureAlgorithm)) {
    return refused('proof_wrong', 'it must be signed with RSA and SHA-256, or SM2 and SM3, as its key is');
  }
  if (!verifyBytes(read.key, Buffer.from(raw), Buffer.from(parsed.signature))) {
    return refused('proof_wrong', 'its signature is not by the key in it');
  }
  return { ok: true, request: { key: read.key, vehicleId, challenge: challengeOf(info) } };
}

/** What a vehicle sends. */
export function makeRequest(key: KeyPair, vehicleId: string, challenge: string): Buffer {
  const attribute = new Attribute({
    type: OID.challengePassword,
    values: [AsnConvert.serialize(new DirectoryString({ utf8String: challenge }))],
  });
  const info = new CertificationRequestInfo({
    version: 0,
    subject: nameOf({ commonName: vehicleId }),
    subjectPKInfo: AsnConvert.parse(key.spki, SubjectPublicKeyInfo),
    attributes: new Attributes([attribute]),
  });
  const request = new CertificationRequest({
    certificationRequestInfo: info,
    signatureAlgorithm: signatureAlgorithm(key.algorithm),
    signature: new Uint8Array(signBytes(key, derOf(info))).buffer,
  });
  return derOf(request);
}

function refused(reason: RequestRefusal, detail: string): ReadRequest {
  return { ok: false, reason, detail };
}

function commonNameOf(subject: Name): string | undefined {
  const names = subject.flatMap((part) => part.filter(({ type }) => type === OID.commonName));
  return names.length === 1 ? names[0]!.value.toString() : undefined;
}

function challengeOf(info: { readonly attributes?: readonly Attribute[] }): string {
  // A request may leave the attributes out altogether.
  const all = info.attributes ?? [];
  const values = all.filter(({ type }) => type === OID.challengePassword).flatMap((one) => one.values);
  if (values.length !== 1) return '';
  try {
    return AsnConvert.parse(values[0]!, DirectoryString).toString();
  } catch {
    return '';
  }
}
