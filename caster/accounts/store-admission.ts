// Admission of rovers by the store, from what they present to the grant. Every step is a function of its own in
// steps/; here stands their order, and what is given back where a later one refuses.
//
//   signed:  app ▸ device ▸ nonce ▸ quota ▸ allocation ─┐
//   plain:   user name ▸ password ▸ app ▸ address ──────┴▸ account ▸ mountpoint ▸ place ─┐
//            ┌───────────────────────────────────────────────────────────────────────────┘
//            └▸ balance ▸ slots ▸ activation ▸ grant

import type {
  IsWanted,
  Refusal,
  RoverAdmissionRequest,
  RoverGrant,
  TableAdmissionRequest,
  TableGrant,
} from './admission.ts';
import { type AccountLogin, mayBeLent } from './account-login.ts';
import type { AccountUses } from './account-uses.ts';
import type { Activation } from './activation.ts';
import type { Allocation } from './allocation.ts';
import type { AllocationAnswer } from './allocation-ask.ts';
import { HELD_UNTIL_RELEASED, plainHolder } from './allocation-terms.ts';
import { about, type AppLoginParts, type AppParty, type Attempt, authenticateApp } from './app-login.ts';
import type { Serving } from './derived-limits.ts';
import type { AccountRecord, AppRecord, DeviceRecord } from './directory-records.ts';
import type { GrantLimits } from './grant-limits.ts';
import { DEFAULT_SERVICE_SPEC, type ServiceSpec, shapeOf } from './service-spec.ts';
import { customerOf, planOf, type ServiceTerms, termsOf } from './service-terms.ts';
import { newSessionId, type Session } from './session-registry.ts';
import { askOfRequest, isSignedPassword } from './signed-ask.ts';
import { checkAddress, checkStanding } from './steps/authenticate-app.ts';
import {
  checkAccount,
  checkMountpoint,
  checkPosition,
  checkRaw,
  checkShared,
} from './steps/authorize-account.ts';
import { type BalanceGate, checkBalance } from './steps/check-balance.ts';
import { checkDevice } from './steps/check-device.ts';
import { checkWanted } from './steps/check-wanted.ts';
import { limitsOf } from './steps/grant-limits.ts';
import { refuse } from './steps/refuse.ts';
import { takeSlots } from './steps/take-slots.ts';
import { isServed, type ServesOnly } from '../stream/served-mountpoint.ts';

/** An account whose login may go on, and everything that has been learned of it. */
export interface Login {
  readonly app: AppRecord;
  readonly account: AccountRecord;
  readonly holder: string;
  readonly device: DeviceRecord | undefined;
  readonly deviceId: string;
  readonly isRepeat: boolean;
  /** The account was free before. */
  readonly isNew: boolean;
  /** Which password it was; undefined where it was a signature. */
  readonly passwordMark: string | undefined;
  /** The app's secret that signed; undefined where it was a password. */
  readonly secret: string | undefined;
}

export interface OpenedGrant extends Login {
  readonly session: Session;
  readonly terms: ServiceTerms;
  readonly limits: GrantLimits;
  /** Changes may have been told of since this count, while the login was under way. */
  readonly changesAtStart: number;
}

export interface StoreAdmissionParts extends AppLoginParts {
  readonly allocation: Allocation;
  readonly activation: Activation;
  readonly balances: BalanceGate;
  readonly uses: AccountUses;
  readonly logins: AccountLogin;
  /** How many changes have been told of so far. */
  readonly changes: () => number;
  readonly mountpoints: {
    has(name: string): boolean;
    servesOnly(name: string): ServesOnly;
    isRaw(name: string): boolean;
    serving(name: string): Serving;
    names(): Iterable<string>;
  };
  /** A session of this or another node has lost its place to a newer login. */
  readonly onReplaced: (sessionId: string) => void;
  /** More sessions than the spec means the account to have. */
  readonly onOver: (grant: Login, sessionId: string) => void;
  /** Takes the session into the registry and everything else that follows it. */
  readonly onGrant: (grant: OpenedGrant) => void;
  /** A use of an account has ended: of `holders`, whoever held it, where it was the last one. */
  readonly onUnused: (login: Login, end: 'closed' | 'refused', holders: readonly string[]) => void;
}

