// The packages that rights wait for: asked for by a signed message, brought by the OTA client, and then the right that
// waits goes on. What fails is asked for again later.

import { randomBytes } from 'node:crypto';
import type { OtaClient, OtaOutcome } from '../ota-port.ts';
import type { TellVehicleEvent } from '../vehicle-event.ts';
import type { PackageOfferAnswer } from './answers.ts';
import type { RightsModule } from './rights-module.ts';
import type { StateStore } from './state-store.ts';
import { type KeptGrant, type RefusedPackage, withEntry } from './state.ts';
import { isWaiting, type Uplinks } from './uplinks.ts';

export interface PackageParts {
  readonly store: StateStore;
  readonly uplinks: Uplinks;
  readonly rights: RightsModule;
  /** Undefined where packages come by another way. */
  readonly ota: OtaClient | undefined;
  readonly tell: TellVehicleEvent;
}

/** Until it is asked again: for what was refused, and where no answer came. */
const RETRY_MS = 30_000;
const RETRY_MS_MAX = 3_600_000;
/** Of what the cloud is told: it reads no longer one. */
const REASON_LENGTH_MAX = 200;

interface Attempt {
  readonly failures: number;
  readonly notBeforeMs: number;
}

export class PackageDesk {
  readonly #parts: PackageParts;
  readonly #stopping = new AbortController();
  /** By part number. */
  readonly #attempts = new Map<string, Attempt>();
  readonly #fetching = new Map<string, Promise<void>>();

  constructor(parts: PackageParts) {
    this.#parts = parts;
  }

  /** Asks for what is missing. To be called now and then. */
  settle(): void {
    if (this.#parts.ota === undefined) return;
    const { store } = this.#parts;
    for (const grant of Object.values(store.state.grants)) {
      if (grant.standing === 'waits_for_package') this.#ask(grant);
    }
  }

  take(answer: PackageOfferAnswer): void {
    const { store, tell } = this.#parts;
    const wanted = Object.entries(store.state.wanted).find(([, one]) => one.requestId === answer.requestId);
    const grant = wanted === undefined ? undefined : store.state.grants[wanted[0]];
    // An answer to what was asked by nobody, or is not needed any more.
    if (grant?.standing !== 'waits_for_package' || this.#fetching.has(grant.partNumber)) return;
    const { requestId, metadataUrl, targetName, url, expiresAt } = answer;
    if (!answer.ok || !metadataUrl || !targetName || !url) {
      this.#failed(grant, answer.reason ?? 'offer_incomplete');
      return;
    }
    const where = { metadataUrl, targetName, url, expiresAt: expiresAt ?? 0 };
    const fetching = this.#fetch(grant, requestId, where)
      .catch((error: unknown) => tell('package_refused', { part: grant.partNumber, reason: String(error) }))
      .finally(() => this.#fetching.delete(grant.partNumber));
    this.#fetching.set(grant.partNumber, fetching);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#fetching.values());
  }

  async #fetch(
    { partNumber, right, grantId }: KeptGrant,
    requestId: string,
    where: { metadataUrl: string; targetName: string; url: string; expiresAt: string | number },
  ): Promise<void> {
    const { store, rights, ota, tell } = this.#parts;
    const installedVersion = store.state.installed[partNumber] ?? null;
    const { version, versionRule } = right;
    const offer = { partNumber, version, versionRule, installedVersion, ...where };
    const outcome = await ota!.fetch(offer, this.#stopping.signal);
    if (!outcome.ok) {
      const grant = store.state.grants[partNumber];
      if (grant?.grantId === grantId) this.#failed(grant, outcome.reason, outcome);
      this.#report(partNumber, { requestId, reason: outcome.reason.slice(0, REASON_LENGTH_MAX) });
      return;
    }
    this.#attempts.delete(partNumber);
    tell('package_installed', { part: partNumber, version: outcome.version });
    rights.noteInstalled(partNumber, outcome.version);
  }

  /** What was offered and is not taken the cloud hears of: it may be an attack. */
  #report(partNumber: string, refused: RefusedPackage): void {
    // It was told to stop, and asks again.
    if (refused.reason === 'stopped') return;
    const { store, uplinks } = this.#parts;
    store.change((state, counter) => {
      const refusedPackages = withEntry(state.refusedPackages, partNumber, refused);
      return uplinks.manifest({ ...state, refusedPackages }, counter);
    });
  }

  #ask(grant: KeptGrant): void {
    const { store, uplinks } = this.#parts;
    const { partNumber, grantId } = grant;
    const wanted = store.state.wanted[partNumber];
    const attempt = this.#attempts.get(partNumber) ?? { failures: 0, notBeforeMs: 0 };
    if (this.#fetching.has(partNumber) || attempt.notBeforeMs > performance.now()) return;
    if (wanted?.grantId === grantId && isWaiting(store.state, 'ota', wanted.requestId)) return;
    const requestId = `pkg_${randomBytes(12).toString('hex')}`;
    store.change((state) => uplinks.packageWanted(state, grant, requestId));
    this.#attempts.set(partNumber, { ...attempt, notBeforeMs: performance.now() + RETRY_MS });
  }

  #failed(
    grant: KeptGrant,
    reason: string,
    { detail, retryAfterMs = 0 }: Partial<Extract<OtaOutcome, { ok: false }>> = {},
  ): void {
    const { store, tell } = this.#parts;
    const { partNumber: part, grantId } = grant;
    const failures = (this.#attempts.get(part)?.failures ?? 0) + 1;
    const waitMs = Math.min(RETRY_MS_MAX, Math.max(RETRY_MS * 2 ** (failures - 1), retryAfterMs));
    this.#attempts.set(part, { failures, notBeforeMs: performance.now() + waitMs });
    store.change((state) => ({ ...state, wanted: withEntry(state.wanted, part, undefined) }));
    tell('package_refused', { part, grant: grantId, reason, detail });
  }
}
