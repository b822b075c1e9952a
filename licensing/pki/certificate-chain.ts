// The closed check of our own chains, as who holds a certificate or trusts a root makes it: vehicle, issuing authority,
// root, three fixed places. No path is built, nothing is fetched. Revocation is not asked for here.

import { AsnConvert } from '@peculiar/asn1-schema';
import {
  BasicConstraints,
  Certificate,
  type Extension,
  id_ce_basicConstraints,
  id_ce_subjectAltName,
  SubjectAlternativeName,
} from '@peculiar/asn1-x509';
import { derOf, isSignatureAlgorithm, readPublicKey, type PublicKey, verifyBytes } from './keys.ts';

export type ChainFault =
  | 'certificate_malformed'
  | 'chain_names_differ'
  | 'chain_signature_wrong'
  | 'chain_not_an_authority'
  | 'chain_not_valid_now'
  | 'chain_key_not_mine'
  | 'chain_vehicle_not_me';

export interface AuthorityChain {
  readonly issuing: Uint8Array;
  readonly root: Uint8Array;
}

export interface VehicleChain extends AuthorityChain {
  readonly vehicle: Uint8Array;
}

export type CheckedAuthority =
  { readonly ok: true; readonly key: PublicKey } | { readonly ok: false; readonly fault: ChainFault };

export type CheckedVehicle =
  | { readonly ok: true; readonly notBeforeMs: number; readonly notAfterMs: number }
  | { readonly ok: false; readonly fault: ChainFault };

/** Whether the root answers for the issuing authority; its key, for what it signs. Takes up to 10 ms with SM2. */
export function checkAuthority({ issuing, root }: AuthorityChain, nowMs: number): CheckedAuthority {
  const [below, above] = [read(issuing), read(root)];
  if (below === undefined || above === undefined) return failed('certificate_malformed');
  if (!isAuthority(above) || !isAuthority(below)) return failed('chain_not_an_authority');
  const fault = faultBetween(above, above) ?? faultBetween(below, above);
  if (fault !== undefined) return failed(fault);
  if (!isValidAt(above, nowMs) || !isValidAt(below, nowMs)) return failed('chain_not_valid_now');
  return { ok: true, key: below.key };
}

/** Whether the chain says that this vehicle has this key. */
export function checkVehicle(
  { vehicle, ...authority }: VehicleChain,
  me: { readonly vehicleId: string; readonly spki: Uint8Array },
  nowMs: number,
): CheckedVehicle {
  const authorityChecked = checkAuthority(authority, nowMs);
  if (!authorityChecked.ok) return authorityChecked;
  const [leaf, issuing] = [read(vehicle), read(authority.issuing)];
  if (leaf === undefined || issuing === undefined) return failed('certificate_malformed');
  const fault = faultBetween(leaf, issuing);
  if (fault !== undefined) return failed(fault);
  if (!Buffer.from(leaf.key.spki).equals(me.spki)) return failed('chain_key_not_mine');
  if (!alternativeUris(leaf).includes(`urn:vin:${me.vehicleId}`)) return failed('chain_vehicle_not_me');
  return { ok: true, notBeforeMs: leaf.notBeforeMs, notAfterMs: leaf.notAfterMs };
}

interface ReadCertificate {
  readonly certificate: Certificate;
  readonly tbs: Uint8Array;
  readonly key: PublicKey;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

function read(der: Uint8Array): ReadCertificate | undefined {
  try {
    const certificate = AsnConvert.parse(der, Certificate);
    const { tbsCertificate, tbsCertificateRaw } = certificate;
    const key = readPublicKey(derOf(tbsCertificate.subjectPublicKeyInfo));
    if (!key.ok || tbsCertificateRaw === undefined) return undefined;
    return {
      certificate,
      tbs: new Uint8Array(tbsCertificateRaw),
      key: key.key,
      notBeforeMs: tbsCertificate.validity.notBefore.getTime().getTime(),
      notAfterMs: tbsCertificate.validity.notAfter.getTime().getTime(),
    };
  } catch {
    return undefined;
  }
}

function faultBetween(below: ReadCertificate, above: ReadCertificate): ChainFault | undefined {
  const { tbsCertificate, signatureAlgorithm, signatureValue } = below.certificate;
  const issuer = derOf(tbsCertificate.issuer);
  if (!issuer.equals(derOf(above.certificate.tbsCertificate.subject))) return 'chain_names_differ';
  const isOurs =
    isSignatureAlgorithm(above.key.algorithm, signatureAlgorithm) &&
    verifyBytes(above.key, below.tbs, new Uint8Array(signatureValue));
  return isOurs ? undefined : 'chain_signature_wrong';
}

function isAuthority({ certificate }: ReadCertificate): boolean {
  const value = extensionOf(certificate, id_ce_basicConstraints)?.extnValue;
  return value !== undefined && AsnConvert.parse(value.buffer, BasicConstraints).cA;
}

function isValidAt({ notBeforeMs, notAfterMs }: ReadCertificate, nowMs: number): boolean {
  return notBeforeMs <= nowMs && nowMs <= notAfterMs;
}

function alternativeUris({ certificate }: ReadCertificate): string[] {
  const value = extensionOf(certificate, id_ce_subjectAltName)?.extnValue;
  if (value === undefined) return [];
  return AsnConvert.parse(value.buffer, SubjectAlternativeName).flatMap(
    ({ uniformResourceIdentifier }) => uniformResourceIdentifier ?? [],
  );
}

function extensionOf(certificate: Certificate, oid: string): Extension | undefined {
  return certificate.tbsCertificate.extensions?.find(({ extnID }) => extnID === oid);
}

function failed(fault: ChainFault): { readonly ok: false; readonly fault: ChainFault } {
  return { ok: false, fault };
}
