// The tables of vehicle licensing: who signs certificates, whose they are, and what lets a vehicle have one.

/** A root and the issuing authority below it, of one algorithm. */
export interface CertificateAuthoritiesTable {
  id: string;
  algorithm: 'rsa' | 'sm2';
  /** PEM. */
  root_certificate: string;
  root_key_sealed: string;
  issuing_certificate: string;
  issuing_key_sealed: string;
  /** Of the issuing one. */
  not_after: number;
  created_at: number;
}

export interface VehiclesTable {
  /** The vehicle id itself, the VIN as a rule. */
  id: string;
  customer_id: string | null;
  created_at: number;
}

export interface CertificatesTable {
  id: string;
  vehicle_id: string;
  customer_id: string | null;
  authority_id: string;
  algorithm: 'rsa' | 'sm2';
  /** Hex. */
  serial: string;
  /** SHA-256 of its SubjectPublicKeyInfo. */
  key_fingerprint: string;
  not_before: number;
  not_after: number;
  /** PEM. */
  certificate: string;
  /** The certificate that it renewed. */
  replaces: string | null;
  /** From when on it is good no more; later than now while a renewed one lives beside its successor. */
  revoked_at: number | null;
  revoked_reason: string | null;
  created_at: number;
}

/** Whose a key is, for good. */
export interface VehicleKeysTable {
  fingerprint: string;
  vehicle_id: string;
}

export interface EnrolmentTokensTable {
  id: string;
  customer_id: string | null;
  vehicle_id: string;
  token_hash: string;
  expires_at: number;
  used_at: number | null;
  /** What was issued for it. */
  certificate_id: string | null;
  created_at: number;
}

/** Challenges that were answered and have not run out. */
export interface UsedChallengesTable {
  nonce: string;
  expires_at: number;
}
