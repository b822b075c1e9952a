// Certificates (X.509 v3, RFC 5280): root, issuing authority and vehicle, for both algorithms by one layer. Pure: key,
// time and serial are given.

import { randomBytes } from 'node:crypto';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  CRLDistributionPoints,
  DistributionPoint,
  DistributionPointName,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_cRLDistributionPoints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  type Name,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509';
import { CERTIFICATE_SERIAL_BYTES } from '../../config/limits.ts';
import {
  derOf,
  keyIdentifierOf,
  type PrivateKey,
  type PublicKey,
  signatureAlgorithm,
  signBytes,
} from './keys.ts';
import { derElement, spkiIn } from './der.ts';
import { keptBy } from './kept-keys.ts';
import { nameOf, type NameParts } from './names.ts';
import { OID } from './oids.ts';

/** Who signs: the private key, and the certificate that names it. */
export interface Issuer {
  readonly key: PrivateKey;
  readonly certificate: Uint8Array;
}

export interface Times {
  /** Whole seconds of wall time, in ms since 1970. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export interface AuthorityFacts extends Times {
  readonly name: NameParts;
  readonly serial: Uint8Array;
  readonly key: PublicKey;
  /** False where it may sign vehicles only. */
  readonly isRoot: boolean;
}

export interface ServerFacts extends Times {
  readonly serial: Uint8Array;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  /** The first is its common name. */
  readonly hostNames: readonly string[];
  readonly addresses: readonly string[];
}

export interface VehicleFacts extends Times {
  readonly vehicleId: string;
  readonly serial: Uint8Array;
  readonly key: PublicKey;
  /** Where whoever else wants to know finds what was revoked. */
  readonly crlUrl: string;
}

/** RFC 5280, ub-common-name. */
const COMMON_NAME_LENGTH_MAX = 64;

/** Positive, of one length, and random enough that nobody meets one twice (RFC 5280 §4.1.2.2: 20 bytes at most). */
export function newSerial(): Buffer {
  const serial = randomBytes(CERTIFICATE_SERIAL_BYTES);
  serial[0] = (serial[0]! & 0x3f) | 0x40;
  return serial;
}

/** Of the root where `signer` is its own key; else by the root. */
export function makeAuthority(facts: AuthorityFacts, signer: PrivateKey, root?: Uint8Array): Buffer {
  const constraints = new BasicConstraints({ cA: true, ...(facts.isRoot ? {} : { pathLenConstraint: 0 }) });
  const usage = new KeyUsage(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign);
  return sealed(signer, {
    ...facts,
    subject: nameOf(facts.name),
    issuer: root === undefined ? nameOf(facts.name) : subjectOf(root),
    extensions: [
      extension(id_ce_basicConstraints, constraints, true),
      extension(id_ce_keyUsage, usage, true),
      extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyIdentifierOf(facts.key.spki))),
      extension(
        id_ce_authorityKeyIdentifier,
        authorityKey(root === undefined ? facts.key.spki : spkiOf(root)),
      ),
    ],
  });
}

export function makeVehicleCertificate(facts: VehicleFacts, { key, certificate }: Issuer): Buffer {
  const usage = new KeyUsage(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment);
  const uri = new GeneralName({ uniformResourceIdentifier: `urn:vin:${facts.vehicleId}` });
  const crl = new GeneralName({ uniformResourceIdentifier: facts.crlUrl });
  const point = new DistributionPoint({ distributionPoint: new DistributionPointName({ fullName: [crl] }) });
  return sealed(key, {
    ...facts,
    subject: nameOf({ commonName: facts.vehicleId }),
    issuer: subjectOf(certificate),
    // No basicConstraints: what says "no authority" is written as an empty sequence, which GmSSL refuses.
    extensions: [
      extension(id_ce_keyUsage, usage, true),
      extension(id_ce_extKeyUsage, new ExtendedKeyUsage([OID.clientAuth])),
      extension(id_ce_subjectAltName, new SubjectAlternativeName([uri])),
      extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyIdentifierOf(facts.key.spki))),
      extension(id_ce_authorityKeyIdentifier, authorityKey(spkiOf(certificate))),
      extension(id_ce_cRLDistributionPoints, new CRLDistributionPoints([point])),
    ],
  });
}

/** A certificate for a server of ours, by which vehicles know it. */
export function makeServerCertificate(facts: ServerFacts, { key, certificate }: Issuer): Buffer {
  const names = [
    ...facts.hostNames.map((dNSName) => new GeneralName({ dNSName })),
    ...facts.addresses.map((iPAddress) => new GeneralName({ iPAddress })),
  ];
  return sealed(key, {
    ...facts,
    key: { spki: facts.spki },
    subject: nameOf({ commonName: facts.hostNames[0]!.slice(0, COMMON_NAME_LENGTH_MAX) }),
    issuer: subjectOf(certificate),
    extensions: [
      extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.digitalSignature), true),
      extension(id_ce_extKeyUsage, new ExtendedKeyUsage([OID.serverAuth])),
      extension(id_ce_subjectAltName, new SubjectAlternativeName(names)),
      extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyIdentifierOf(facts.spki))),
      extension(id_ce_authorityKeyIdentifier, authorityKey(spkiOf(certificate))),
    ],
  });
}

interface Content extends Times {
  readonly serial: Uint8Array;
  readonly key: Pick<PublicKey, 'spki'>;
  readonly subject: Name;
  readonly issuer: Name;
  readonly extensions: Extension[];
}

function sealed(signer: PrivateKey, content: Content): Buffer {
  const tbs = new TBSCertificate({
    version: Version.v3,
    serialNumber: exactly(content.serial),
    signature: signatureAlgorithm(signer.algorithm),
    issuer: content.issuer,
    validity: new Validity({
      notBefore: new Date(content.notBeforeMs),
      notAfter: new Date(content.notAfterMs),
    }),
    subject: content.subject,
    subjectPublicKeyInfo: AsnConvert.parse(content.key.spki, SubjectPublicKeyInfo),
    extensions: new Extensions(content.extensions),
  });
  const signed = derOf(tbs);
  const bits = derElement(BIT_STRING, NO_UNUSED_BITS, signBytes(signer, signed));
  return derElement(SEQUENCE, signed, derOf(signatureAlgorithm(signer.algorithm)), bits);
}

const SEQUENCE = 0x30;
const BIT_STRING = 0x03;
const NO_UNUSED_BITS = Buffer.alloc(1);

export function extension(extnID: string, value: unknown, critical = false): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

export function authorityKey(spki: Uint8Array): AuthorityKeyIdentifier {
  return new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(keyIdentifierOf(spki)) });
}

/** Of an authority, whose certificate is asked for again and again. */
export const subjectOf: (certificate: Uint8Array) => Name = keptBy(
  (certificate) => AsnConvert.parse(certificate, Certificate).tbsCertificate.subject,
);

export function spkiOf(certificate: Uint8Array): Buffer {
  return spkiIn(certificate);
}

/** A buffer of these bytes alone: Node's are often a window into a larger one. */
export function exactly(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
