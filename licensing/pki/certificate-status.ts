// Whether a certificate is good, by its serial number, from memory: asked at every CONNECT of a vehicle. It holds every
// certificate that has not run out, some 150 bytes each, and hears of changes by the bus, those of other nodes too.

import type { ChangeBus } from '../../platform/bus/bus.ts';
import type { Store } from '../../platform/store/store.ts';
import type { CertificatesTable } from '../../platform/store/tables/pki-tables.ts';

export type SerialStatus = 'good' | 'revoked' | 'expired' | 'unknown';

export interface KnownCertificate {
  readonly id: string;
  readonly vehicleId: string;
  readonly notAfterMs: number;
  /** Infinity where nothing is said. */
  readonly revokedAtMs: number;
}

/** Told of every certificate that will be good no more, at `atMs`: a session by it must end then. */
export type RevocationListener = (ending: {
  readonly certificateId: string;
  readonly vehicleId: string;
  readonly serial: string;
  readonly atMs: number;
}) => void;

export class CertificateStatus {
  readonly #store: Store;
  readonly #bySerial = new Map<string, KnownCertificate>();
  readonly #listeners = new Set<RevocationListener>();
  readonly #endings: (() => void)[];

  /** `onTrouble` is told where the store could not be asked; what is known then stays. */
  constructor(store: Store, bus: ChangeBus, onTrouble: (error: unknown) => void) {
    this.#store = store;
    this.#endings = [
      bus.subscribe(({ kind, id }) => {
        if (kind === 'certificate') this.#read(id).catch(onTrouble);
      }),
      bus.onMissed(() => {
        this.load().catch(onTrouble);
      }),
    ];
  }

  /** Reads all that have not run out. */
  async load(): Promise<void> {
    const rows = await this.#store.db
      .selectFrom('certificates')
      .select(COLUMNS)
      .where('not_after', '>', Date.now())
      .execute();
    for (const row of rows) this.#keep(row);
  }

  /** `serial` in hex, lower case. */
  statusOf(serial: string, nowMs = Date.now()): SerialStatus {
    const known = this.#bySerial.get(serial);
    if (known === undefined) return 'unknown';
    if (known.revokedAtMs <= nowMs) return 'revoked';
    return known.notAfterMs <= nowMs ? 'expired' : 'good';
  }

  /** What is known of it; undefined where nothing is, or it had run out before the start. */
  find(serial: string): KnownCertificate | undefined {
    return this.#bySerial.get(serial);
  }

  onRevoked(listener: RevocationListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  stop(): void {
    for (const end of this.#endings) end();
  }

  async #read(id: string): Promise<void> {
    const query = this.#store.db.selectFrom('certificates').select(COLUMNS).where('id', '=', id);
    const row = await query.executeTakeFirst();
    if (row !== undefined) this.#keep(row);
  }

  #keep(row: StatusRow): void {
    const before = this.#bySerial.get(row.serial);
    const revokedAtMs = row.revoked_at ?? Infinity;
    const { id, vehicle_id: vehicleId, not_after: notAfterMs } = row;
    this.#bySerial.set(row.serial, { id, vehicleId, notAfterMs, revokedAtMs });
    if (revokedAtMs === Infinity || before?.revokedAtMs === revokedAtMs) return;
    for (const listener of this.#listeners) {
      listener({ certificateId: id, vehicleId, serial: row.serial, atMs: revokedAtMs });
    }
  }
}

const COLUMNS = ['id', 'vehicle_id', 'serial', 'not_after', 'revoked_at'] as const;

type StatusRow = Pick<CertificatesTable, (typeof COLUMNS)[number]>;
