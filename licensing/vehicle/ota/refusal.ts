// Why the OTA client does not install what it was offered: each attack and each failure has its own code.

export const OTA_REFUSALS = [
  // Metadata
  'root_unavailable',
  'metadata_unavailable',
  'metadata_malformed',
  'metadata_forged',
  'metadata_rolled_back',
  'metadata_expired',
  'metadata_mixed',
  'metadata_too_long',
  'metadata_other_vehicle',
  // What it is for
  'target_missing',
  'target_other_part',
  'version_not_wanted',
  'downgrade_refused',
  // Content
  'download_failed',
  'download_refused',
  'content_too_long',
  'content_wrong',
  // Installation
  'install_failed',
  'stopped',
] as const;

export type OtaRefusal = (typeof OTA_REFUSALS)[number];

export class OtaRefused extends Error {
  readonly reason: OtaRefusal;
  /** How long the server wants to be left alone, ms. */
  readonly retryAfterMs: number | undefined;

  constructor(reason: OtaRefusal, detail: string, retryAfterMs?: number) {
    super(detail);
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }
}
