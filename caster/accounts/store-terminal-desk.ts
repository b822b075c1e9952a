// The desk for devices' programs, over the store: by the same steps as signed NTRIP, up to the account, which it lends.

import type { FailureThrottle } from '../../platform/failure-throttle.ts';
import type { UsageOwner } from '../metering/usage-row.ts';
import type { Refusal } from './admission.ts';
import { leasePassword } from './account-password.ts';
import type { AccountUses } from './account-uses.ts';
import type { Activation } from './activation.ts';
import type { Allocation } from './allocation.ts';
import { deviceHolder } from './allocation-terms.ts';
import { about, type AppLoginParts, type AppParty, type Attempt, authenticateApp } from './app-login.ts';
import type { AccountRecord, AppRecord } from './directory-records.ts';
import { planOf, type ServiceTerms, termsOf } from './service-terms.ts';
import { askOfCall } from './signed-ask.ts';
import { type BalanceGate, checkBalance } from './steps/check-balance.ts';
import {
  checkAccount,
  checkMountpoint,
  checkPosition,
  checkRaw,
  checkShared,
} from './steps/authorize-account.ts';
import { checkWanted } from './steps/check-wanted.ts';
import { refuse } from './steps/refuse.ts';
import { refusedAllocation, type StoreAdmission, type StoreAdmissionParts } from './store-admission.ts';
import type {
  SignedCall,
  TerminalAnswer,
  TerminalDesk,
  TerminalLogin,
  TerminalLoginAsk,
  TerminalLogins,
  TerminalStatus,
} from './terminal-desk.ts';
import { storeDown } from './tiered-admission.ts';

export interface TerminalDeskParts extends AppLoginParts {
  readonly admission: StoreAdmission;
  readonly allocation: Allocation;
  readonly activation: Activation;
  readonly balances: BalanceGate;
  readonly uses: AccountUses;
  readonly accountKey: Buffer;
  readonly mountpoints: StoreAdmissionParts['mountpoints'];
  readonly throttle: () => FailureThrottle;
  readonly sessionsOfAccount: (accountId: string) => number;
  readonly onActivated: (accountId: string) => void;
  readonly failed: (error: unknown) => void;
  /** Hears of every refusal, for metrics and the record. */
  readonly onRefused: (call: SignedCall, user: string, mountpoint: string, refusal: Refusal) => void;
  /** Absent where nobody counts. */
  readonly logins: TerminalLogins | undefined;
}

interface Lent {
  readonly account: AccountRecord;
  readonly holder: string;
  /** The account was free before. */
  readonly isNew: boolean;
  readonly untilMs: number;
}

interface Party extends AppParty {
  readonly nonce: string;
  readonly attempt: Attempt;
}

export class StoreTerminalDesk implements TerminalDesk {
  readonly #parts: TerminalDeskParts;

  constructor(parts: TerminalDeskParts) {
    this.#parts = parts;
  }

  async login(call: SignedCall, ask: TerminalLoginAsk): Promise<TerminalAnswer<TerminalLogin>> {
    const mountpoint = ask.mountpoint ?? '';
    const answer = await this.#serve(call, mountpoint, (party) => this.#lendFor(call, ask, party));
    const username = userOf(askOfCall(call));
    if (!answer.ok) this.#parts.logins?.refused(call, { username, mountpoint }, answer);
    return answer;
  }

