// Rows of logins for metering: one for each that was let in, and one for all refusals of a kind within two seconds, so
// that a flood of wrong passwords is a few rows with a count.

import type { AdmissionRequest, Refusal, RoverGrant, BaseGrant } from '../caster/accounts/admission.ts';
import type { Session } from '../caster/accounts/session-registry.ts';
import type { SignedCall, TerminalLogins } from '../caster/accounts/terminal-desk.ts';
import type { LedgerTerms } from '../caster/metering/ledger/records.ts';
import type { LoginRow } from '../caster/metering/record-rows.ts';
import type { UsageOwner } from '../caster/metering/usage-row.ts';
import { LOGIN_KINDS_MAX, LOOSE_ROWS_AT_ONCE, LOGIN_TEXT_LENGTH_MAX } from '../config/limits.ts';
import { newId } from '../platform/store/id.ts';
import type { LooseRows } from './metering-messages.ts';

export interface LoginRowsOptions {
  readonly node: string;
  readonly append: (rows: LooseRows) => void;
  /** Milliseconds that rows are gathered for. */
  readonly gatherMs?: number;
}

const GATHER_MS = 2000;
const NOBODY = {
  customerId: '',
  appId: '',
  accountId: '',
  account: '',
  device: '',
  serviceSpecId: '',
  billingPlanId: '',
} as const;

type PeerRequest = Exclude<AdmissionRequest, { role: 'table' }>;

/** Who would like to log in. */
export type LoginFacts = Pick<LoginRow, 'role' | 'mountpoint' | 'address' | 'userAgent'>;

export class LoginRows {
  readonly #options: LoginRowsOptions;
  #accepted: LoginRow[] = [];
  readonly #refused = new Map<string, LoginRow & { times: number }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LoginRowsOptions) {
    this.#options = options;
  }

  /** `session` is absent where it has ended already. */
  accepted(
    request: PeerRequest,
    grant: RoverGrant | BaseGrant,
    { session, terms }: { session: Session | undefined; terms: LedgerTerms },
  ): void {
    this.#accepted.push({
      ...this.#facts(request),
      ...NOBODY,
      ...terms,
      customerId: session?.customerId ?? '',
      appId: session?.appId ?? '',
      accountId: session?.accountId ?? '',
      account: (grant.role === 'rover' ? grant.account : undefined) ?? '',
      device: session?.device ?? '',
      loginId: grant.sessionId,
      outcome: 'accepted',
      reason: '',
      step: '',
      times: 1,
      mountpoint: grant.mountpoint,
      sessionId: grant.sessionId,
    });
    this.#takeAccepted();
  }

  /** A device's program was lent an account. */
  lent(facts: LoginFacts, owner: UsageOwner): void {
    const { mountpoint } = facts;
    const accepted = { outcome: 'accepted', reason: '', step: '', times: 1, sessionId: '' } as const;
    this.#accepted.push({ ...this.#facts(facts), ...owner, ...accepted, mountpoint, loginId: newId('ter') });
    this.#takeAccepted();
  }

  refused(
    request: LoginFacts & { readonly username: string },
    { reason, step = 'credentials', about = {} }: Refusal,
  ): void {
    const { role, address, username, mountpoint } = request;
    const kind = [role, reason, step].join('\n');
    const words = [kind, address, username, mountpoint, about.appId, about.accountId, about.device].join(
      '\n',
    );
    const isWorded = this.#refused.has(words) || this.#refused.size < LOGIN_KINDS_MAX;
    const known = this.#refused.get(isWorded ? words : kind);
    if (known !== undefined) {
      known.times += 1;
      return;
    }
    const row = {
      ...this.#facts(request),
      ...NOBODY,
      customerId: about.customerId ?? '',
      appId: about.appId ?? '',
      accountId: about.accountId ?? '',
      account: username.slice(0, LOGIN_TEXT_LENGTH_MAX),
      device: about.device ?? '',
      loginId: newId('ref'),
      outcome: 'refused',
      reason,
      step,
      times: 1,
      sessionId: '',
    } as const;
    const wordless = { ...row, ...NOBODY, mountpoint: '', address: '', userAgent: '' };
    this.#refused.set(isWorded ? words : kind, isWorded ? row : wordless);
    this.#soon();
  }

  /** Hands on what is gathered now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sendAccepted();
    const refused = [...this.#refused.values()];
    this.#refused.clear();
    for (let from = 0; from < refused.length; from += LOOSE_ROWS_AT_ONCE)
      this.#options.append({ table: 'logins', rows: refused.slice(from, from + LOOSE_ROWS_AT_ONCE) });
  }

  #takeAccepted(): void {
    if (this.#accepted.length >= LOOSE_ROWS_AT_ONCE) this.#sendAccepted();
    this.#soon();
  }

  #sendAccepted(): void {
    if (this.#accepted.length > 0) this.#options.append({ table: 'logins', rows: this.#accepted });
    this.#accepted = [];
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => this.flush(), this.#options.gatherMs ?? GATHER_MS).unref();
  }

  #facts({ role, mountpoint, address, userAgent }: LoginFacts) {
    return {
      revision: 0,
      atMs: Date.now(),
      role,
      node: this.#options.node,
      mountpoint,
      address,
      userAgent: userAgent.slice(0, LOGIN_TEXT_LENGTH_MAX),
    };
  }
}

/** Logins by the signed API, as rows. */
export function terminalLogins(logins: LoginRows): TerminalLogins {
  const factsOf = ({ address, userAgent }: SignedCall, mountpoint: string): LoginFacts => ({
    ...{ role: 'terminal', mountpoint, address, userAgent },
  });
  return {
    lent: (call, owner, mountpoint) => logins.lent(factsOf(call, mountpoint), owner),
    refused: (call, { username, mountpoint }, refusal) =>
      logins.refused({ ...factsOf(call, mountpoint), username }, refusal),
  };
}
