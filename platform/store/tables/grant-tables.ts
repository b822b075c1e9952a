// The tables of licence grants: what was made for which vehicle, what became of it, and the keys that sign it.

/** Of each purpose and algorithm one is in use; it signs until it is retired. */
export interface SigningKeysTable {
  /** The kid that vehicles know it by. */
  id: string;
  purpose: 'grant' | 'activation';
  algorithm: 'es256' | 'sm2';
  /** SubjectPublicKeyInfo, base64url. */
  spki: string;
  key_sealed: string;
  created_at: number;
  /** Null while it is in use; behind that, until when vehicles may still trust it. */
  retired_at: number | null;
}

export interface GrantsTable {
  id: string;
  customer_id: string | null;
  vehicle_id: string;
  part_number: string;
  /** Grows by one with each grant of the same vehicle and part. */
  seq: number;
  entitlement_id: string;
  /** Of the entitlement; the latest one that this grant says everything of. */
  revision: number;
  certificate_id: string;
  right_state: 'active' | 'revoked';
  version: string;
  /** SHA-256 of what it says, hex: a change of the entitlement that changes nothing of it needs no grant. */
  content_hash: string;
  /** JSON, what the crypto pool makes the document of: header, right and activation, without a login. */
  facts: string;
  /** The signed document as it is sent; null until it is made. */
  document: string | null;
  /** numbered, and not made yet · made · sent, and no receipt yet · what the receipt said · a later one counts. */
  state: 'numbered' | 'made' | 'sent' | 'received' | 'activated' | 'deactivated' | 'refused' | 'superseded';
  /** When a new one is due though nothing changes: its offline lease nears its end. */
  renew_at: number | null;
  sent_at: number | null;
  receipt_result: string | null;
  receipt_reason: string | null;
  installed_version: string | null;
  receipt_counter: number | null;
  receipted_at: number | null;
  created_at: number;
}