export interface LoginAttempt extends Attempt {
  /** Whether a chosen password may be hashed for it. */
  readonly mayHash: boolean;
}

/** For whom an account is allocated, and until when. */
export interface AllocationTerms {
  /** Who holds it where no device is named. */
  readonly nameless: string;
  readonly untilMs: number;
  readonly nowMs: number;
  readonly activatedOnly?: boolean | undefined;
  readonly isWanted?: IsWanted;
}

export class StoreAdmission {
  readonly #parts: StoreAdmissionParts;
  /** Sessions that have their places and are not open yet; true where they have lost them meanwhile. */
  readonly #opening = new Map<string, boolean>();

  constructor(parts: StoreAdmissionParts) {
    this.#parts = parts;
  }

  /** False where no such session is about to open. */
  loseOpening(sessionId: string): boolean {
    if (!this.#opening.has(sessionId)) return false;
    this.#opening.set(sessionId, true);
    return true;
  }

  async admitRover(request: RoverAdmissionRequest, attempt: LoginAttempt): Promise<RoverGrant | Refusal> {
    const changesAtStart = this.#parts.changes();
    const login = isSignedPassword(request.password)
      ? await this.#loginSigned(request, attempt)
      : await this.#loginPlain(request, attempt);
    if ('reason' in login) return login;
    try {
      return await this.#grant(request, login, changesAtStart, attempt);
    } catch (error) {
      this.#leave(login);
      throw error;
    }
  }

  /** What this login could listen to, and in which shape. It uses no nonce and takes no account. */
  async admitTable(request: TableAdmissionRequest, attempt: LoginAttempt): Promise<TableGrant | Refusal> {
    if (isSignedPassword(request.password)) {
      const ask = askOfRequest(request);
      if ('reason' in ask) return ask;
      const party = await authenticateApp(this.#parts, 'table', ask, attempt);
      if (!party.ok) return party;
      const spec =
        party.app.specId === null ? undefined : await this.#parts.directory.specs.get(party.app.specId);
      return this.#table(party.app, spec?.spec ?? DEFAULT_SERVICE_SPEC);
    }
    const found = await this.#checkPassword(request, attempt);
    if ('reason' in found) return found;
    const { app, account } = found;
    const { directory } = this.#parts;
    const refusal =
      checkStanding(app, await customerOf(directory, app)) ??
      checkAddress(app, request.address) ??
      checkAccount(app, account, attempt.nowMs);
    if (refusal !== undefined) return about(refusal, app, '', account.id);
    const { spec } = await termsOf(directory, app, account);
    return this.#table(app, spec);
  }

  #table({ customerId }: AppRecord, spec: ServiceSpec): TableGrant {
    const { mountpoints } = this.#parts;
    const names = [...mountpoints.names()].filter(
      (name) =>
        (spec.mountpoints?.includes(name) ?? true) &&
        isServed(mountpoints.servesOnly(name), customerId) &&
        checkRaw(spec, mountpoints.isRaw(name)) === undefined,
    );
    return { ok: true, role: 'table', mountpoints: new Set(names), shape: shapeOf(spec) };
  }

  async #loginSigned(request: RoverAdmissionRequest, attempt: Attempt): Promise<Login | Refusal> {
    const ask = askOfRequest(request);
    if ('reason' in ask) return ask;
    const party = await authenticateApp(this.#parts, 'ntrip', ask, attempt);
    if (!party.ok) return party;
    const terms = { nameless: `n:${ask.nonce}`, untilMs: HELD_UNTIL_RELEASED, ...attempt };
    const answer = await this.allocate(party, terms);
    if (!answer.ok) return refusedAllocation(answer, party);
    this.#parts.uses.begin(answer.account.id, answer.holder);
    const { account, holder, device, isNew } = answer;
    const { app, deviceId, isRepeat, secret } = party;
    return { app, account, holder, device, deviceId, isRepeat, isNew, secret, passwordMark: undefined };
  }

  /** An account for the device, or for a nameless login by its nonce. */
  allocate(
    { app, device, deviceId }: AppParty,
    {
      nameless,
      untilMs,
      nowMs,
      isWanted,
      activatedOnly = app.activation !== 'first_connect',
    }: AllocationTerms,
  ): Promise<AllocationAnswer> {
    const ofDevice = deviceId === '' ? undefined : { deviceId, record: device };
    const holder = deviceId === '' ? nameless : undefined;
    const ask = { app, device: ofDevice, holder, accountId: undefined, activatedOnly, untilMs, nowMs };
    const asOf = this.#parts.directory.asOf();
    return this.#parts.allocation
      .take({ ...ask, isWanted })
      .then((answer) => this.#keep(answer, device, asOf));
  }

  #keep(answer: AllocationAnswer, known: DeviceRecord | undefined, asOf: number): AllocationAnswer {
    if (!answer.ok) return answer;
    const { directory } = this.#parts;
    directory.keepAccount(answer.account, asOf);
    if (answer.device === undefined) return answer;
    if (known === undefined) directory.keepDevice(answer.device, asOf);
    else directory.changeDevice(known, answer.device);
    return answer;
  }

  async #loginPlain(request: RoverAdmissionRequest, attempt: LoginAttempt): Promise<Login | Refusal> {
    const { nowMs, isWanted } = attempt;
    const found = await this.#checkPassword(request, attempt);
    if ('reason' in found) return found;
    const { app, account, isLent } = found;
    const { directory } = this.#parts;
    const standing =
      checkStanding(app, await customerOf(directory, app)) ?? checkAddress(app, request.address);
    if (standing !== undefined) return about(standing, app, '', account.id);
    const deviceRowId =
      isLent && account.holder?.startsWith('d:') === true ? account.holder.slice(2) : undefined;
    const device = deviceRowId === undefined ? undefined : await directory.devicesById.get(deviceRowId);
    const deviceId = device?.deviceId ?? '';
    const wrongDevice = device === undefined ? undefined : checkDevice(app, deviceId, device);
    if (wrongDevice !== undefined) return about(wrongDevice, app, deviceId, account.id);
    const holder = isLent ? account.holder! : plainHolder(account.id);
    const ask = { app, device: undefined, holder, accountId: account.id, activatedOnly: false };
    const terms = { untilMs: HELD_UNTIL_RELEASED, nowMs, isWanted };
    const answer = await this.#parts.allocation.take({ ...ask, ...terms });
    if (!answer.ok) {
      if (answer.reason === 'login_abandoned')
        return about(refuse('allocation', answer.reason), app, deviceId, account.id);
      return about(
        refuse('credentials', isLent ? 'lease_ended' : 'credentials_wrong'),
        app,
        deviceId,
        account.id,
      );
    }
    this.#parts.uses.begin(account.id, holder);
    const passwordMark = passwordMarkOf(answer.account);
    return {
      app,
      account: answer.account,
      holder,
      device,
      deviceId,
      isRepeat: false,
      isNew: answer.isNew && !isLent,
      passwordMark,
      secret: undefined,
    };
  }

