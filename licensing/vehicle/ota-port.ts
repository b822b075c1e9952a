// What the rights module needs of the OTA client: it hands on the cloud's offer, whose signature it has checked, and
// learns which version is installed then. Whether the package itself may be trusted is the client's to find out.

export interface PackageOffer {
  readonly partNumber: string;
  /** That the right asks for. With `exact` no other will do; else a later one may be brought. */
  readonly version: string;
  readonly versionRule: 'at_least' | 'exact';
  /** What runs now; null where nothing does. Nothing older may be installed over it. */
  readonly installedVersion: string | null;
  readonly metadataUrl: string;
  readonly targetName: string;
  readonly url: string;
  /** Until when the addresses are good, as the offer says it. */
  readonly expiresAt: string | number;
}

export type OtaOutcome =
  | { readonly ok: true; readonly version: string }
  | {
      readonly ok: false;
      /** A stable code of the client's. */
      readonly reason: string;
      readonly detail?: string;
      /** The server wants to be left alone for so long. */
      readonly retryAfterMs?: number | undefined;
    };

export interface OtaClient {
  /**
   * Downloads, checks, installs durably, and resolves then. After a loss of power it is asked again with a new offer:
   * what is downloaded or installed already is not done twice.
   */
  fetch(offer: PackageOffer, signal: AbortSignal): Promise<OtaOutcome>;
}

/** Where a client works, and what it may trust from the beginning. */
export interface OtaGround {
  /** Of its own; nobody else writes there. */
  readonly folder: string;
  /** Address of the root metadata, as the trust document gives it: that was signed by the vehicle's own authority. */
  readonly otaRootUrl: string;
}

/** What it is given of the vehicle. */
export interface OtaMeans {
  readonly vehicleId: string;
  /** Signed JSON by the key of the vehicle's certificate: head, `typ`, and these fields. */
  readonly sign: (typ: string, fields: object) => object;
  /** The vehicle's time, ms, which never goes back. */
  readonly now: () => number;
}
