// Revocation lists (RFC 5280 §5), for third parties: whoever is in this process asks CertificateStatus.

import {
  CertificateList,
  CRLNumber,
  CRLReason,
  CRLReasons,
  id_ce_authorityKeyIdentifier,
  id_ce_cRLNumber,
  id_ce_cRLReasons,
  RevokedCertificate,
  TBSCertList,
  Time,
  Version,
} from '@peculiar/asn1-x509';
import { authorityKey, exactly, extension, type Issuer, spkiOf, subjectOf } from './certificate.ts';
import { derOf, signatureAlgorithm, signBytes } from './keys.ts';
import type { RevocationReason } from './revocation-reason.ts';

export interface RevokedEntry {
  /** Hex. */
  readonly serial: string;
  readonly revokedAtMs: number;
  readonly reason: RevocationReason;
}

export interface CrlFacts {
  /** Grows from one list to the next. */
  readonly number: number;
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
  readonly entries: readonly RevokedEntry[];
}

export function makeCrl({ number, thisUpdateMs, nextUpdateMs, entries }: CrlFacts, issuer: Issuer): Buffer {
  const { key, certificate } = issuer;
  const list = new TBSCertList({
    version: Version.v2,
    signature: signatureAlgorithm(key.algorithm),
    issuer: subjectOf(certificate),
    thisUpdate: new Time(new Date(thisUpdateMs)),
    nextUpdate: new Time(new Date(nextUpdateMs)),
    // RFC 5280 §5.1.2.6: an empty list must be absent.
    ...(entries.length === 0 ? {} : { revokedCertificates: entries.map(revoked) }),
    crlExtensions: [
      extension(id_ce_authorityKeyIdentifier, authorityKey(spkiOf(certificate))),
      extension(id_ce_cRLNumber, new CRLNumber(number)),
    ],
  });
  return derOf(
    new CertificateList({
      tbsCertList: list,
      signatureAlgorithm: signatureAlgorithm(key.algorithm),
      signature: exactly(signBytes(key, derOf(list))),
    }),
  );
}

function revoked({ serial, revokedAtMs, reason }: RevokedEntry): RevokedCertificate {
  return new RevokedCertificate({
    userCertificate: exactly(Buffer.from(serial, 'hex')),
    revocationDate: new Time(new Date(revokedAtMs)),
    // RFC 5280 §5.3.1: `unspecified` is said by saying nothing.
    ...(reason === 'unspecified'
      ? {}
      : { crlEntryExtensions: [extension(id_ce_cRLReasons, new CRLReason(CRLReasons[reason]))] }),
  });
}