  async #checkPassword(
    { username, password, address }: Pick<RoverAdmissionRequest, 'username' | 'password' | 'address'>,
    { nowMs, mayHash }: LoginAttempt,
  ): Promise<{ app: AppRecord; account: AccountRecord; isLent: boolean } | Refusal> {
    const { directory, logins } = this.#parts;
    // Who holds an account is only in the store.
    const account = mayBeLent(password)
      ? await directory.freshByUsername(username)
      : await directory.accountByUsername(username);
    const wrong = refuse('credentials', 'credentials_wrong');
    if (account === undefined) {
      logins.pretend(password);
      return { ...wrong, detail: 'there is no such user name' };
    }
    const app = await directory.apps.get(account.appId);
    if (app === undefined) return wrong;
    const verdict = await logins.verify(account, password, address, nowMs, mayHash);
    if (verdict === 'unknown') return about(refuse('throttle', 'too_many_failures'), app, '', account.id);
    if (verdict === 'busy') return about(refuse('credentials', 'passwords_busy'), app, '', account.id);
    if (verdict === 'wrong') return about({ ...wrong, detail: 'the password is wrong' }, app, '', account.id);
    if (verdict === 'lease_ended') return about(refuse('credentials', 'lease_ended'), app, '', account.id);
    return { app, account, isLent: verdict === 'lent' };
  }

  async #grant(
    request: RoverAdmissionRequest,
    login: Login,
    changesAtStart: number,
    { nowMs, isWanted }: Attempt,
  ): Promise<RoverGrant | Refusal> {
    const { directory, live, onOutage, mountpoints, activation, balances } = this.#parts;
    const { app, isRepeat } = login;
    const terms = await termsOf(directory, app, login.account);
    const refusal =
      checkAccount(app, login.account, nowMs) ??
      checkMountpoint(terms.spec, request.mountpoint, mountpoints.has(request.mountpoint)) ??
      checkShared(terms.spec, mountpoints.servesOnly(request.mountpoint), app.customerId) ??
      checkRaw(terms.spec, mountpoints.isRaw(request.mountpoint)) ??
      checkPosition(terms.spec, request.position);
    if (refusal !== undefined) return this.#refuseLogin(login, refusal);
    const use = { specId: terms.specId, mountpoint: request.mountpoint };
    const empty =
      (await checkBalance(balances, app, login.account, use, nowMs)) ?? checkWanted('slots', isWanted);
    if (empty !== undefined) return this.#refuseLogin(login, empty);
    const sessionId = newSessionId();
    this.#opening.set(sessionId, false);
    try {
      const claim = { sessionId, app, account: login.account, spec: terms.spec, isRepeat };
      const slots = await takeSlots(live, claim, onOutage);
      if ('reason' in slots) return this.#refuseLogin(login, slots);
      for (const replaced of slots.replaced) this.#parts.onReplaced(replaced);
      if (slots.over.length > 0) this.#parts.onOver(login, sessionId);
      const asOf = directory.asOf();
      const account =
        login.account.activatedAtMs === undefined
          ? await activation.activate(
              login.account,
              await planOf(directory, app, login.account),
              nowMs,
              isWanted,
            )
          : login.account;
      const late = this.#opening.get(sessionId) === true ? refuse('slots', 'sessions_full') : undefined;
      const lost = late ?? checkWanted('slots', isWanted);
      if (account === undefined || lost !== undefined) {
        live.releaseSlots(sessionId);
        return this.#refuseLogin(login, lost ?? refuse('slots', 'credentials_wrong'));
      }
      if (account !== login.account) directory.keepAccount(account, asOf);
      const limits = limitsOf({ ...login, account }, terms, mountpoints.serving(request.mountpoint));
      const session = sessionOf(request, { ...login, account }, sessionId, nowMs);
      this.#parts.onGrant({ ...login, account, session, terms, limits, changesAtStart });
      return {
        ok: true,
        role: 'rover',
        sessionId,
        mountpoint: request.mountpoint,
        account: account.username,
        limits,
      };
    } catch (error) {
      live.releaseSlots(sessionId);
      throw error;
    } finally {
      this.#opening.delete(sessionId);
    }
  }

  #refuseLogin(login: Login, refusal: Refusal): Refusal {
    this.#leave(login);
    return about(refusal, login.app, login.deviceId, login.account.id);
  }

  #leave(login: Login): void {
    this.#parts.onUnused(login, 'refused', this.#parts.uses.end(login.account.id));
  }
}

export function refusedAllocation(
  answer: AllocationAnswer & { ok: false },
  { app, deviceId }: AppParty,
): Refusal {
  const { reason } = answer;
  const step = reason === 'devices_full' ? 'quota' : reason === 'device_not_bound' ? 'device' : 'allocation';
  return about(refuse(step, reason), app, deviceId);
}

/** Changes with the password, so that a session that came in by it can be told to go. */
export function passwordMarkOf({ passwordVersion, passwordHash }: AccountRecord): string {
  return `${passwordVersion} ${passwordHash ?? ''}`;
}

function sessionOf(
  request: RoverAdmissionRequest,
  { app, account, deviceId }: Login,
  id: string,
  nowMs: number,
): Session {
  return {
    id,
    role: 'rover',
    worker: request.worker,
    mountpoint: request.mountpoint,
    account: account.username,
    customerId: app.customerId,
    appId: app.id,
    accountId: account.id,
    device: deviceId === '' ? undefined : deviceId,
    address: request.address,
    userAgent: request.userAgent,
    version: request.version,
    secure: request.secure,
    startedAtMs: nowMs,
    generation: 0,
  };
}
