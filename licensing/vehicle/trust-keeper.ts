// Keeps the trust document: asked for at each connect and once an hour, kept for when the server is away, asked for again
// when a message names a key that it does not have.

import type { CertificateModule } from './certificates/certificate-module.ts';
import { PkiClient } from './certificates/pki-client.ts';
import type { RightClock } from './rights/right-clock.ts';
import type { SealedFiles } from './storage/sealed-files.ts';
import { readTrust, type Trust } from './trust.ts';
import type { TellVehicleEvent } from './vehicle-event.ts';

export interface TrustParts {
  readonly certificates: CertificateModule;
  readonly files: SealedFiles;
  readonly clock: RightClock;
  readonly tell: TellVehicleEvent;
  /** With the document as it came, for the software modules, who read it themselves. */
  readonly onTrust: (text: string) => void;
}

const RECORD = 'trust';
/** Keys change within months: who names unknown ones all the time must not make the vehicle ask all the time. */
const ASK_AGAIN_MS = 60_000;

export class TrustKeeper {
  readonly #parts: TrustParts;
  #trust: Trust | undefined;
  #askedMs = -Infinity;

  constructor(parts: TrustParts) {
    this.#parts = parts;
    const kept = parts.files.read(RECORD);
    if (kept.kind === 'kept') this.#take(kept.bytes.toString());
  }

  get trust(): Trust | undefined {
    return this.#trust;
  }

  /** Resolves to the newest there is. */
  async refresh(): Promise<Trust | undefined> {
    const { certificates, files, tell } = this.#parts;
    this.#askedMs = performance.now();
    const answer = await new PkiClient(certificates.server).trust(certificates.algorithm);
    if (!answer.ok) {
      tell('trust_failed', { reason: answer.reason, detail: answer.detail });
      return this.#trust;
    }
    const before = this.#trust?.document.sig;
    if (this.#take(answer.body) && this.#trust?.document.sig !== before) {
      files.write(RECORD, Buffer.from(answer.body));
      tell('trust_taken', { issuedAt: this.#trust?.document.issuedAt });
    }
    return this.#trust;
  }

  /** For a key that is not known: asks, but not again and again. */
  async refreshForKey(): Promise<Trust | undefined> {
    return performance.now() - this.#askedMs < ASK_AGAIN_MS ? this.#trust : await this.refresh();
  }

  #take(text: string): boolean {
    const { certificates, clock, tell, onTrust } = this.#parts;
    const read = readTrust(text, { issuing: certificates.issuing, root: certificates.root }, clock.now());
    if (!read.ok) {
      tell('trust_failed', { reason: read.reason });
      return false;
    }
    const { trust } = read;
    if (this.#trust !== undefined && trust.document.issuedAt < this.#trust.document.issuedAt) {
      tell('trust_failed', { reason: 'trust_older' });
      return false;
    }
    this.#trust = trust;
    clock.atLeast(trust.document.issuedAt * 1000);
    onTrust(text);
    return true;
  }
}
