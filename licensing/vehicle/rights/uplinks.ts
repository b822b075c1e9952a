// Signed messages to the cloud, put into the outbox within the change of state that they tell of: after a loss of power
// there are both or neither. A message leaves the outbox when the broker has acknowledged it.

import { OTA_MANIFEST_PARTS_MAX } from '../../../config/limits.ts';
import { partNumberForm } from '../../grants/format/documents.ts';
import { canonicalJson } from '../../grants/format/jcs.ts';
import type { UpKind } from '../../broker/vehicle-line.ts';
import type { CertificateModule } from '../certificates/certificate-module.ts';
import { sha256Hex } from './digest.ts';
import type { RightClock } from './right-clock.ts';
import { isDoubted, type KeptGrant, type Lease, type VehicleState, withEntry } from './state.ts';

export type ReceiptResult = 'activated' | 'stored' | 'waits_for_package' | 'deactivated' | 'refused';

/** What every uplink begins with, and its signature. */
interface Head {
  readonly v: number;
  readonly typ: string;
  readonly certID: string;
  readonly vin: string;
  readonly at: number;
  readonly sig: string;
}

/** Beyond it nothing but the manifest is put in: a car that is offline for good must not fill its memory. */
const OUTBOX_MAX = 500;

export class Uplinks {
  readonly #certificates: CertificateModule;
  readonly #clock: Pick<RightClock, 'now' | 'setBackMs'>;

  constructor(certificates: CertificateModule, clock: Pick<RightClock, 'now' | 'setBackMs'>) {
    this.#certificates = certificates;
    this.#clock = clock;
  }

  receipt(
    state: VehicleState,
    counter: number,
    grant: Pick<KeptGrant, 'grantId' | 'seq' | 'partNumber'>,
    outcome: { readonly result: ReceiptResult; readonly reason?: string | null },
  ): VehicleState {
    const { grantId, seq, partNumber } = grant;
    const { result, reason = null } = outcome;
    const installedVersion = state.installed[partNumber] ?? null;
    const fields = { grantId, seq, partNumber, result, reason, installedVersion, counter };
    return this.#append(state, { kind: 'receipt', typ: 'receipt', about: grantId }, fields);
  }

  /** How many uses of a lease are gone. Each report names the one before by its hash, so none can be left out unseen. */
  usesReport(state: VehicleState, counter: number, lease: Lease): VehicleState {
    const { partNumber, leaseId, used, prevHash } = lease;
    const fields = { partNumber, leaseId, used, counter, prevHash };
    const next = this.#append(state, { kind: 'uses', typ: 'uses', about: leaseId }, fields);
    // It is told later: the next report must not name one that nobody gets.
    if (next === state) return state;
    const body = next.outbox.at(-1)?.body ?? '{}';
    const reported = { ...lease, reported: used, prevHash: sha256Hex(canonicalJson(JSON.parse(body))) };
    return { ...next, leases: withEntry(state.leases, leaseId, reported) };
  }

  packageWanted(state: VehicleState, grant: KeptGrant, requestId: string): VehicleState {
    const { grantId, partNumber } = grant;
    const { version } = grant.right;
    const installedVersion = state.installed[partNumber] ?? null;
    const fields = { requestId, partNumber, version, installedVersion, grantId };
    const next = this.#append(state, { kind: 'ota', typ: 'package_wanted', about: requestId }, fields);
    return { ...next, wanted: withEntry(state.wanted, partNumber, { requestId, grantId, version }) };
  }

  /** Only the newest waits: whoever asked before has asked again. */
  claimWanted(state: VehicleState, requestId: string): VehicleState {
    const outbox = state.outbox.filter(({ kind }) => kind !== 'claim');
    return this.#append(
      { ...state, outbox },
      { kind: 'claim', typ: 'claim_code_wanted', about: requestId },
      { requestId },
    );
  }

  /**
   * The signed manifest: what is installed, which grants the vehicle relies on, and what was tried with it. Only the newest
   * waits: an older one tells nothing that it does not.
   */
  manifest(state: VehicleState, counter: number): VehicleState {
    const outbox = state.outbox.filter(({ kind }) => kind !== 'state');
    // A name that the cloud does not read, or too many, must not keep the rest from it.
    const installed = Object.entries(state.installed)
      .filter(([part]) => partNumberForm.safeParse(part).success)
      .slice(0, OTA_MANIFEST_PARTS_MAX)
      .map(([partNumber, version]) => ({ partNumber, version }));
    // What it does not rely on it says nothing of: the cloud makes that anew.
    const rights = Object.values(state.grants)
      .filter((grant) => !isDoubted(grant, state))
      .slice(0, OTA_MANIFEST_PARTS_MAX)
      .map(({ partNumber, seq }) => ({ partNumber, seq }));
    const refused = Object.entries(state.refusedPackages)
      .slice(0, OTA_MANIFEST_PARTS_MAX)
      .map(([partNumber, { requestId, reason }]) => ({ partNumber, requestId, reason }));
    const setBackMs = this.#clock.setBackMs();
    const clock = setBackMs === undefined ? {} : { clockBehindS: Math.round(setBackMs / 1000) };
    return this.#append(
      { ...state, outbox },
      { kind: 'state', typ: 'state', about: 'manifest' },
      { installed, rights, refused, ...clock, counter },
    );
  }

  /**
   * What waits, signed by the certificate of now: the cloud takes nothing by one that has run out. To be called only where
   * it has, since a message may have been taken already whose acknowledgement was lost.
   */
  signedAnew(state: VehicleState): VehicleState {
    const outbox = state.outbox.map((waiting) => {
      const {
        v: _v,
        typ,
        certID: _id,
        vin: _vin,
        at,
        sig: _sig,
        ...fields
      } = JSON.parse(waiting.body) as Head;
      const body = JSON.stringify(this.#certificates.signUplink(typ, at * 1000, fields));
      return { ...waiting, body };
    });
    // The next report of a lease names this one by its hash.
    const leases = outbox
      .filter(({ kind }) => kind === 'uses')
      .reduce((table, { about, body }) => {
        const lease = table[about];
        if (lease === undefined) return table;
        return withEntry(table, about, { ...lease, prevHash: sha256Hex(canonicalJson(JSON.parse(body))) });
      }, state.leases);
    return { ...state, outbox, leases };
  }

  #append(
    state: VehicleState,
    { kind, typ, about }: { readonly kind: UpKind; readonly typ: string; readonly about: string },
    fields: object,
  ): VehicleState {
    if (state.outbox.length >= OUTBOX_MAX && kind !== 'state') return state;
    const body = JSON.stringify(this.#certificates.signUplink(typ, this.#clock.now(), fields));
    return { ...state, outbox: [...state.outbox, { kind, about, body }] };
  }
}

/** Without what the broker has taken. */
export function acknowledged(state: VehicleState, body: string): VehicleState {
  return { ...state, outbox: state.outbox.filter((one) => one.body !== body) };
}

export function isWaiting({ outbox }: VehicleState, kind: UpKind, about: string): boolean {
  return outbox.some((one) => one.kind === kind && one.about === about);
}

/** By which certificate a message is signed. */
export function certificateOf(body: string): string {
  return (JSON.parse(body) as Head).certID;
}
