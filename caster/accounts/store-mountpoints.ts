// Mountpoints of the store, beside those of the configuration file: read at the start, and again whenever one changes.

import type { Secrets } from '../../platform/secrets/sealed-box.ts';
import type { Store } from '../../platform/store/store.ts';
import type { ServedMountpoint } from '../stream/served-mountpoint.ts';
import { readMountpointSettings, sharedWithOf, sourcePasswordContext } from './mountpoint-settings.ts';

/** Several changes within this time are read together. */
const READ_DELAY_MS = 100;
const RETRY_MS = 1000;

export class StoreMountpoints {
  readonly #store: Store;
  readonly #secrets: Secrets;
  readonly #onRead: (mountpoints: readonly ServedMountpoint[]) => void;
  readonly #onFailure: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #isReading = false;
  /** How often it has been asked to read anew. */
  #asked = 0;

  constructor(
    store: Store,
    secrets: Secrets,
    onRead: (mountpoints: readonly ServedMountpoint[]) => void,
    onFailure: (error: unknown) => void,
  ) {
    this.#store = store;
    this.#secrets = secrets;
    this.#onRead = onRead;
    this.#onFailure = onFailure;
  }

  async read(): Promise<void> {
    const rows = await this.#store.db.selectFrom('mountpoints').selectAll().orderBy('id').execute();
    this.#onRead(
      rows.map((row) => {
        const sealed = row.source_password_sealed;
        const password =
          sealed === null ? undefined : this.#secrets.open(sealed, sourcePasswordContext(row.id));
        const { sharedWith, ...settings } = readMountpointSettings(row.settings);
        const isOwners =
          settings.access === 'accounts' &&
          sharedWithOf({ ...settings, sharedWith }, row.customer_id) === 'owner';
        // One whose password does not open takes no base: without a password none gets in.
        return {
          name: row.name,
          ...settings,
          ...(password === undefined ? {} : { sourcePassword: password }),
          ...(isOwners ? { servesOnly: row.customer_id } : {}),
        };
      }),
    );
  }

  onChange(): void {
    this.#timer ??= setTimeout(() => void this.#readAgain(), READ_DELAY_MS).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  async #readAgain(): Promise<void> {
    this.#timer = undefined;
    this.#asked += 1;
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      let served: number;
      do {
        served = this.#asked;
        await this.read();
      } while (served !== this.#asked);
    } catch (error) {
      this.#onFailure(error);
      this.#timer ??= setTimeout(() => void this.#readAgain(), RETRY_MS).unref();
    } finally {
      this.#isReading = false;
    }
  }
}
