// Warns of the TLS certificate in force before it runs out: when it is read, and every day from then on.

import type { Journal } from '../platform/observe/journal.ts';

const WARNING_MS = 14 * 24 * 3600 * 1000;
const LOOK_PERIOD_MS = 24 * 3600 * 1000;

export class CertificateWatch {
  readonly #journal: Journal;
  readonly #timer: NodeJS.Timeout;
  #expiresAtMs: number | undefined;

  constructor(journal: Journal) {
    this.#journal = journal;
    this.#timer = setInterval(() => this.#look(), LOOK_PERIOD_MS);
    this.#timer.unref();
  }

  /** The certificate in force is now one that ends then; undefined where there is none. */
  use(expiresAtMs: number | undefined): void {
    this.#expiresAtMs = expiresAtMs;
    this.#look();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    if (this.#expiresAtMs === undefined || this.#expiresAtMs - Date.now() > WARNING_MS) return;
    const expiresAt = new Date(this.#expiresAtMs).toISOString();
    this.#journal.record('warn', 'certificate_expires', { expiresAt, fix: 'renew it, then send SIGHUP' });
  }
}
