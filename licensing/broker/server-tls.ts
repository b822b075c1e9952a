// The broker's own certificate: the files of `tls` where the operator says so, else one by the RSA issuing authority, which
// is what vehicles trust from their enrolment on. Made when the first vehicle knocks, and anew before it runs out.

import { hostname, networkInterfaces } from 'node:os';
import type { Authorities } from '../pki/authorities.ts';
import type { BrokerCrypto } from './broker-crypto.ts';
import type { BrokerTls } from './vehicle-listeners.ts';

export interface ServerTlsParts {
  readonly authorities: Authorities;
  readonly crypto: Pick<BrokerCrypto, 'issueServer'>;
  /** The name that vehicles are told; undefined: that of the machine. */
  readonly publicHost: string | undefined;
  /** PEM; undefined: our own. */
  readonly files: { readonly certificate: string; readonly key: string } | undefined;
}

export async function makeServerTls({
  authorities,
  crypto,
  publicHost,
  files,
}: ServerTlsParts): Promise<BrokerTls> {
  const { issuer, issuingPem, rootPem } = await authorities.of('rsa');
  const vehicleAuthorities = [issuingPem, rootPem];
  if (files !== undefined) return { ...files, vehicleAuthorities };
  const made = await crypto.issueServer({ issuer, names: namesOf(publicHost), nowMs: Date.now() });
  return { certificate: made.certificate + issuingPem, key: made.key, vehicleAuthorities };
}

/** Whatever a vehicle may call this machine. */
function namesOf(publicHost: string | undefined): readonly string[] {
  const own = Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).map(({ address }) => address.replace(/%.*$/, '')),
  );
  const names = [publicHost ?? hostname(), hostname(), 'localhost', '127.0.0.1', '::1', ...own];
  return [...new Set(names)];
}
