// The tables of over-the-air updates: what can be installed, for whom it is released, who asked for it, and what the
// vehicles say they have. Nothing of it is deleted: who had which software when must be found for ten years (GB 44496).

export interface PackagesTable {
  id: string;
  customer_id: string | null;
  part_number: string;
  version: string;
  /** What must be installed before, at least; null where anything or nothing will do. */
  min_version_from: string | null;
  /** JSON, by licensing/ota/compatibility.ts. */
  compatibility: string;
  notes: string;
  state: 'awaiting_content' | 'ready';
  /** Bytes of the content; null while it is awaited. */
  length: number | null;
  /** SHA-256 of the content, hex; the file in the data folder has this name. */
  sha256: string | null;
  created_at: number;
  content_at: number | null;
}

export interface ReleasesTable {
  id: string;
  customer_id: string | null;
  package_id: string;
  part_number: string;
  state: 'draft' | 'active' | 'paused' | 'aborted';
  /** Of the vehicles that are entitled to it: how many get it, in percent. */
  share_percent: number;
  created_at: number;
  changed_at: number;
}

/** What a vehicle asked for and was answered, once for each request id of its own. */
export interface OtaRequestsTable {
  id: string;
  vehicle_id: string;
  customer_id: string | null;
  certificate_id: string;
  /** The vehicle's own name of the request. */
  request_id: string;
  grant_id: string | null;
  part_number: string;
  wanted_version: string;
  installed_version: string | null;
  /** What it was entitled by; null where it was refused before that was looked at. */
  entitlement_id: string | null;
  package_id: string | null;
  release_id: string | null;
  state: 'offered' | 'refused';
  /** Why it was refused. */
  reason: string | null;
  url_expires_at: number | null;
  downloaded_at: number | null;
  installed_at: number | null;
  /** Why the vehicle did not take what it was offered, in its own words, and when it said so. */
  vehicle_reason: string | null;
  vehicle_refused_at: number | null;
  created_at: number;
}

/** What each vehicle says by its own signature to have, as of its last report. */
export interface VehicleManifestsTable {
  vehicle_id: string;
  /** Of the report: a later one has a greater one. */
  counter: number;
  certificate_id: string;
  reported_at: number;
}

export interface VehiclePartsTable {
  vehicle_id: string;
  part_number: string;
  version: string;
  reported_at: number;
}

/** Every change of what a vehicle says to have. */
export interface VehicleInstallsTable {
  id: string;
  vehicle_id: string;
  part_number: string;
  /** Null where there was nothing before. */
  version_before: string | null;
  /** Null where it is there no more. */
  version: string | null;
  reported_at: number;
}

/** Keys of the metadata, one row for each key of each role. */
export interface OtaKeysTable {
  /** As TUF names keys: SHA-256 of its public form. */
  id: string;
  role: 'root' | 'targets' | 'snapshot' | 'timestamp';
  /** Ed25519, 32 bytes as hex. */
  public_key: string;
  /** Null where the private key was taken out of the store. */
  private_key_sealed: string | null;
  /** When another one took its place. */
  retired_at: number | null;
  created_at: number;
}

/** The chain of root metadata: every version for good, as a vehicle goes through all of them. */
export interface OtaRootsTable {
  version: number;
  body: string;
  expires_at: number;
  created_at: number;
}

/** Timestamp, snapshot and targets of each vehicle: the last versions of each. */
export interface OtaMetadataTable {
  vehicle_id: string;
  role: 'targets' | 'snapshot' | 'timestamp';
  version: number;
  body: string;
  expires_at: number;
  created_at: number;
}
