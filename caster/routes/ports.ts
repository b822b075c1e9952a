// What the caster's resources need of the rest of the process. The composition root provides it.

import type { FastifyRequest } from 'fastify';
import type { MountpointConfig } from '../../config/schema.ts';
import type { ChangeBus } from '../../platform/bus/bus.ts';
import type { Store } from '../../platform/store/store.ts';
import type { TerminalDesk } from '../accounts/terminal-desk.ts';
import type { BulkJobs } from '../accounts/bulk/bulk-jobs.ts';
import type { OpenSessions } from '../accounts/open-sessions.ts';
import type { StatementBalances } from '../metering/queries/statement-balances.ts';
import type { ClickHouse } from '../metering/sink/clickhouse.ts';

export interface CasterRoutesPorts {
  readonly store: Store;
  readonly bus: ChangeBus;
  readonly secrets: Sealing;
  readonly passwords: AccountPasswords;
  readonly jobs: BulkJobs;
  readonly sessions: OpenSessions;
  readonly terminal: TerminalPort;
  readonly configuration: ConfigurationPort;
  readonly metering: MeteringPort;
  /** ACCOUNTS_PER_APP_MAX where nothing is said. */
  readonly accountsPerAppMax?: number | undefined;
  /** Writes down what is only in memory yet of who was refused, so that it can be listed. */
  readonly flushRefusals: () => Promise<void>;
}

export interface Sealing {
  seal(text: string, context: string): string;
}

export interface AccountPasswords {
  /** Of an account whose password is derived. */
  derived(accountId: string, version: number): string;
  /** Of a chosen one what may be kept; takes its time, off the main thread. */
  hash(password: string): Promise<string>;
}

/** What the configuration file in force says: it goes before the store. */
export interface ConfigurationPort {
  mountpoints(): readonly MountpointConfig[];
  /** User names that no account of the store may have. */
  accountNames(): ReadonlySet<string>;
}

/** Where questions about usage and charges go. */
export interface MeteringPort {
  readonly clickhouse: ClickHouse;
  /** Undefined where no balances are kept: statements then have none. */
  readonly balances?: StatementBalances | undefined;
}

export interface TerminalPort {
  readonly desk: TerminalDesk;
  /** Where the device shall connect to. */
  placeFor(request: FastifyRequest): { readonly host: string; readonly port: number };
}