  async #lendFor(
    call: SignedCall,
    ask: TerminalLoginAsk,
    party: Party,
  ): Promise<TerminalAnswer<TerminalLogin>> {
    const { app, deviceId } = party;
    const { nowMs, isWanted } = party.attempt;
    const lent = await this.#lend(party);
    if (!('account' in lent)) return lent;
    const { account, holder, untilMs } = lent;
    const terms = await termsOf(this.#parts.directory, app, account);
    const use = { specId: terms.specId, mountpoint: ask.mountpoint ?? '' };
    const refusal =
      checkAccount(app, account, nowMs) ??
      this.#checkPlace(app, terms, ask) ??
      (await checkBalance(this.#parts.balances, app, account, use, nowMs)) ??
      checkWanted('allocation', isWanted);
    if (refusal !== undefined) {
      this.#giveBack(lent);
      return about(refusal, app, deviceId, account.id);
    }
    const expiresAtS = Math.floor(untilMs / 1000);
    const lease = { accountId: account.id, version: account.passwordVersion, holder, expiresAtS };
    const mountpoint = ask.mountpoint ?? this.#firstOf(terms, app);
    const { accountKey, logins } = this.#parts;
    logins?.lent(call, ownerOf(app, account, deviceId, terms.specId), mountpoint ?? '');
    const { username } = account;
    const password = leasePassword(accountKey, lease);
    return { ok: true, value: { username, password, mountpoint, expiresAtMs: expiresAtS * 1000 } };
  }

  activate(call: SignedCall): Promise<TerminalAnswer<TerminalStatus>> {
    return this.#serve(call, '', async (party) => {
      const { nowMs, isWanted } = party.attempt;
      const lent = await this.#lend(party, false);
      if (!('account' in lent)) return lent;
      const { account } = lent;
      const { app, deviceId } = party;
      const byConsole = account.activatedAtMs === undefined && app.activation === 'console';
      const refusal = byConsole
        ? refuse('account', 'activation_by_console_needed')
        : checkWanted('account', isWanted);
      if (refusal !== undefined) {
        this.#giveBack(lent);
        return about(refusal, app, deviceId, account.id);
      }
      const { directory, activation } = this.#parts;
      const plan = await planOf(directory, app, account);
      const activated =
        account.activatedAtMs === undefined
          ? await activation.activate(account, plan, nowMs, isWanted)
          : account;
      if (activated === undefined) return about(refuse('allocation', 'pool_exhausted'), app, deviceId);
      if (activated !== account) this.#parts.onActivated(account.id);
      return { ok: true, value: this.#statusOf(party, activated) };
    });
  }

  status(call: SignedCall): Promise<TerminalAnswer<TerminalStatus>> {
    return this.#serve(call, '', async (party) => {
      return { ok: true, value: this.#statusOf(party, await this.#accountOf(party)) };
    });
  }

  /** The one that it is bound to, or that it has or had last while nobody else has it. */
  async #accountOf({ device }: Party): Promise<AccountRecord | undefined> {
    const id = device?.accountId ?? device?.lastAccountId ?? undefined;
    if (device === undefined || id === undefined) return undefined;
    // Who has it is only in the store.
    const account = await this.#parts.directory.accounts.fresh(id);
    return id === device.accountId || account?.holder === deviceHolder(device.id) ? account : undefined;
  }

  async #serve<Value>(
    call: SignedCall,
    mountpoint: string,
    serve: (party: Party) => Promise<TerminalAnswer<Value>>,
  ): Promise<TerminalAnswer<Value>> {
    const ask = askOfCall(call);
    const user = userOf(ask);
    const answer = await this.#answer(call, ask, user, serve);
    if (!answer.ok) this.#parts.onRefused(call, user, mountpoint, answer);
    return answer;
  }

  async #answer<Value>(
    call: SignedCall,
    ask: ReturnType<typeof askOfCall>,
    user: string,
    serve: (party: Party) => Promise<TerminalAnswer<Value>>,
  ): Promise<TerminalAnswer<Value>> {
    const throttle = this.#parts.throttle();
    const attempt = { nowMs: Date.now(), isWanted: call.isWanted };
    const { nowMs } = attempt;
    try {
      const party = 'reason' in ask ? ask : await authenticateApp(this.#parts, 'api', ask, attempt);
      if (party.ok && !('reason' in ask)) {
        throttle.countSuccess(call.address, user);
        return await serve({ ...party, nonce: ask.nonce, attempt });
      }
      const refusal = party as Refusal;
      if (['app_unknown', 'signature_wrong', 'signature_malformed'].includes(refusal.reason)) {
        const waitS = throttle.waitS(call.address, user, nowMs);
        if (waitS > 0) return refuse('throttle', 'too_many_failures', { retryAfterS: waitS });
        throttle.countFailure(call.address, user, nowMs);
      }
      return refusal;
    } catch (error) {
      this.#parts.failed(error);
      return storeDown();
    }
  }

  async #lend(party: Party, activatedOnly?: boolean): Promise<Lent | Refusal> {
    const { nonce, attempt } = party;
    const untilMs = attempt.nowMs + party.app.allocation.holdS * 1000;
    const terms = { nameless: `n:${nonce}`, untilMs, activatedOnly, ...attempt };
    const answer = await this.#parts.admission.allocate(party, terms);
    if (!answer.ok) return refusedAllocation(answer, party);
    const { account, holder, isNew } = answer;
    return { account, holder, isNew, untilMs };
  }

  #giveBack({ account, holder, isNew }: Lent): void {
    if (!isNew || this.#parts.uses.has(account.id)) return;
    this.#parts.allocation.release({ accountId: account.id, holder, holdMs: undefined });
  }

  #checkPlace(
    { customerId }: AppRecord,
    { spec }: ServiceTerms,
    { mountpoint, position }: TerminalLoginAsk,
  ): Refusal | undefined {
    const { mountpoints } = this.#parts;
    const asked =
      mountpoint === undefined
        ? undefined
        : (checkMountpoint(spec, mountpoint, mountpoints.has(mountpoint)) ??
          checkShared(spec, mountpoints.servesOnly(mountpoint), customerId) ??
          checkRaw(spec, mountpoints.isRaw(mountpoint)));
    return asked ?? (position === undefined ? undefined : checkPosition(spec, position));
  }

  /** Of the mountpoints that the spec names, the first that serves the app's accounts what the spec asks for. */
  #firstOf({ spec }: ServiceTerms, { customerId }: AppRecord): string | undefined {
    const { mountpoints } = this.#parts;
    return spec.mountpoints?.find(
      (name) =>
        checkShared(spec, mountpoints.servesOnly(name), customerId) === undefined &&
        checkRaw(spec, mountpoints.isRaw(name)) === undefined,
    );
  }

  #statusOf({ app, deviceId, attempt }: Party, account: AccountRecord | undefined): TerminalStatus {
    const refusal = account === undefined ? undefined : checkAccount(app, account, attempt.nowMs);
    return {
      username: account?.username,
      activatedAtMs: account?.activatedAtMs,
      validUntilMs: account?.validUntilMs,
      sessions: account === undefined ? 0 : this.#parts.sessionsOfAccount(account.id),
      refusal: refusal === undefined ? undefined : about(refusal, app, deviceId, account?.id),
    };
  }
}

function userOf(ask: ReturnType<typeof askOfCall>): string {
  if ('reason' in ask) return '';
  return ask.device === '' ? ask.appKey : `${ask.appKey}/${ask.device}`;
}

function ownerOf(
  app: AppRecord,
  account: AccountRecord,
  device: string,
  specId: string | undefined,
): UsageOwner {
  return {
    ...{ customerId: app.customerId ?? '', appId: app.id, accountId: account.id, account: account.username },
    ...{ device, serviceSpecId: specId ?? '', billingPlanId: account.planId ?? app.planId ?? '' },
  };
}
